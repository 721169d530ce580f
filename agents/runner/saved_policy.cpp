#include "agents/runner/saved_policy.h"

#include <cmath>
#include <utility>
#include <vector>

#include "agents/core/action_masks.h"
#include "base/checkpoint.h"
#include "base/format.h"
#include "envs/registry/registry.h"
#include "envs/vector/action_rows.h"

namespace ludus::agents {

void save_policy(const std::filesystem::path& file, const Agent& agent, envs::VectorEnv& envs) {
  const EnvSignature signature = EnvSignature::of(envs);
  Checkpoint checkpoint;
  write_metadata(checkpoint, {.algorithm = std::string(agent.algorithm()),
                              .config = agent.config(),
                              .env_id = signature.spec.id,
                              .env_kwargs = signature.spec.kwargs,
                              .wrappers = {},
                              .observation_space = signature.observation_space->to_spec(),
                              .action_space = signature.action_space->to_spec(),
                              .plugins = {},
                              .seed = 0,
                              .steps = 0});
  agent.save_policy(checkpoint);
  checkpoint.save(file);
}

SavedPolicy load_policy(const std::string& path, bool final, const std::string& device) {
  const PolicySource source = find_policy(path, final);
  if (source.files.size() != 1) {
    throw InvalidArgument(
        formatted("{}: must be the run folder or the file of one policy, got {}", path,
                  source.files.empty() ? "a built-in policy" : formatted("{} of them", source.files.size())));
  }
  SavedPolicy saved;
  saved.metadata_ = read_metadata(Checkpoint::load(source.files[0]));
  EnvSignature& signature = saved.signature_;
  const std::string& id = saved.metadata_.env_id;
  signature.spec.id = id;
  try {
    signature.spec = envs::registry().find(id, envs::ignore_warnings).spec;
  } catch (const envs::UnknownEnvironment&) {
    // of a program that registered it itself; policies need no more than its spaces
  }
  signature.observation_space = envs::space_from_spec(saved.metadata_.observation_space);
  signature.action_space = envs::space_from_spec(saved.metadata_.action_space);
  signature.observation_size = signature.observation_space->row_size();
  signature.action_size = signature.action_space->row_size();
  saved.policy_ = std::move(load_policies(source, signature, device)[0]);
  return saved;
}

Value SavedPolicy::predict(const Value& observation, bool deterministic, std::span<const std::uint8_t> mask) const {
  std::vector<double> numbers(signature_.observation_size);
  observation_space().to_row(observation, numbers);
  std::vector<float> row(numbers.begin(), numbers.end());
  for (const float number : row) {
    if (!std::isfinite(number)) {
      throw InvalidArgument(formatted("policy: an observation must be finite, got {}", number));
    }
  }
  if (const std::size_t size = action_mask_size(action_space());
      !mask.empty() && (!policy_->wants_action_masks() || mask.size() != size)) {
    throw InvalidArgument(policy_->wants_action_masks()
                              ? formatted("policy: a mask must have {} numbers, got {}", size, mask.size())
                              : "policy: it was trained without masks of actions; omit the mask");
  }
  envs::ActionBatch actions;
  const bool continuous = envs::is_continuous(action_space());
  if (continuous) {
    actions.continuous.resize(signature_.action_size);
  } else {
    actions.discrete.resize(signature_.action_size);
  }
  policy_->predict({.rows = row, .size = 1, .masks = mask}, deterministic, actions);
  std::vector<double> scratch(signature_.action_size);
  return continuous ? envs::action_of(action_space(), std::span<const float>(actions.continuous), scratch)
                    : envs::action_of(action_space(), std::span<const std::int64_t>(actions.discrete), scratch);
}

}  // namespace ludus::agents
