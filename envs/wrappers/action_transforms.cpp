#include "envs/wrappers/action_transforms.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/format.h"
#include "envs/core/env.h"
#include "envs/spaces/element.h"
#include "envs/wrappers/box_grid.h"
#include "envs/wrappers/rescale_box.h"
#include "envs/wrappers/wrapper_arguments.h"

namespace ludus::envs {

MakeActionTransform clip_action() {
  return [](const Space& inside) {
    const auto* box = dynamic_cast<const Box*>(&inside);
    if (!box) throw InvalidArgument(formatted("ClipAction needs a Box, got {}", inside.to_string()));
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    auto apply = [low = box->low(), high = box->high()](const Value& action, Value& out) {
      if (!action.is_array() || !(action.as_array().shape() == low.shape())) {
        throw InvalidAction(
            formatted("{} cannot be clipped; give an array of shape {}", action.describe(), low.shape().to_string()));
      }
      const Array& from = action.as_array();
      Array& to = array_in(out, result_type(from.dtype(), low.dtype()), from.shape());
      // a NaN stays one, for the environment to refuse
      for (std::size_t i = 0; i < from.size(); ++i) to.set(i, std::clamp(from.get(i), low.get(i), high.get(i)));
    };
    return ActionTransform{
        {"ClipAction", {}}, std::make_unique<Box>(-kInfinity, kInfinity, box->shape(), box->dtype()), std::move(apply)};
  };
}

MakeActionTransform rescale_action(const Value& min_action, const Value& max_action) {
  return [min_action, max_action](const Space& inside) {
    const BoxRescaling rescaling(inside, min_action, max_action);
    return ActionTransform{{"RescaleAction", {{"min_action", min_action}, {"max_action", max_action}}},
                           rescaling.image(),
                           [rescaling](const Value& action, Value& out) { rescaling.backward(action, out); }};
  };
}

MakeActionTransform discretize_action(const std::vector<std::int64_t>& bins, bool multidiscrete) {
  check_fields(DiscretizeArguments{bins, multidiscrete}, "DiscretizeAction");
  return [bins, multidiscrete](const Space& inside) {
    const BoxGrid grid(inside, bins, multidiscrete);
    return ActionTransform{{"DiscretizeAction", {{"bins", bins_argument(bins)}, {"multidiscrete", multidiscrete}}},
                           grid.cells(),
                           [grid](const Value& cell, Value& out) { grid.middle_of(cell, out); }};
  };
}

RewardTransform clip_reward(std::optional<double> min_reward, std::optional<double> max_reward) {
  check_fields(ClipRewardArguments{min_reward, max_reward}, "ClipReward");
  const auto shown = [](std::optional<double> bound) { return bound ? Value(*bound) : Value(); };
  return {{"ClipReward", {{"min_reward", shown(min_reward)}, {"max_reward", shown(max_reward)}}},
          [min_reward, max_reward](double reward) {
            if (min_reward) reward = std::max(reward, *min_reward);
            if (max_reward) reward = std::min(reward, *max_reward);
            return reward;
          }};
}

}  // namespace ludus::envs
