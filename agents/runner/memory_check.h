/// @file
/// Checks that the machine has the memory that a training takes.
#pragma once

#include "agents/core/agent.h"

namespace ludus::agents {

/// Throws InvalidArgument if agent.memory_bytes() is more than the machine has: the system would end the program
/// without a message.
void check_memory(const Agent& agent);

}  // namespace ludus::agents
