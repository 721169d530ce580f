/// @file
/// ludus predict: computes the predictions of a model.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_predict_command(CLI::App& program);

}  // namespace ludus::apps
