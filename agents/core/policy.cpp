#include "agents/core/policy.h"

namespace ludus::agents {

EnvSignature EnvSignature::of(envs::VectorEnv& envs) {
  EnvSignature facts;
  facts.spec = envs.spec();
  facts.observation_space = envs.single_observation_space().clone();
  facts.action_space = envs.single_action_space().clone();
  facts.observation_size = envs.observation_size();
  facts.action_size = envs.action_size();
  facts.num_envs = envs.num_envs();
  return facts;
}

const envs::Discrete& EnvSignature::discrete_actions(std::string_view algorithm) const {
  if (const auto* discrete = dynamic_cast<const envs::Discrete*>(action_space.get())) return *discrete;
  throw NotApplicable(std::string(algorithm) + " needs a Discrete action space, and the actions of " + spec.id +
                      " are " + action_space->to_string());
}

const envs::VectorStep& step(envs::VectorEnv& envs, const Actions& actions) {
  if (!actions.reals.empty()) return envs.step(std::span<const float>(actions.reals));
  return envs.step(std::span<const std::int64_t>(actions.integers));
}

}  // namespace ludus::agents
