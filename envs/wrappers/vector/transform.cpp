#include "envs/wrappers/vector/transform.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "envs/core/env.h"
#include "envs/vector/action_rows.h"

namespace ludus::envs::vector {
namespace {

WrapperSpec vector_spec(const WrapperSpec& single) {
  return {"vector." + single.name, single.kwargs};
}

template <class From, class To>
void cast_row(std::span<const From> from, std::span<To> to) {
  std::transform(from.begin(), from.end(), to.begin(), [](From number) { return static_cast<To>(number); });
}

// Actions of the kind and number that the environments take.
ActionBatch sized_actions(VectorEnv& envs) {
  const std::size_t count = envs.num_envs() * envs.action_size();
  ActionBatch actions;
  if (envs.has_continuous_actions()) {
    actions.continuous.resize(count);
  } else {
    actions.discrete.resize(count);
  }
  return actions;
}

}  // namespace

VectorizeTransformObservation::VectorizeTransformObservation(VectorEnvPtr envs, const MakeObservationTransform& make)
    : VectorizeTransformObservation(make(envs->single_observation_space()), std::move(envs)) {}

VectorizeTransformObservation::VectorizeTransformObservation(ObservationTransform transform, VectorEnvPtr&& envs)
    : VectorWrapper(std::move(envs), vector_spec(transform.self), std::move(transform.space)),
      apply_(std::move(transform.apply)),
      row_in_(inner().observation_size()),
      row_out_(observation_size()) {}

void VectorizeTransformObservation::after_step(const VectorStep& inside) {
  copy_all_but_observations(inside);
  const std::size_t from = inner().observation_size();
  for (std::size_t i = 0; i < num_envs(); ++i) {
    apply({inside.observations.data() + i * from, from}, row(result_.observations, i));
    if (inside.has_final[i]) {
      apply({inside.final_observations.data() + i * from, from}, row(result_.final_observations, i));
    }
  }
}

void VectorizeTransformObservation::apply(std::span<const float> from, std::span<float> to) {
  cast_row(from, std::span<double>(row_in_));
  inner().single_observation_space().from_row_into(row_in_, in_);
  apply_(in_, out_);
  single_observation_space().to_row(out_, row_out_);
  cast_row(std::span<const double>(row_out_), to);
}

void TransformObservation::after_step(const VectorStep& inside) {
  copy_all_but_observations(inside);
  function_(inside.observations, result_.observations);
  const bool any = std::any_of(inside.has_final.begin(), inside.has_final.end(), [](std::uint8_t has) { return has; });
  if (any) function_(inside.final_observations, result_.final_observations);
}

VectorizeTransformAction::VectorizeTransformAction(VectorEnvPtr envs, const MakeActionTransform& make)
    : VectorizeTransformAction(make(envs->single_action_space()), std::move(envs)) {}

VectorizeTransformAction::VectorizeTransformAction(ActionTransform transform, VectorEnvPtr&& envs)
    : VectorWrapper(std::move(envs), vector_spec(transform.self), {}, std::move(transform.space)),
      apply_(std::move(transform.apply)),
      row_in_(action_size()),
      row_out_(inner().action_size()),
      inner_actions_(sized_actions(inner())) {}

const VectorStep& VectorizeTransformAction::step(ActionView actions) {
  check_actions(actions);
  actions.visit([&](auto numbers) { transform_rows(numbers); });
  return VectorWrapper::step(inner_actions_);
}

template <class T>
void VectorizeTransformAction::transform_rows(std::span<const T> actions) {
  const std::size_t size = inner().action_size();
  for (std::size_t i = 0; i < num_envs(); ++i) {
    // an environment that resets in this step ignores its action
    const bool ignored = autoreset_mode() == AutoresetMode::kNextStep && (last().terminated[i] || last().truncated[i]);
    if (ignored) continue;
    cast_row(actions.subspan(i * action_size(), action_size()), std::span<double>(row_in_));
    single_action_space().from_row_into(row_in_, in_);
    apply_(in_, out_);
    inner().single_action_space().to_row(out_, row_out_);
    const auto place = [&](auto& numbers) {
      cast_row(std::span<const double>(row_out_), std::span(numbers).subspan(i * size, size));
    };
    if (inner_actions_.discrete.empty()) {
      place(inner_actions_.continuous);
    } else {
      place(inner_actions_.discrete);
    }
  }
}

TransformAction::TransformAction(VectorEnvPtr envs, ContinuousFn function, SpacePtr space)
    : VectorWrapper(std::move(envs), {"vector.TransformAction", {}}, {}, std::move(space)),
      continuous_fn_(std::move(function)),
      inner_actions_(sized_actions(inner())) {
  if (is_continuous(single_action_space()) && is_continuous(inner().single_action_space())) return;
  throw InvalidArgument(
      formatted("vector.TransformAction: a function of continuous actions needs a Box action space, got {}",
                inner().single_action_space().to_string()));
}

TransformAction::TransformAction(VectorEnvPtr envs, DiscreteFn function, SpacePtr space)
    : VectorWrapper(std::move(envs), {"vector.TransformAction", {}}, {}, std::move(space)),
      discrete_fn_(std::move(function)),
      inner_actions_(sized_actions(inner())) {
  if (!is_continuous(single_action_space()) && !is_continuous(inner().single_action_space())) return;
  throw InvalidArgument(
      formatted("vector.TransformAction: a function of discrete actions needs a discrete action space, got {}",
                inner().single_action_space().to_string()));
}

const VectorStep& TransformAction::step(ActionView actions) {
  check_actions(actions);
  if (actions.is_continuous()) {
    continuous_fn_(actions.continuous(), inner_actions_.continuous);
  } else {
    discrete_fn_(actions.discrete(), inner_actions_.discrete);
  }
  return VectorWrapper::step(inner_actions_);
}

void VectorizeTransformReward::after_step(const VectorStep& inside) {
  result_ = inside;
  for (double& reward : result_.rewards) reward = apply_(reward);
}

void TransformReward::after_step(const VectorStep& inside) {
  result_ = inside;
  function_(result_.rewards);
}

}  // namespace ludus::envs::vector
