#include "envs/vector/sync_vector_env.h"

#include <algorithm>

#include "base/format.h"

namespace ludus::envs {
namespace {

Env& first_of(const std::vector<EnvPtr>& envs) {
  if (envs.empty()) throw InvalidArgument("SyncVectorEnv: needs at least one environment, got 0");
  return *envs.front();
}

}  // namespace

SyncVectorEnv::SyncVectorEnv(std::vector<EnvPtr> envs, AutoresetMode mode)
    : SyncVectorEnv(first_of(envs), envs, mode) {}

SyncVectorEnv::SyncVectorEnv(Env& first, std::vector<EnvPtr>& envs, AutoresetMode mode)
    : VectorEnvBase(envs.size(), first.observation_space().clone(), first.action_space().clone(), mode, first.spec()),
      envs_(std::move(envs)),
      slots_(envs_.size()) {
  for (const EnvPtr& env : envs_) {
    if (!env->observation_space().equals(single_observation_space()) ||
        !env->action_space().equals(single_action_space())) {
      throw InvalidArgument(
          formatted("SyncVectorEnv: all environments must have equal spaces, those of {} differ from those of {}",
                    env->spec().id, spec().id));
    }
  }
  for (Slot& slot : slots_) {
    slot.row.resize(observation_size());
    slot.action_row.resize(action_size());
  }
}

void SyncVectorEnv::reset_slot(std::size_t i, std::optional<std::uint64_t> seed, const Dict& options,
                               std::span<float> row) {
  Reset reset = envs_[i]->reset(seed, options);
  write_row(i, reset.observation, row);
  slots_[i].step.info = std::move(reset.info);
}

StepResult SyncVectorEnv::step_value(std::size_t i, const Value& action, std::span<float> row) {
  Step& step = slots_[i].step;
  envs_[i]->step_into(action, step);
  write_row(i, step.observation, row);
  return {step.reward, step.terminated, step.truncated};
}

void SyncVectorEnv::write_row(std::size_t i, const Value& observation, std::span<float> row) {
  if (observation.is_array() && observation.as_array().dtype() == DType::kFloat32 &&
      observation.as_array().size() == row.size()) {
    const auto numbers = observation.as_array().data<float>();
    std::copy(numbers.begin(), numbers.end(), row.begin());
    return;
  }
  std::vector<double>& numbers = slots_[i].row;
  single_observation_space().to_row(observation, numbers);
  std::transform(numbers.begin(), numbers.end(), row.begin(), [](double number) { return static_cast<float>(number); });
}

}  // namespace ludus::envs
