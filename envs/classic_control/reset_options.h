// The reset options that the classic control environments share.
#pragma once

#include "base/value.h"

namespace ludus::envs {

// Between what the numbers of a first state are drawn.
struct ResetBounds {
  double low;
  double high;
};

// "low" and "high" of `options`; throws InvalidArgument for other keys, what is not a finite number, or low > high.
ResetBounds reset_bounds(const Dict& options, double default_low, double default_high);

// A reset option as a finite number; throws InvalidArgument naming it.
double finite_option(std::string_view name, const Value& value);

}  // namespace ludus::envs
