// One picture of every environment.
#pragma once

#include <filesystem>

namespace ludus::apps {

// Writes a PNG with a small picture of each registered environment that can be drawn, its id below it, in the order of
// the ids: each from seed 0 after a few random steps (an episode that ends shows its last state before the end). Throws
// UsageError for another kind of file.
void write_contact_sheet(const std::filesystem::path& path);

}  // namespace ludus::apps
