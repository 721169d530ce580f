#include "agents/runner/recorded_examples.h"

#include "base/format.h"

namespace ludus::agents {

std::vector<nn::RecordedExample> record_examples(Policy& policy, envs::VectorEnv& envs, std::size_t count,
                                                 std::uint64_t seed) {
  if (envs.autoreset_mode() == envs::AutoresetMode::kDisabled) {
    throw InvalidArgument("recorded examples: the environments must reset themselves, got the mode disabled");
  }
  const auto row = [](const auto& rows, std::size_t i, std::size_t size) {
    const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(i * size);
    return std::vector(begin, begin + static_cast<std::ptrdiff_t>(rows.empty() ? 0 : size));
  };
  std::vector<nn::RecordedExample> examples;
  envs::ActionBatch actions;
  envs.reset(seed);
  while (true) {
    const std::vector<float>& observations = envs.last().observations;
    policy.predict({.rows = observations, .size = envs.num_envs()}, /*deterministic=*/true, actions);
    for (std::size_t i = 0; i < envs.num_envs(); ++i) {
      if (examples.size() == count) return examples;
      examples.push_back({.input = row(observations, i, envs.observation_size()),
                          .numbers = row(actions.continuous, i, envs.action_size()),
                          .choices = row(actions.discrete, i, envs.action_size())});
    }
    envs.step(actions);
  }
}

}  // namespace ludus::agents
