/// @file
/// ludus fit: trains a model on data, and writes a run folder.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_fit_command(CLI::App& program);

}  // namespace ludus::apps
