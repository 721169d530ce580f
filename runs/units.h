/// @file
/// Sizes and times in the units in which people read them.
#pragma once

#include <string>

namespace ludus::runs {

/// Returns "4.6 MiB", "1.2 GiB".
std::string bytes_text(double bytes);

/// Returns "12 s", "3 min 20 s", "2 h 5 min", rounded up to a second.
std::string duration_text(double seconds);

}  // namespace ludus::runs
