#include "envs/vector/vector_env.h"

#include <algorithm>

#include "base/format.h"
#include "envs/core/env.h"
#include "envs/vector/action_rows.h"

namespace ludus::envs {

std::string_view name_of(AutoresetMode mode) {
  switch (mode) {
    case AutoresetMode::kNextStep: return "next_step";
    case AutoresetMode::kSameStep: return "same_step";
    case AutoresetMode::kDisabled: break;
  }
  return "disabled";
}

VectorEnv::VectorEnv(std::size_t num_envs, SpacePtr observation_space, SpacePtr action_space, AutoresetMode mode,
                     EnvSpec spec)
    : num_envs_(num_envs),
      observation_space_(std::move(observation_space)),
      action_space_(std::move(action_space)),
      observation_size_(observation_space_->row_size()),
      action_size_(action_space_->row_size()),
      continuous_actions_(is_continuous(*action_space_)),
      autoreset_mode_(mode),
      spec_(std::move(spec)) {
  if (num_envs == 0) throw InvalidArgument("num_envs must be at least 1, got 0");
  result_.observations.resize(num_envs * observation_size_);
  result_.final_observations.resize(num_envs * observation_size_);
  result_.rewards.resize(num_envs);
  result_.terminated.resize(num_envs);
  result_.truncated.resize(num_envs);
  result_.has_final.resize(num_envs);
  result_.was_reset.resize(num_envs);
}

Scene VectorEnv::render(std::size_t) const {
  throw NotSupported(formatted("{}: this vector environment has no render()", spec_.id));
}

void VectorEnv::set_threads(std::size_t threads) {
  if (threads <= 1) return;
  throw NotSupported(formatted(
      "{}: this vector environment supports one thread only, got {}; use the vectorization mode simulator or sync",
      spec_.id, threads));
}

void VectorEnv::check_actions(ActionView actions) const {
  if (actions.is_continuous() != continuous_actions_) {
    throw InvalidAction(formatted("{}: actions must be {} for the action space {}, got {}", spec_.id,
                                  actions.is_continuous() ? "discrete" : "continuous", action_space_->to_string(),
                                  actions.is_continuous() ? "continuous ones" : "discrete ones"));
  }
  const std::size_t count = actions.visit([](auto numbers) { return numbers.size(); });
  if (count == num_envs_ * action_size_) return;
  throw InvalidAction(formatted("{}: a batch of actions for {} environments must have {} numbers, got {}", spec_.id,
                                num_envs_, num_envs_ * action_size_, count));
}

std::vector<std::uint8_t> VectorEnv::reset_mask(const Dict& options, Dict& rest) const {
  std::vector<std::uint8_t> mask(num_envs_, 1);
  for (const auto& [key, value] : options) {
    if (key != "reset_mask") {
      rest[key] = value;
      continue;
    }
    if (!value.is_array() || value.as_array().dtype() != DType::kBool || value.as_array().size() != num_envs_) {
      throw InvalidArgument(
          formatted("reset_mask must be a bool array of {} elements, got {}", num_envs_, value.describe()));
    }
    for (std::size_t i = 0; i < num_envs_; ++i) mask[i] = value.as_array().data<bool>()[i];
    if (std::none_of(mask.begin(), mask.end(), [](std::uint8_t chosen) { return chosen != 0; })) {
      throw InvalidArgument("reset_mask must be true for at least one environment, got none");
    }
  }
  return mask;
}

void VectorEnv::reject_action(const std::string& action) const {
  throw InvalidAction(
      formatted("{} is not an action of {}; its action space is {}", action, spec_.id, action_space_->to_string()));
}

}  // namespace ludus::envs
