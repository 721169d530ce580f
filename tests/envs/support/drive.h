// Drives vector environments of any kind with random actions, and sums up all they give in one number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/value_io.h"
#include "envs/registry/async_pool.h"
#include "envs/spaces/space.h"
#include "envs/vector/action_rows.h"
#include "envs/vector/vector_env.h"

namespace ludus::testing {

// FNV-1a over bytes: equal runs have equal hashes.
class Hash {
 public:
  void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) value_ = (value_ ^ static_cast<std::uint64_t>(byte)) * 0x100000001B3u;
  }
  template <class T>
  void add(const std::vector<T>& numbers) {
    add(std::as_bytes(std::span<const T>(numbers)));
  }
  void add(const envs::VectorStep& step) {
    add(step.observations), add(step.rewards), add(step.terminated), add(step.truncated);
    add(step.has_final), add(step.was_reset), add(step.final_observations);
    add(encode(step.info));
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325u;
};

// Returns `n` random actions of the space, row after row.
inline envs::ActionBatch random_actions(envs::Space& space, std::size_t n) {
  envs::ActionBatch actions;
  std::vector<double> row(space.row_size());
  for (std::size_t i = 0; i < n; ++i) {
    space.to_row(space.sample(), row);
    for (const double number : row) {
      if (envs::is_continuous(space)) {
        actions.continuous.push_back(static_cast<float>(number));
      } else {
        actions.discrete.push_back(static_cast<std::int64_t>(number));
      }
    }
  }
  return actions;
}

// In kDisabled, resets the environments whose episodes have ended; whether there were any.
inline bool reset_ended(envs::VectorEnv& envs) {
  if (envs.autoreset_mode() != envs::AutoresetMode::kDisabled) return false;
  Array mask(DType::kBool, Shape{static_cast<std::int64_t>(envs.num_envs())});
  bool any = false;
  for (std::size_t i = 0; i < envs.num_envs(); ++i) {
    const bool ended = envs.last().terminated[i] || envs.last().truncated[i];
    mask.data<bool>()[i] = ended;
    any = any || ended;
  }
  if (any) envs.reset({}, {{"reset_mask", mask}});
  return any;
}

// `steps` random steps with the resets they need, everything they give added to `hash`. The actions are those of
// `actions`, a space like that of `envs` with a generator of its own.
inline void drive(envs::VectorEnv& envs, envs::Space& actions, int steps, Hash& hash) {
  for (int t = 0; t < steps; ++t) {
    if (reset_ended(envs)) hash.add(envs.last());
    hash.add(envs.step(random_actions(actions, envs.num_envs())));
  }
}

}  // namespace ludus::testing
