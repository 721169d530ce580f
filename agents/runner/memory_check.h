/// @file
/// Checks that the machine has enough memory for a training.
#pragma once

#include "agents/core/agent.h"

namespace ludus::agents {

/// Returns the memory of the machine in bytes.
double machine_memory();

/// Throws InvalidArgument if agent.memory_bytes() exceeds the machine's memory: the system would kill the program
/// without a message.
void check_memory(const Agent& agent);

}  // namespace ludus::agents
