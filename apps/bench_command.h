// ludus bench: how well the algorithms learn, measured and written down.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_bench_command(CLI::App& program);

}  // namespace ludus::apps
