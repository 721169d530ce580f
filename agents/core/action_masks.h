// Which actions the environments allow in their present states, as they say in info["action_mask"].
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/value.h"
#include "envs/spaces/space.h"
#include "envs/vector/vector_env.h"

namespace ludus::agents {

// Numbers in a mask over these actions: n of a Discrete space, the sum of all n of a MultiDiscrete one, 1 for each class
// that an action may choose; 0 for spaces that take no mask.
std::size_t action_mask_size(const envs::Space& action_space);

// The masks of N environments, brought up to date with each reset and step.
class ActionMasks {
 public:
  // None at all unless `wanted`; then read() and rows() do nothing and are empty.
  ActionMasks(bool wanted, const envs::EnvSpec& spec, const envs::Space& action_space, std::size_t num_envs);

  // Takes the masks of the environments that have given one; the others keep theirs. Throws NotApplicable if an
  // environment has never given one, InvalidArgument if a mask has another length.
  void read(const envs::VectorStep& step);
  // The same of a single environment's info.
  void read(const Dict& info);

  // (N x action_mask_size) and (action_mask_size) of 0 and 1. Throw InvalidArgument if an environment that is asked
  // about allows nothing: that may be so where an episode has ended, but nobody can act on it.
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
