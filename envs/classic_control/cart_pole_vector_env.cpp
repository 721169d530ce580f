#include "envs/classic_control/cart_pole_vector_env.h"

#include "base/state_fields.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"

namespace ludus::envs {

CartPoleVectorEnv::CartPoleVectorEnv(const EnvSpec& spec, std::size_t num_envs, AutoresetMode mode)
    : VectorEnv(num_envs, CartPole{}.observation_space(), CartPole{}.action_space(), mode, spec),
      sim_(make_simulator<CartPole>(spec.kwargs, spec.id)),
      max_episode_steps_(spec.max_episode_steps.value_or(0)) {
  if (mode != AutoresetMode::kNextStep) {
    throw NotSupported(formatted("the batched form of {} resets in the next step only; use the mode simulator for {}",
                                 spec.id, name_of(mode)));
  }
  for (auto* numbers : {&x_, &x_dot_, &theta_, &theta_dot_}) numbers->resize(num_envs);
  steps_.resize(num_envs);
  ended_.resize(num_envs);
}

const VectorStep& CartPoleVectorEnv::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  if (options.contains("reset_mask")) {
    throw NotSupported(
        formatted("the batched form of {} resets as a whole; use the mode simulator for reset_mask", spec().id));
  }
  bounds_ = reset_bounds(options, -0.05, 0.05);
  if (seed) generator_.emplace(*seed);
  if (!generator_) generator_.emplace(entropy_seed());
  std::fill(ended_.begin(), ended_.end(), std::uint8_t{1});
  reset_ended();
  std::fill(ended_.begin(), ended_.end(), std::uint8_t{0});
  for (auto* flags : {&result_.terminated, &result_.truncated, &result_.was_reset}) {
    std::fill(flags->begin(), flags->end(), std::uint8_t{0});
  }
  std::fill(result_.rewards.begin(), result_.rewards.end(), 0.0);
  started_ = true;
  write_observations();
  return result_;
}

Scene CartPoleVectorEnv::render(std::size_t i) const {
  if (!started_) throw ResetNeeded("render() was called before the first reset(); call reset() to begin an episode");
  return sim_.draw(
      {.x = x_.at(i), .x_dot = x_dot_[i], .theta = theta_[i], .theta_dot = theta_dot_[i], .fallen = ended_[i] != 0});
}

const VectorStep& CartPoleVectorEnv::step(ActionView actions) {
  if (!started_) throw ResetNeeded("step() was called before the first reset(); call reset() to begin the episodes");
  check_actions(actions);
  for (const std::int64_t action : actions.discrete()) {
    if (action != 0 && action != 1) reject_action(formatted("the action {}", action));
  }

  advance(actions.discrete());
  for (std::size_t i = 0; i < num_envs(); ++i) {
    const bool fallen =
        std::abs(x_[i]) > sim_.config.x_threshold || std::abs(theta_[i]) > sim_.config.theta_threshold_radians;
    ++steps_[i];
    result_.was_reset[i] = ended_[i];
    result_.terminated[i] = fallen && !ended_[i];
    result_.truncated[i] = max_episode_steps_ > 0 && steps_[i] >= max_episode_steps_ && !ended_[i];
    const double reward = sim_.config.sutton_barto_reward ? (fallen ? -1.0 : 0.0) : 1.0;
    result_.rewards[i] = ended_[i] ? 0.0 : reward;
  }
  reset_ended();
  for (std::size_t i = 0; i < num_envs(); ++i) ended_[i] = result_.terminated[i] | result_.truncated[i];
  write_observations();
  return result_;
}

// The equations of CartPole::step, over arrays. Environments that wait for their reset move too, as in Gymnasium, and
// are overwritten afterwards.
void CartPoleVectorEnv::advance(std::span<const std::int64_t> actions) {
  Generator& unused = *generator_;
  for (std::size_t i = 0; i < num_envs(); ++i) {
    CartPole::State state{x_[i], x_dot_[i], theta_[i], theta_dot_[i], false};
    sim_.step(state, actions[i], unused);
    x_[i] = state.x, x_dot_[i] = state.x_dot, theta_[i] = state.theta, theta_dot_[i] = state.theta_dot;
  }
}

// Draws a (4 x ended) array, component by component.
void CartPoleVectorEnv::reset_ended() {
  for (auto* numbers : {&x_, &x_dot_, &theta_, &theta_dot_}) {
    for (std::size_t i = 0; i < num_envs(); ++i) {
      if (ended_[i]) (*numbers)[i] = generator_->uniform(bounds_.low, bounds_.high);
    }
  }
  for (std::size_t i = 0; i < num_envs(); ++i) {
    if (ended_[i]) steps_[i] = 0;
  }
}

void CartPoleVectorEnv::write_observations() {
  for (std::size_t i = 0; i < num_envs(); ++i) {
    sim_.observe({x_[i], x_dot_[i], theta_[i], theta_dot_[i], false}, row(result_.observations, i));
  }
}

Value CartPoleVectorEnv::get_state() const {
  return state_as_dict(*this);
}

void CartPoleVectorEnv::set_state(const Value& state) {
  state_from_dict(*this, state.as_dict());
}

VectorEnvPtr make_cart_pole_vector_env(const EnvSpec& spec, std::size_t num_envs, AutoresetMode mode) {
  return std::make_unique<CartPoleVectorEnv>(spec, num_envs, mode);
}

}  // namespace ludus::envs
