// Masks of the actions that environments allow in their current states, as reported in info["action_mask"].
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/value.h"
#include "envs/spaces/space.h"
#include "envs/vector/vector_env.h"

namespace ludus::agents {

/// Returns the length of a mask over these actions: n for a Discrete space, the sum of all n for a MultiDiscrete space,
/// 1 per class of each action dimension; 0 for spaces that take no mask.
std::size_t action_mask_size(const envs::Space& action_space);

/// The masks of N environments, updated with each reset and step.
class ActionMasks {
 public:
  /// Tracks masks only if `wanted`; otherwise read() does nothing, and rows() and row() are empty.
  ActionMasks(bool wanted, const envs::EnvSpec& spec, const envs::Space& action_space, std::size_t num_envs);

  /// Stores the masks of the environments that returned one; the others keep their previous mask. Throws NotApplicable
  /// if an environment has never returned a mask, InvalidArgument if a mask has the wrong length.
  void read(const envs::VectorStep& step);
  /// As above, for the info of a single environment.
  void read(const Dict& info);

  /// Return masks of 0 and 1, (N x action_mask_size) and (action_mask_size). Throw InvalidArgument if one of the
  /// requested environments allows no action: such a mask is valid after the end of an episode, but no action can be
  /// chosen from it.
  std::span<const std::uint8_t> rows() const;
  std::span<const std::uint8_t> row(std::size_t env) const;

 private:
  void take(const Array& masks, std::size_t from, std::size_t env);
  void check_all_known() const;

  std::string env_id_;
  std::size_t size_ = 0;
  std::vector<std::uint8_t> rows_;
  std::vector<std::uint8_t> known_;  // (N) of 0 and 1
};

}  // namespace ludus::agents
