/// @file
/// ludus bench: measures how well algorithms learn, and writes pages of results.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_bench_command(CLI::App& program);

}  // namespace ludus::apps
