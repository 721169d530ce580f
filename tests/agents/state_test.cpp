// The contract of load(), for every algorithm: a checkpoint with any entry missing or wrong throws CorruptCheckpoint,
// and the agent is unchanged.
#include <gtest/gtest.h>

#include "agents/algorithms.h"
#include "tests/agents/support/drive.h"
#include "tests/agents/support/small_agents.h"
#include "tests/base/support/states.h"

namespace ludus::agents {
namespace {

Checkpoint saved(const Agent& agent) {
  Checkpoint checkpoint;
  agent.save(checkpoint);
  return checkpoint;
}

class EveryAlgorithm : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryAlgorithm, DamagedCheckpointsAreRefusedAndChangeNothing) {
  const Algorithm& algorithm = find_algorithm(GetParam());
  const auto envs = testing::make_envs(testing::environment_for(algorithm.name), 2);
  const EnvSignature signature = EnvSignature::of(*envs);
  const auto make = [&] { return algorithm.make(testing::settings_for(algorithm), signature, 3, "cpu"); };
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
  const auto envs = testing::make_envs(testing::environment_for(algorithm.name), 1);
  const EnvSignature signature = EnvSignature::of(*envs);
  const AgentPtr trained = algorithm.make(testing::settings_for(algorithm), signature, 3, "cpu");
  const AgentPtr target = algorithm.make(testing::settings_for(algorithm), signature, 4, "cpu");
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
