#include "agents/core/action_masks.h"

#include <algorithm>

#include "agents/core/policy.h"
#include "base/format.h"
#include "envs/spaces/multi_discrete.h"

namespace ludus::agents {
namespace {

constexpr std::string_view kKey = "action_mask";

}  // namespace

std::size_t action_mask_size(const envs::Space& action_space) {
  const bool takes_masks = dynamic_cast<const envs::Discrete*>(&action_space) != nullptr ||
                           dynamic_cast<const envs::MultiDiscrete*>(&action_space) != nullptr;
  return takes_masks ? action_space.flat_size() : 0;
}

ActionMasks::ActionMasks(bool wanted, const envs::EnvSpec& spec, const envs::Space& action_space, std::size_t num_envs)
    : env_id_(spec.id) {
  if (!wanted) return;
  size_ = action_mask_size(action_space);
  if (size_ == 0) {
    throw NotApplicable(formatted("mask_actions: needs a Discrete or MultiDiscrete action space, {} has {}", env_id_,
                                  action_space.to_string()));
  }
  rows_.resize(num_envs * size_);
  known_.resize(num_envs);
}

void ActionMasks::read(const envs::VectorStep& step) {
  if (rows_.empty()) return;
  // a partial reset reports only the environments that were reset
  const Value* masks = step.info.find(kKey);
  const Value* present = step.info.find("_" + std::string(kKey));
  if (masks && present) {
    const auto has_mask = present->as_array().data<bool>();
    for (std::size_t i = 0; i < known_.size(); ++i) {
      if (has_mask[i]) take(masks->as_array(), i * size_, i);
    }
  }
  check_all_known();
}

void ActionMasks::read(const Dict& info) {
  if (rows_.empty()) return;
  if (const Value* mask = info.find(kKey)) take(mask->as_array(), 0, 0);
  check_all_known();
}

void ActionMasks::take(const Array& masks, std::size_t from, std::size_t env) {
  if (masks.size() < from + size_ || masks.size() % size_ != 0) {
    throw InvalidArgument(
        formatted("{}: info[\"action_mask\"] must have {} elements per environment, one for each action; "
                  "fix the environment",
                  env_id_, size_));
  }
  const auto row = rows_.begin() + static_cast<std::ptrdiff_t>(env * size_);
  for (std::size_t a = 0; a < size_; ++a) row[static_cast<std::ptrdiff_t>(a)] = masks.get(from + a) != 0;
  known_[env] = 1;
}

std::span<const std::uint8_t> ActionMasks::row(std::size_t env) const {
  const auto mask = std::span(rows_).subspan(env * size_, size_);
  if (!mask.empty() && std::find(mask.begin(), mask.end(), 1) == mask.end()) {
    throw InvalidArgument(
        formatted("{}: info[\"action_mask\"] must allow at least one action until the episode ends, got none; "
                  "fix the environment",
                  env_id_));
  }
  return mask;
}

std::span<const std::uint8_t> ActionMasks::rows() const {
  for (std::size_t i = 0; i < known_.size(); ++i) row(i);
  return rows_;
}

void ActionMasks::check_all_known() const {
  if (std::find(known_.begin(), known_.end(), 0) == known_.end()) return;
  throw NotApplicable(formatted(
      "mask_actions: needs info[\"action_mask\"], which {} does not provide; set mask_actions to false", env_id_));
}

}  // namespace ludus::agents
