#include "envs/classic_control/reset_options.h"

#include <cmath>

namespace ludus::envs {

double finite_option(std::string_view name, const Value& value) {
  if (value.is_number() && std::isfinite(value.as_double())) return value.as_double();
  throw InvalidArgument("the reset option \"" + std::string(name) + "\" must be a finite number, and is " +
                        value.describe());
}

ResetBounds reset_bounds(const Dict& options, double default_low, double default_high) {
  ResetBounds bounds{default_low, default_high};
  for (const auto& [key, value] : options) {
    if (key == "low") {
      bounds.low = finite_option(key, value);
    } else if (key == "high") {
      bounds.high = finite_option(key, value);
    } else {
      throw InvalidArgument("there is no reset option \"" + key + "\"; there are: low, high");
    }
  }
  if (!(bounds.low <= bounds.high)) {
    throw InvalidArgument("the reset option low (" + std::to_string(bounds.low) + ") exceeds high (" +
                          std::to_string(bounds.high) + ")");
  }
  return bounds;
}

}  // namespace ludus::envs
