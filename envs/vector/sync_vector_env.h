// Steps N Env objects of any kind, wrapped or not.
#pragma once

#include "envs/core/env.h"
#include "envs/vector/action_rows.h"
#include "envs/vector/vector_env_base.h"

namespace ludus::envs {

class SyncVectorEnv final : public VectorEnvBase<SyncVectorEnv> {
 public:
  static constexpr bool kHasInfo = true;

  /// Takes environments of one spec. Throws InvalidArgument if their spaces differ or `envs` is empty.
  SyncVectorEnv(std::vector<EnvPtr> envs, AutoresetMode mode);

  Env& env(std::size_t i) { return *envs_[i]; }
  Scene render(std::size_t i) const override { return envs_.at(i)->render(); }
  double frames_per_second() const override { return envs_.front()->frames_per_second(); }

  void reset_slot(std::size_t i, std::optional<std::uint64_t> seed, const Dict& options, std::span<float> row);
  template <class T>
  StepResult step_env(std::size_t i, std::span<const T> action, std::span<float> row) {
    return step_value(i, action_of(single_action_space(), action, slots_[i].action_row), row);
  }
  template <class T>
  bool takes(std::span<const T> action) {
    return takes_action(single_action_space(), action, slots_[0].action_row);
  }
  const Dict& slot_info(std::size_t i) const { return slots_[i].step.info; }
  Value slot_state(std::size_t i) const { return envs_[i]->get_state(); }
  void set_slot_state(std::size_t i, const Value& state) { envs_[i]->set_state(state); }

 private:
  SyncVectorEnv(Env& first, std::vector<EnvPtr>& envs, AutoresetMode mode);  // moves from `envs`

  StepResult step_value(std::size_t i, const Value& action, std::span<float> row);
  void write_row(std::size_t i, const Value& observation, std::span<float> row);

  // The buffers of one environment, reused in every step.
  struct Slot {
    Step step;
    std::vector<double> row;         // (observation_size)
    std::vector<double> action_row;  // (action_size)
  };

  std::vector<EnvPtr> envs_;
  std::vector<Slot> slots_;  // (N)
};

}  // namespace ludus::envs
