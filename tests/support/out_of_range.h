// Values just outside the range of a field, for tests over all fields.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "base/fields.h"

namespace ludus {

inline std::vector<Value> values_outside(const FieldInfo& field) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Range& range = field.range;
  if (range.is_anything()) return {};
  if (range.is_names()) return {"no such name"};
  std::vector<Value> values;
  const auto add = [&](double bound, bool is_excluded, double direction) {
    if (!std::isfinite(bound)) return;
    if (field.is_integer) {
      values.emplace_back(static_cast<std::int64_t>(bound) + (direction < 0 ? -1 : 1));
    } else {
      // beside 0 a normal number: with denormals flushed to 0, as a training does, the next one is equal to 0
      const double beside = bound == 0 ? direction * 1e-300 : std::nextafter(bound, direction * kInfinity);
      values.emplace_back(is_excluded ? bound : beside);
    }
  };
  add(range.low(), range.excludes_low(), -1);
  add(range.high(), range.excludes_high(), 1);
  if (!field.is_integer) {
    values.emplace_back(std::nan(""));
    if (!range.includes_infinity()) values.emplace_back(kInfinity);
  }
  return values;
}

}  // namespace ludus
