// Scaling of a bounded Box of actions to [-1, 1], the range of tanh policies and the input of critics.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "agents/core/policy.h"

namespace ludus::agents {

class ActionScale {
 public:
  /// Throws NotApplicable, naming `algorithm`, unless the action space is a Box of floating-point numbers with finite
  /// bounds.
  ActionScale(const EnvSignature& facts, std::string_view algorithm);

  const std::vector<float>& low() const { return low_; }  // (action_size)
  const std::vector<float>& high() const { return high_; }

  /// Convert rows of actions (n x action_size) in place.
  void from_unit(std::span<float> actions) const;  // [-1, 1] to [low, high]
  void to_unit(std::span<float> actions) const;    // [low, high] to [-1, 1]; 0 where low equals high

 private:
  std::vector<float> low_, high_;  // (action_size)
};

}  // namespace ludus::agents
