// How much memory a training takes, told and checked before it begins.
#pragma once

#include <string>

#include "agents/core/agent.h"

namespace ludus::agents {

// "4.6 MiB", "1.2 GiB".
std::string bytes_text(double bytes);

// Throws InvalidArgument if agent.memory_bytes() is more than the machine has: the system would end the program without
// a word.
void check_memory(const Agent& agent);

}  // namespace ludus::agents
