#include "replay/rollout.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace ludus::replay {
namespace {

template <class T>
void append(std::vector<T>& to, std::span<const T> from) {
  to.insert(to.end(), from.begin(), from.end());
}

template <class T>
Array as_array(const std::vector<T>& numbers) {
  return Array::of(std::span<const T>(numbers));
}

}  // namespace

void generalized_advantages(const AdvantageArrays& arrays, std::size_t num_envs, const Discounting& discounting) {
  const auto [gamma, lambda] = discounting;
  for (std::size_t i = 0; i < num_envs; ++i) {
    double advantage = 0;  // A_{t+1}; nothing is known beyond the last step
    for (std::size_t row = arrays.rewards.size() + i; row >= num_envs + i && row >= num_envs;) {
      row -= num_envs;
      const double goes_on = arrays.terminated[row] ? 0.0 : 1.0;
      const double uncut = arrays.truncated[row] ? 0.0 : 1.0;
      const double value = static_cast<double>(arrays.values[row]);
      const double delta = static_cast<double>(arrays.rewards[row]) +
                           gamma * goes_on * static_cast<double>(arrays.next_values[row]) - value;
      advantage = delta + gamma * lambda * goes_on * uncut * advantage;
      arrays.advantages[row] = static_cast<float>(advantage);
      arrays.returns[row] = static_cast<float>(advantage + value);
    }
  }
}

Rollout::Rollout(std::size_t steps, std::size_t num_envs, std::size_t observation_size, std::size_t action_size,
                 std::size_t mask_size)
    : steps_(steps),
      num_envs_(num_envs),
      observation_size_(observation_size),
      action_size_(action_size),
      mask_size_(mask_size) {
  if (steps == 0 || num_envs == 0 || observation_size == 0 || action_size == 0) {
    throw InvalidArgument("a rollout needs steps, environments, observations and actions, and here they are " +
                          std::to_string(steps) + ", " + std::to_string(num_envs) + ", " +
                          std::to_string(observation_size) + " and " + std::to_string(action_size));
  }
  observations_.reserve(rows() * observation_size_);
  actions_.reserve(rows() * action_size_);
  masks_.reserve(rows() * mask_size_);
}

void Rollout::clear() {
  filled_ = 0;
  for (auto* numbers : {&observations_, &actions_, &rewards_, &bootstrap_observations_, &values_, &advantages_, &returns_}) {
    numbers->clear();
  }
  for (auto* flags : {&masks_, &terminated_, &truncated_}) flags->clear();
  bootstrap_steps_.clear();
}

void Rollout::add(const RolloutStep& step) {
  const std::size_t n = num_envs_;
  if (step.observations.size() != n * observation_size_ || step.next_observations.size() != n * observation_size_ ||
      step.actions.size() != n * action_size_ || step.masks.size() != n * mask_size_ || step.rewards.size() != n ||
      step.terminated.size() != n || step.truncated.size() != n) {
    throw InvalidArgument("a step that is added to a rollout of " + std::to_string(n) +
                          " environments has another number of observations, actions, masks, rewards or flags");
  }
  ++filled_;
  for (std::size_t i = 0; i < n; ++i) {
    if (step.terminated[i] || (!step.truncated[i] && !full())) continue;
    bootstrap_steps_.push_back(static_cast<std::int64_t>(rewards_.size() + i));
    append(bootstrap_observations_, step.next_observations.subspan(i * observation_size_, observation_size_));
  }
  append(observations_, step.observations);
  append(actions_, step.actions);
  append(masks_, step.masks);
  append(rewards_, step.rewards);
  append(terminated_, step.terminated);
  append(truncated_, step.truncated);
}

void Rollout::estimate(std::span<const float> values, std::span<const float> bootstrap_values,
                       const Discounting& discounting) {
  if (!full() || values.size() != rows() || bootstrap_values.size() != bootstrap_rows()) {
    throw InvalidArgument("the advantages of a full rollout of " + std::to_string(rows()) + " steps need a value of each, and " +
                          std::to_string(bootstrap_rows()) + " to bootstrap from; given were " +
                          std::to_string(values.size()) + " and " + std::to_string(bootstrap_values.size()));
  }
  // what a step led to is what was acted upon next, unless the episode or the rollout ended there
  std::vector<float> next_values(rows(), 0.0f);
  std::copy(values.begin() + static_cast<std::ptrdiff_t>(num_envs_), values.end(), next_values.begin());
  for (std::size_t k = 0; k < bootstrap_steps_.size(); ++k) {
    next_values[static_cast<std::size_t>(bootstrap_steps_[k])] = bootstrap_values[k];
  }

  values_.assign(values.begin(), values.end());
  advantages_.resize(rows());
  returns_.resize(rows());
  generalized_advantages({.rewards = rewards_,
                          .values = values_,
                          .next_values = next_values,
                          .terminated = terminated_,
                          .truncated = truncated_,
                          .advantages = advantages_,
                          .returns = returns_},
                         num_envs_, discounting);
}

Dict Rollout::state() const {
  return {{"observations", as_array(observations_)},
          {"actions", as_array(actions_)},
          {"masks", as_array(masks_)},
          {"rewards", as_array(rewards_)},
          {"terminated", as_array(terminated_)},
          {"truncated", as_array(truncated_)},
          {"bootstrap_observations", as_array(bootstrap_observations_)},
          {"bootstrap_steps", as_array(bootstrap_steps_)},
          {"steps", static_cast<std::int64_t>(steps_)},
          {"num_envs", static_cast<std::int64_t>(num_envs_)}};
}

void Rollout::restore(const Dict& state) {
  const auto steps = static_cast<std::size_t>(state.at("steps").as_int());
  const auto num_envs = static_cast<std::size_t>(state.at("num_envs").as_int());
  const auto filled = state.at("rewards").as_array().size() / num_envs_;
  const auto cuts = state.at("bootstrap_steps").as_array().size();
  if (steps != steps_ || num_envs != num_envs_ || filled > steps_) {
    throw TypeMismatch("a saved rollout of " + std::to_string(steps) + " steps of " + std::to_string(num_envs) +
                       " environments cannot be restored into one of " + std::to_string(steps_) + " steps of " +
                       std::to_string(num_envs_));
  }
  const auto fill = [&](std::string_view name, auto& to, std::size_t size) {
    const auto numbers = state.at(name).as_array().data<typename std::decay_t<decltype(to)>::value_type>();
    if (numbers.size() != size) {
      throw TypeMismatch("a saved rollout has " + std::to_string(numbers.size()) + " numbers of " + std::string(name) +
                         " where " + std::to_string(size) + " are expected");
    }
    to.assign(numbers.begin(), numbers.end());
  };
  clear();
  const std::size_t rows = filled * num_envs_;
  fill("observations", observations_, rows * observation_size_);
  fill("actions", actions_, rows * action_size_);
  fill("masks", masks_, rows * mask_size_);
  fill("rewards", rewards_, rows);
  fill("terminated", terminated_, rows);
  fill("truncated", truncated_, rows);
  fill("bootstrap_steps", bootstrap_steps_, cuts);
  fill("bootstrap_observations", bootstrap_observations_, cuts * observation_size_);
  filled_ = filled;
}

}  // namespace ludus::replay
