// The mapping from the outputs of a policy network to the actions of a space.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agents/core/policy.h"
#include "nn/networks/action_options.h"

namespace ludus::nn {
struct ActionDecoder;
}

namespace ludus::agents {

/// Converts rows of a policy (nn/networks/action_options.h: classes from 0, binary values, unbounded floats) to actions
/// of a space.
struct ActionLayout {
  nn::ActionOptions options;
  std::vector<std::int64_t> start;  // Discrete, MultiDiscrete: (k), the action of class 0
  std::vector<float> low, high;     // Box: (k) bounds, which may be infinite

  /// Converts `rows` (n x k) to the form that the environments take: continuous actions are clipped to the bounds.
  void to_actions(std::span<const float> rows, envs::ActionBatch& out) const;
  /// Returns the conversion of a network's outputs to the actions of greatest probability.
  nn::ActionDecoder decoder() const;
  /// The inverse of to_actions(), for actions within the bounds.
  void to_rows(const envs::ActionBatch& actions, std::vector<float>& rows) const;
};

/// Returns the layout of a Discrete, MultiDiscrete, MultiBinary or floating-point Box space; throws NotApplicable,
/// naming `algorithm`, for any other space.
ActionLayout action_layout(const EnvSignature& facts, std::string_view algorithm);

}  // namespace ludus::agents
