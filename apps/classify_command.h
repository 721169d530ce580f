/// @file
/// ludus classify: names what photographs show, by a network of the zoo with its published weights.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_classify_command(CLI::App& program);

}  // namespace ludus::apps
