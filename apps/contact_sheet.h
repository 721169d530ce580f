/// @file
/// One image of all environments.
#pragma once

#include <filesystem>

namespace ludus::apps {

/// Writes a PNG with a small image of each registered environment that can be drawn, its id below, in the order of the
/// ids: each from seed 0 after some random steps (of an episode that ends, the last state before its end). Throws
/// UsageError for another kind of file.
void write_contact_sheet(const std::filesystem::path& path);

}  // namespace ludus::apps
