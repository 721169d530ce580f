// The contract of load(), for every algorithm: a checkpoint with any entry missing or wrong throws CorruptCheckpoint,
// and the agent is unchanged.
#include <gtest/gtest.h>

#include "agents/algorithms.h"
#include "tests/agents/support/drive.h"
#include "tests/base/support/states.h"

namespace ludus::agents {
namespace {

bool is_continuous(const std::string& algorithm) {
  return algorithm == "ddpg" || algorithm == "td3" || algorithm == "sac";
}

std::string environment_for(const std::string& algorithm) {
  if (is_continuous(algorithm)) return "Pendulum-v1";
  return algorithm.ends_with("_iteration") ? "FrozenLake-v1" : "CartPole-v1";
}

// Small settings that make use of everything an algorithm may carry from step to step.
Dict settings_for(const Algorithm& algorithm) {
  const auto has = [&](const char* setting) { return algorithm.defaults.contains(setting); };
  Dict settings;
  if (has("hidden") && algorithm.name != "ars" && algorithm.name != "cem") settings["hidden"] = List{4};
  if (has("buffer_size")) {
    settings["buffer_size"] = 40;
    settings["batch_size"] = 4;
    settings["learning_starts"] = 20;
    settings["train_freq"] = 4;
    settings["gradient_steps"] = 1;
  }
  if (is_continuous(algorithm.name)) settings["noise"] = "ornstein_uhlenbeck";
  if (has("normalize_observations")) settings["normalize_observations"] = true;
  if (has("normalize_rewards")) settings["normalize_rewards"] = true;
  if (has("population")) settings["population"] = 4;
  if (has("directions")) settings["directions"] = 2;
  if (algorithm.name == "imitation") settings["score_threshold"] = 5;
  if (has("bins")) {
    settings["bins"] = List{2};
    settings["low"] = List{-2.4, -2.0, -0.2, -2.0};
    settings["high"] = List{2.4, 2.0, 0.2, 2.0};
  }
  return settings;
}

Checkpoint saved(const Agent& agent) {
  Checkpoint checkpoint;
  agent.save(checkpoint);
  return checkpoint;
}

class EveryAlgorithm : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryAlgorithm, DamagedCheckpointsAreRefusedAndChangeNothing) {
  const Algorithm& algorithm = find_algorithm(GetParam());
  const auto envs = testing::make_envs(environment_for(algorithm.name), 2);
  const EnvSignature signature = EnvSignature::of(*envs);
  const auto make = [&] { return algorithm.make(settings_for(algorithm), signature, 3, "cpu"); };
  const AgentPtr trained = make(), target = make();
  trained->begin(150);
  testing::Driver(*envs, *trained, 0).run(150);
  const Checkpoint checkpoint = saved(*trained), before = saved(*target);

  test::for_each_damage(checkpoint, [&](const test::DamagedCheckpoint& damaged) {
    EXPECT_THROW(target->load(damaged.checkpoint), CorruptCheckpoint) << damaged.damage;
    EXPECT_EQ(first_difference(before, saved(*target)), std::nullopt) << damaged.damage;
  });
  target->load(checkpoint);
  EXPECT_EQ(first_difference(checkpoint, saved(*target)), std::nullopt);
}

TEST_P(EveryAlgorithm, DamagedPoliciesAreRefusedAndChangeNothing) {
  const Algorithm& algorithm = find_algorithm(GetParam());
  const auto envs = testing::make_envs(environment_for(algorithm.name), 1);
  const EnvSignature signature = EnvSignature::of(*envs);
  const AgentPtr trained = algorithm.make(settings_for(algorithm), signature, 3, "cpu");
  const AgentPtr target = algorithm.make(settings_for(algorithm), signature, 4, "cpu");
  trained->begin(100);
  testing::Driver(*envs, *trained, 0).run(100);
  Checkpoint policy;
  trained->save_policy(policy);
  const Checkpoint before = saved(*target);

  test::for_each_damage(policy, [&](const test::DamagedCheckpoint& damaged) {
    EXPECT_THROW(target->load_policy(damaged.checkpoint), CorruptCheckpoint) << damaged.damage;
    EXPECT_EQ(first_difference(before, saved(*target)), std::nullopt) << damaged.damage;
  });
}

std::vector<std::string> algorithm_names() {
  std::vector<std::string> names;
  for (const Algorithm& algorithm : algorithms()) names.push_back(algorithm.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, EveryAlgorithm, ::testing::ValuesIn(algorithm_names()),
                         [](const auto& about) { return about.param; });

}  // namespace
}  // namespace ludus::agents
