// N environments of any kind, wrapped or not, stepped one after another.
#pragma once

#include "envs/core/env.h"
#include "envs/vector/lane_vector_env.h"

namespace ludus::envs {

class SyncVectorEnv final : public LaneVectorEnv<SyncVectorEnv> {
 public:
  static constexpr bool kHasInfo = true;

  // All of one spec; throws InvalidArgument if their spaces differ or there are none.
  SyncVectorEnv(std::vector<EnvPtr> envs, AutoresetMode mode);

  Env& env(std::size_t i) { return *envs_[i]; }
  Scene render(std::size_t i) const override { return envs_.at(i)->render(); }
  double frames_per_second() const override { return envs_.front()->frames_per_second(); }

  void reset_lane(std::size_t i, std::optional<std::uint64_t> seed, const Dict& options, std::span<float> row);
  LaneStep step_lane(std::size_t i, std::span<const std::int64_t> action, std::span<float> row) {
    return step_value(i, action_value(action), row);
  }
  LaneStep step_lane(std::size_t i, std::span<const float> action, std::span<float> row) {
    return step_value(i, action_value(action), row);
  }
  bool takes(std::span<const std::int64_t> action);
  bool takes(std::span<const float> action);
  const Dict& lane_info(std::size_t i) const { return steps_[i].info; }
  Value lane_state(std::size_t i) const { return envs_[i]->get_state(); }
  void set_lane_state(std::size_t i, const Value& state) { envs_[i]->set_state(state); }

 private:
  SyncVectorEnv(Env& first, std::vector<EnvPtr>& envs, AutoresetMode mode);  // moves from `envs`

  LaneStep step_value(std::size_t i, const Value& action, std::span<float> row);
  Value action_value(std::span<const std::int64_t> action);
  Value action_value(std::span<const float> action);
  void write_row(const Value& observation, std::span<float> row);

  std::vector<EnvPtr> envs_;
  std::vector<Step> steps_;  // (N), memory used again
  std::vector<double> row_;
  std::vector<double> action_row_;
};

}  // namespace ludus::envs
