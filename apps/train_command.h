/// @file
/// ludus train: trains an agent, and writes a run folder.
#pragma once

#include <string>
#include <vector>

#include "apps/command.h"

namespace ludus::apps {

/// `arguments`: the whole command line without the program's name, which the subprocesses of --seeds get.
Command add_train_command(CLI::App& program, std::vector<std::string> arguments);

}  // namespace ludus::apps
