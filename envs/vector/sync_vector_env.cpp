#include "envs/vector/sync_vector_env.h"

#include <cmath>

namespace ludus::envs {
namespace {

Env& first_of(const std::vector<EnvPtr>& envs) {
  if (envs.empty()) throw InvalidArgument("a vector environment needs at least one environment, and was given none");
  return *envs.front();
}

}  // namespace

SyncVectorEnv::SyncVectorEnv(std::vector<EnvPtr> envs, AutoresetMode mode)
    : SyncVectorEnv(first_of(envs), envs, mode) {}

SyncVectorEnv::SyncVectorEnv(Env& first, std::vector<EnvPtr>& envs, AutoresetMode mode)
    : LaneVectorEnv(envs.size(), first.observation_space().clone(), first.action_space().clone(), mode, first.spec()),
      envs_(std::move(envs)),
      steps_(envs_.size()) {
  for (const EnvPtr& env : envs_) {
    if (!env->observation_space().equals(single_observation_space()) ||
        !env->action_space().equals(single_action_space())) {
      throw InvalidArgument("the environments of a vector environment must have equal spaces, and those of " +
                            env->spec().id + " differ from those of " + spec().id);
    }
  }
  row_.resize(observation_size());
  action_row_.resize(action_size());
}

void SyncVectorEnv::reset_lane(std::size_t i, std::optional<std::uint64_t> seed, const Dict& options,
                               std::span<float> row) {
  Reset reset = envs_[i]->reset(seed, options);
  write_row(reset.observation, row);
  steps_[i].info = std::move(reset.info);
}

bool SyncVectorEnv::takes(std::span<const std::int64_t> action) {
  const bool reals = dynamic_cast<const Box*>(&single_action_space()) &&
                     is_floating(static_cast<const Box&>(single_action_space()).dtype());
  return !reals && single_action_space().contains(action_value(action));
}

bool SyncVectorEnv::takes(std::span<const float> action) {
  const auto* box = dynamic_cast<const Box*>(&single_action_space());
  return box && is_floating(box->dtype()) &&
         std::all_of(action.begin(), action.end(), [](float number) { return std::isfinite(number); });
}

LaneStep SyncVectorEnv::step_value(std::size_t i, const Value& action, std::span<float> row) {
  Step& step = steps_[i];
  envs_[i]->step_into(action, step);
  write_row(step.observation, row);
  return {step.reward, step.terminated, step.truncated};
}

Value SyncVectorEnv::action_value(std::span<const std::int64_t> action) {
  if (dynamic_cast<const Discrete*>(&single_action_space())) return action[0];
  std::copy(action.begin(), action.end(), action_row_.begin());
  return single_action_space().from_row(action_row_);
}

Value SyncVectorEnv::action_value(std::span<const float> action) {
  std::copy(action.begin(), action.end(), action_row_.begin());
  return single_action_space().from_row(action_row_);
}

void SyncVectorEnv::write_row(const Value& observation, std::span<float> row) {
  if (observation.is_array() && observation.as_array().dtype() == DType::kFloat32 &&
      observation.as_array().size() == row.size()) {
    const auto numbers = observation.as_array().data<float>();
    std::copy(numbers.begin(), numbers.end(), row.begin());
    return;
  }
  single_observation_space().to_row(observation, row_);
  std::transform(row_.begin(), row_.end(), row.begin(), [](double number) { return static_cast<float>(number); });
}

}  // namespace ludus::envs
