/// @file
/// ludus envs: lists and describes the environments.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_envs_command(CLI::App& program);

}  // namespace ludus::apps
