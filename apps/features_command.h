/// @file
/// ludus features: what a network computes of the images of a folder before its classifier, as NPZ.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_features_command(CLI::App& program);

}  // namespace ludus::apps
