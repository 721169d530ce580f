#include "agents/deep/action_scale.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/format.h"
#include "envs/spaces/element.h"

namespace ludus::agents {

ActionScale::ActionScale(const EnvSignature& facts, std::string_view algorithm) {
  const auto* box = dynamic_cast<const envs::Box*>(facts.action_space.get());
  const bool real = box && (box->dtype() == DType::kFloat32 || box->dtype() == DType::kFloat64);
  if (!real || !box->is_bounded() || box->low().size() == 0) {
    throw NotApplicable(std::string(algorithm) +
                        " needs actions that are a Box of real numbers with finite bounds, and those of " +
                        facts.spec.id + " are " + facts.action_space->to_string());
  }
  envs::FloatBounds bounds = envs::float_bounds(*box);
  low_ = std::move(bounds.low);
  high_ = std::move(bounds.high);
  for (std::size_t i = 0; i < low_.size(); ++i) {
    if (std::isfinite(high_[i] - low_[i])) continue;
    throw NotApplicable(formatted(
        "{}: the actions of {} must span a range that float32 can represent, and are {}; rescale them with --wrap "
        "RescaleAction:min_action=-1,max_action=1",
        algorithm, facts.spec.id, box->to_string()));
  }
}

// a = low + ½ (u + 1) (high − low), clamped against rounding beyond a bound
void ActionScale::from_unit(std::span<float> actions) const {
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const float low = low_[i % low_.size()], high = high_[i % low_.size()];
    actions[i] = std::clamp(low + 0.5f * (actions[i] + 1.0f) * (high - low), low, high);
  }
}

// u = 2 (a − low) / (high − low) − 1
void ActionScale::to_unit(std::span<float> actions) const {
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const float low = low_[i % low_.size()], high = high_[i % low_.size()];
    actions[i] = high > low ? std::clamp(2.0f * (actions[i] - low) / (high - low) - 1.0f, -1.0f, 1.0f) : 0.0f;
  }
}

}  // namespace ludus::agents
