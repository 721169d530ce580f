#include "runs/units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "base/format.h"

namespace ludus::runs {

std::string bytes_text(double bytes) {
  constexpr std::array<const char*, 5> kUnits{"KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  double number = bytes / 1024;
  while (number >= 1023.95 && unit + 1 < kUnits.size()) {
    number /= 1024;
    ++unit;
  }
  return formatted("{:.1f} {}", number, kUnits[unit]);
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::max(std::ceil(seconds), 0.0));
  if (whole < 60) return formatted("{} s", whole);
  if (whole < 3600) return formatted("{} min {} s", whole / 60, whole % 60);
  return formatted("{} h {} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace ludus::runs
