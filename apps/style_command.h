/// @file
/// `ludus style`
#pragma once

#include "apps/command.h"

namespace ludus::apps {

/// Adds the subcommand that gives an image the style of another.
Command add_style_command(CLI::App& program);

}  // namespace ludus::apps
