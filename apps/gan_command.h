/// @file
/// `ludus gan`
#pragma once

#include "apps/command.h"

namespace ludus::apps {

/// Adds the subcommand that trains generative adversarial networks, samples from their generators and evaluates them.
Command add_gan_command(CLI::App& program);

}  // namespace ludus::apps
