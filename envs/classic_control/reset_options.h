/// @file
/// Reset options shared by the classic control environments.
#pragma once

#include "base/value.h"

namespace ludus::envs {

/// Bounds of the uniform distribution of initial states.
struct ResetBounds {
  double low;
  double high;
};

/// Reads "low" and "high" of `options`. Throws InvalidArgument for other keys, non-finite values, or low > high.
ResetBounds reset_bounds(const Dict& options, double default_low, double default_high);

/// Returns a reset option as a finite number. Throws InvalidArgument with its name otherwise.
double finite_option(std::string_view name, const Value& value);

}  // namespace ludus::envs
