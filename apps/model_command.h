/// @file
/// ludus model: shows, runs, freezes and converts models.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_model_command(CLI::App& program);

}  // namespace ludus::apps
