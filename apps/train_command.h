// ludus train: an algorithm learns in an environment, and leaves a run's folder.
#pragma once

#include <string>
#include <vector>

#include "apps/command.h"

namespace ludus::apps {

// `arguments`: the whole command line without the program's name; trainings of several seeds pass it on to processes
// of their own.
Command add_train_command(CLI::App& program, std::vector<std::string> arguments);

}  // namespace ludus::apps
