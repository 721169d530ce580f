#include "agents/core/finite.h"

#include <cmath>
#include <limits>

#include "base/format.h"

namespace ludus::agents {

void check_finite(std::span<const double> rewards, std::span<const float> observations, const std::string& env_id,
                  const std::function<std::string()>& when) {
  constexpr auto kMost = static_cast<double>(std::numeric_limits<float>::max());
  for (const double reward : rewards) {
    if (std::abs(reward) <= kMost) continue;  // false for NaN
    throw WorkError(
        formatted("{}: rewards must be finite and at most {:.1e} in magnitude, got {} {}; fix the environment", env_id,
                  kMost, reward, when()));
  }
  for (const float number : observations) {
    if (std::isfinite(number)) continue;
    throw WorkError(
        formatted("{}: observations must be finite, got {} {}; fix the environment", env_id, number, when()));
  }
}

}  // namespace ludus::agents
