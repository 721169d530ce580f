/// @file
/// ludus export: writes a trained policy in a format that needs no ludus.
#pragma once

#include "apps/command.h"

namespace ludus::apps {

Command add_export_command(CLI::App& program);

}  // namespace ludus::apps
