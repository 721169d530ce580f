// A bounded Box of actions seen as [-1, 1] in every number, which is what policies with a tanh give and critics learn from.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "agents/core/policy.h"

namespace ludus::agents {

class ActionScale {
 public:
  // Throws NotApplicable, naming `algorithm`, unless the actions are a Box of reals, bounded on both sides.
  ActionScale(const EnvSignature& facts, std::string_view algorithm);

  // Rows of actions (n x action_size) in place.
  void from_unit(std::span<float> actions) const;  // [-1, 1] to [low, high]
  void to_unit(std::span<float> actions) const;    // and back; a number whose bounds are equal becomes 0

 private:
  std::vector<float> low_, high_;  // (action_size)
};

}  // namespace ludus::agents
