/// @file
/// Checks that the numbers of an environment are finite.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/error.h"

namespace ludus::agents {

/// Throws WorkError, naming the environment and when() ("in step 3"), unless every reward and every number of the
/// observations is finite; a reward also as float32, in which networks learn from it.
void check_finite(std::span<const double> rewards, std::span<const float> observations, const std::string& env_id,
                  const std::function<std::string()>& when);

}  // namespace ludus::agents
