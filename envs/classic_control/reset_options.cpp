#include "envs/classic_control/reset_options.h"

#include <cmath>

#include "base/format.h"

namespace ludus::envs {

double finite_option(std::string_view name, const Value& value) {
  if (value.is_number() && std::isfinite(value.as_double())) return value.as_double();
  throw InvalidArgument(formatted("the reset option \"{}\" must be a finite number, got {}", name, value.describe()));
}

ResetBounds reset_bounds(const Dict& options, double default_low, double default_high) {
  ResetBounds bounds{default_low, default_high};
  for (const auto& [key, value] : options) {
    if (key == "low") {
      bounds.low = finite_option(key, value);
    } else if (key == "high") {
      bounds.high = finite_option(key, value);
    } else {
      throw InvalidArgument(formatted("unknown reset option \"{}\"; options: low, high", key));
    }
  }
  if (!(bounds.low <= bounds.high)) {
    throw InvalidArgument(
        formatted("the reset option low must not exceed high, got {} and {}", bounds.low, bounds.high));
  }
  return bounds;
}

}  // namespace ludus::envs
