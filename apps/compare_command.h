/// @file
/// ludus compare: evaluates several policies on the same episodes.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_compare_command(CLI::App& program);

}  // namespace ludus::apps
