/// @file
/// ludus finetune: a network with published weights learns the classes of a folder of images.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_finetune_command(CLI::App& program);

}  // namespace ludus::apps
