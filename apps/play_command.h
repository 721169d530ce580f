// ludus play: a policy, or a person, in a window or on film.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_play_command(CLI::App& program);

}  // namespace ludus::apps
