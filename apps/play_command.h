/// @file
/// ludus play: runs a policy or a person in a window, or records a video.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_play_command(CLI::App& program);

}  // namespace ludus::apps
