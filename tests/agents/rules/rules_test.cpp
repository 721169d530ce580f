#include "agents/rules/rules.h"

#include <gtest/gtest.h>

#include "tests/agents/support/resume.h"
#include "tests/agents/support/small_envs.h"

namespace ludus::agents {
namespace {

using testing::make_envs;
using testing::mean_return;

EnvSignature read_metadata(const std::string& id, std::size_t n = 1) {
  return EnvSignature::of(*make_envs(id, n));
}

// x, x_dot, θ, θ̇; 1/λ = sqrt(0.5 (4/3 - 0.1/1.1) / 9.8) = 0.25177 s
TEST(Rules, LeanLooksAtTheAngleAndBalanceAlsoAtItsVelocity) {
  const EnvSignature facts = read_metadata("CartPole-v1");
  const std::vector<float> observations = {
      9, 9,  0.1f,   0,      // leans right
      9, 9,  -0.1f,  0,      // leans left
      9, -9, 0.1f,   -0.3f,  // leans right, falls left too slowly: 0.1 - 0.0755 > 0
      9, -9, 0.1f,   -0.5f,  // leans right, falls left fast: 0.1 - 0.1259 < 0
      9, -9, -0.07f, 0.28f,  // -0.07 + 0.070496 > 0
      9, -9, -0.07f, 0.276f  // -0.07 + 0.069489 < 0
  };
  envs::ActionBatch actions;
  make_builtin("lean", facts)->predict({observations, 6}, true, actions);
  EXPECT_EQ(actions.discrete, (std::vector<std::int64_t>{1, 0, 1, 1, 0, 0}));
  make_builtin("balance", facts)->predict({observations, 6}, true, actions);
  EXPECT_EQ(actions.discrete, (std::vector<std::int64_t>{1, 0, 1, 0, 1, 0}));
  EXPECT_TRUE(actions.continuous.empty());
}

TEST(Rules, RandomActionsNeverLeaveABoxOfDoubles) {
  // 0.1 and the next double: hardly any float32 lies between such bounds, and rounding would leave them
  const envs::Box box(0.1, 0.1 + 3e-9, Shape{1}, DType::kFloat64);
  EnvSignature env = read_metadata("Pendulum-v1");
  env.action_space = std::make_shared<envs::Box>(box);
  RandomPolicy policy(env, 0);
  envs::ActionBatch actions;
  policy.draw(100, actions);
  for (const float action : actions.continuous) {
    EXPECT_TRUE(box.contains(Array::of({static_cast<double>(action)}))) << action;
  }
}

// The returns of the common exercise: random about 20, lean about 42, and a rule with the velocity solves the task.
TEST(Rules, EarnWhatTheyAreKnownToEarnOnCartPole) {
  const EnvSignature facts = read_metadata("CartPole-v0");
  EXPECT_NEAR(mean_return(*make_builtin("random", facts), "CartPole-v0", 400, 0), 22, 2);
  EXPECT_NEAR(mean_return(*make_builtin("lean", facts), "CartPole-v0", 100, 0), 42, 2);
  EXPECT_EQ(mean_return(*make_builtin("balance", facts), "CartPole-v0", 100, 0), 200);
  EXPECT_EQ(mean_return(*make_builtin("balance", facts), "CartPole-v1", 100, 0), 500);
}

TEST(Rules, RandomDrawsWhatTheActionSpaceDraws) {
  const EnvSignature facts = read_metadata("CartPole-v0");
  RandomPolicy policy(facts, 42);
  const auto space = facts.action_space->clone();
  space->seed(42);
  std::vector<std::int64_t> wanted;
  for (int i = 0; i < 20; ++i) wanted.push_back(space->sample().as_int());
  envs::ActionBatch actions;
  policy.predict({{}, 20}, true, actions);
  EXPECT_EQ(actions.discrete, wanted);
  policy.predict({{}, 20}, true, actions);
  EXPECT_NE(actions.discrete, wanted);
  policy.seed(42);
  policy.predict({{}, 20}, false, actions);
  EXPECT_EQ(actions.discrete, wanted);
}

TEST(Rules, RandomFillsRowsOfReals) {
  testing::register_small_envs();
  EnvSignature facts = read_metadata("AgentsTest/Target-v0");
  facts.action_space = std::make_shared<envs::Box>(Array::of<float>({-1, 5}), Array::of<float>({1, 6}));
  facts.action_size = 2;
  RandomPolicy policy(facts, 1);
  envs::ActionBatch actions;
  policy.predict({{}, 50}, true, actions);
  ASSERT_EQ(actions.continuous.size(), 100u);
  EXPECT_TRUE(actions.discrete.empty());
  for (std::size_t i = 0; i < 100; i += 2) {
    EXPECT_TRUE(actions.continuous[i] >= -1 && actions.continuous[i] < 1) << actions.continuous[i];
    EXPECT_TRUE(actions.continuous[i + 1] >= 5 && actions.continuous[i + 1] < 6) << actions.continuous[i + 1];
  }
}

TEST(Rules, TheListIsSortedAndEveryEntryCanBeMade) {
  std::vector<std::string> names;
  for (const BuiltinPolicy& policy : builtin_policies()) {
    names.push_back(policy.name);
    EXPECT_FALSE(policy.summary.empty());
    if (policy.name == "heuristic") continue;  // for landers and walkers: heuristic_test.cpp
    EXPECT_NE(make_builtin(policy.name, read_metadata("CartPole-v1")), nullptr);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"balance", "heuristic", "lean", "random"}));
}

TEST(Rules, AnUnknownNameIsAnsweredWithTheClosest) {
  try {
    make_builtin("balanse", read_metadata("CartPole-v1"));
    FAIL();
  } catch (const UnknownPolicy& error) {
    EXPECT_NE(std::string(error.what()).find("Did you mean `balance`?"), std::string::npos) << error.what();
  }
}

TEST(Rules, RulesForCartPoleRefuseOtherEnvironments) {
  testing::register_small_envs();
  const EnvSignature facts = read_metadata("AgentsTest/Signs-v0");
  EXPECT_THROW(make_builtin("lean", facts), NotApplicable);
  EXPECT_THROW(make_builtin("balance", facts), NotApplicable);
  EXPECT_NO_THROW(make_builtin("random", facts));
}

TEST(RandomAgent, ResumesExactlyAndAnEvaluationDoesNotDisturbIt) {
  const auto make = [](const EnvSignature& facts) -> AgentPtr {
    return std::make_unique<RandomAgent>(RandomAgent::Config{}, facts, 3, "cpu");
  };
  testing::expect_exact_resume(make, "CartPole-v0", 3, 150, 150);

  const AgentPtr a = make(read_metadata("CartPole-v0", 2)), b = make(read_metadata("CartPole-v0", 2));
  mean_return(*a, "CartPole-v0", 2, 9);
  const std::vector<float> observations(8);
  envs::ActionBatch from_a, from_b;
  for (int i = 0; i < 20; ++i) {
    a->act({observations, 2}, from_a);
    b->act({observations, 2}, from_b);
    EXPECT_EQ(from_a.discrete, from_b.discrete);
  }
}

}  // namespace
}  // namespace ludus::agents
