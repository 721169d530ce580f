#include "agents/core/policy.h"

#include "base/format.h"
#include "nn/model/exported_policy.h"

namespace ludus::agents {

EnvSignature EnvSignature::of(envs::VectorEnv& envs) {
  EnvSignature signature;
  signature.spec = envs.spec();
  signature.observation_space = envs.single_observation_space().clone();
  signature.action_space = envs.single_action_space().clone();
  signature.observation_size = envs.observation_size();
  signature.action_size = envs.action_size();
  signature.num_envs = envs.num_envs();
  return signature;
}

const envs::Discrete& EnvSignature::discrete_actions(std::string_view algorithm) const {
  if (const auto* discrete = dynamic_cast<const envs::Discrete*>(action_space.get())) return *discrete;
  throw NotApplicable(
      formatted("{}: needs a Discrete action space, {} has {}", algorithm, spec.id, action_space->to_string()));
}

nn::ExportedPolicy Policy::export_policy() const {
  throw NotApplicable("export: the policy must be a network or a table, and this one is neither; export a trained one");
}

}  // namespace ludus::agents
