/// @file
/// ludus eval: evaluates a policy.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_eval_command(CLI::App& program);

}  // namespace ludus::apps
