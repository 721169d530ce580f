#include "envs/vector/vector_env.h"

#include <algorithm>

#include "envs/core/env.h"

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
      autoreset_mode_(mode),
      spec_(std::move(spec)) {
  if (num_envs == 0) throw InvalidArgument("a vector environment needs at least one environment, and 0 were asked for");
  result_.observations.resize(num_envs * observation_size_);
  result_.final_observations.resize(num_envs * observation_size_);
  result_.rewards.resize(num_envs);
  result_.terminated.resize(num_envs);
  result_.truncated.resize(num_envs);
  result_.has_final.resize(num_envs);
  result_.was_reset.resize(num_envs);
}

Scene VectorEnv::render(std::size_t) const {
  throw NotSupported("the environments of " + spec_.id + " cannot be drawn in this vector form");
}

void VectorEnv::set_threads(std::size_t threads) {
  if (threads <= 1) return;
  throw NotSupported("this form of " + spec_.id + " steps on one thread, and " + std::to_string(threads) +
                     " were asked for; use the mode simulator or sync");
}

void VectorEnv::check_action_count(std::size_t given) const {
  if (given == num_envs_ * action_size_) return;
  throw InvalidAction(std::to_string(given) + " numbers are no batch of actions for " + std::to_string(num_envs_) +
                      " environments of " + spec_.id + "; give " + std::to_string(num_envs_ * action_size_));
}

std::vector<std::uint8_t> VectorEnv::reset_mask(const Dict& options, Dict& rest) const {
  std::vector<std::uint8_t> mask(num_envs_, 1);
  for (const auto& [key, value] : options) {
    if (key != "reset_mask") {
      rest[key] = value;
      continue;
    }
    if (!value.is_array() || value.as_array().dtype() != DType::kBool || value.as_array().size() != num_envs_) {
      throw InvalidArgument("reset_mask must be a bool array of " + std::to_string(num_envs_) + " elements, and is " +
                            value.describe());
    }
    for (std::size_t i = 0; i < num_envs_; ++i) mask[i] = value.as_array().data<bool>()[i];
    if (std::none_of(mask.begin(), mask.end(), [](std::uint8_t chosen) { return chosen != 0; })) {
      throw InvalidArgument("reset_mask must choose at least one environment, and chooses none");
    }
  }
  return mask;
}

void VectorEnv::reject_action(const std::string& given) const {
  throw InvalidAction(given + " is not an action of " + spec_.id + "; its actions are " + action_space_->to_string());
}

}  // namespace ludus::envs
