/// @file
/// ludus image: changes an image file.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_image_command(CLI::App& program);

}  // namespace ludus::apps
