// What the numbers of an action mean, for the policy network that gives them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agents/core/policy.h"
#include "nn/networks/action_options.h"

namespace ludus::agents {

// How rows of a policy (nn/networks/action_options.h: classes from 0, switches, reals without bounds) become actions of a
// space.
struct ActionLayout {
  nn::ActionOptions options;
  std::vector<std::int64_t> start;  // Discrete, MultiDiscrete: (k), what class 0 stands for
  std::vector<float> low, high;     // Box: (k) bounds, which may be infinite

  // `rows` (n x k) as the environments take them: real numbers are clipped to the bounds.
  void to_actions(std::span<const float> rows, Actions& out) const;
};

// Discrete, MultiDiscrete, MultiBinary and Box of floating-point numbers; throws NotApplicable, naming `algorithm`, for
// any other space.
ActionLayout action_layout(const EnvSignature& facts, std::string_view algorithm);

}  // namespace ludus::agents
