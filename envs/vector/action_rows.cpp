#include "envs/vector/action_rows.h"

#include <algorithm>
#include <cmath>

namespace ludus::envs {

bool is_continuous(const Space& space) {
  const auto* box = dynamic_cast<const Box*>(&space);
  return box && is_floating(box->dtype());
}

Value action_of(const Space& space, std::span<const std::int64_t> row, std::span<double> scratch) {
  if (dynamic_cast<const Discrete*>(&space)) return row[0];
  std::transform(row.begin(), row.end(), scratch.begin(), [](std::int64_t n) { return static_cast<double>(n); });
  return space.from_row(scratch);
}

Value action_of(const Space& space, std::span<const float> row, std::span<double> scratch) {
  std::copy(row.begin(), row.end(), scratch.begin());
  return space.from_row(scratch);
}

bool takes_action(const Space& space, std::span<const std::int64_t> row, std::span<double> scratch) {
  return !is_continuous(space) && space.contains(action_of(space, row, scratch));
}

bool takes_action(const Space& space, std::span<const float> row, std::span<double>) {
  return is_continuous(space) &&
         std::all_of(row.begin(), row.end(), [](float number) { return std::isfinite(number); });
}

}  // namespace ludus::envs
