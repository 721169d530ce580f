#include "agents/runner/saved_policy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "agents/algorithms.h"
#include "agents/runner/run.h"
#include "base/error.h"
#include "envs/registry/registry.h"
#include "tests/agents/support/drive.h"
#include "tests/support/scratch.h"

namespace ludus::agents {
namespace {

using test_support::Scratch;
using testing::make_envs;

AgentPtr make(const std::string& algorithm, envs::VectorEnv& envs) {
  const Algorithm& entry = find_algorithm(algorithm);
  return entry.make(entry.defaults, EnvSignature::of(envs), 1, "cpu");
}

TEST(SavedPolicy, ChoosesTheActionsOfTheAgentForSingleObservations) {
  const std::pair<const char*, const char*> cases[] = {{"dqn", "CartPole-v1"},
                                                       {"ppo", "CartPole-v1"},
                                                       {"sac", "Pendulum-v1"},
                                                       {"q_learning", "FrozenLake-v1"},
                                                       {"cem", "CartPole-v1"}};
  for (const auto& [algorithm, id] : cases) {
    SCOPED_TRACE(algorithm);
    const Scratch folder;
    const auto envs = make_envs(id, 2);
    const AgentPtr agent = make(algorithm, *envs);
    save_policy(folder / "policy.safetensors", *agent, *envs);
    const SavedPolicy policy = load_policy((folder / "policy.safetensors").string(), false, "cpu");
    EXPECT_EQ(policy.metadata().env_id, id);
    EXPECT_TRUE(policy.observation_space().equals(envs->single_observation_space()));

    const envs::EnvPtr env = envs::make(id);
    Value observation = env->reset(3).observation;
    for (int step = 0; step < 20; ++step) {
      const Value action = policy.predict(observation);
      EXPECT_TRUE(env->action_space().contains(action));
      // the agent's own, for a batch of one
      std::vector<double> numbers(envs->observation_size());
      env->observation_space().to_row(observation, numbers);
      const std::vector<float> row(numbers.begin(), numbers.end());
      envs::ActionBatch actions;
      actions.discrete.resize(envs->action_size());
      const bool continuous = std::string(id) == "Pendulum-v1";
      if (continuous) actions.discrete.clear(), actions.continuous.resize(envs->action_size());
      agent->predict({.rows = row, .size = 1}, true, actions);
      if (continuous) {
        EXPECT_EQ(action.as_array().get(0), static_cast<double>(actions.continuous[0]));
      } else {
        EXPECT_EQ(action.as_int(), actions.discrete[0]);
      }
      const auto result = env->step(action);
      observation = result.terminated || result.truncated ? env->reset().observation : result.observation;
    }
  }
}

TEST(SavedPolicy, RefusesWhatIsNoObservationOrNoPolicy) {
  const Scratch folder;
  const auto envs = make_envs("CartPole-v1", 1);
  const AgentPtr agent = make("dqn", *envs);
  save_policy(folder / "policy.safetensors", *agent, *envs);
  const SavedPolicy policy = load_policy((folder / "policy.safetensors").string(), false, "cpu");
  EXPECT_THROW(policy.predict(Array::of<float>({0, 0, 0})), InputError);
  EXPECT_THROW(policy.predict(Value("left")), InputError);
  EXPECT_THROW(policy.predict(Array::of<float>({0, std::nanf(""), 0, 0})), InvalidArgument);
  const std::vector<std::uint8_t> mask{1, 0};
  EXPECT_THROW(policy.predict(Array::of<float>({0, 0, 0, 0}), true, mask), InvalidArgument);
  EXPECT_THROW(load_policy("lean"), InvalidArgument);
  EXPECT_THROW(load_policy((folder / "none").string()), InputError);
}

}  // namespace
}  // namespace ludus::agents
