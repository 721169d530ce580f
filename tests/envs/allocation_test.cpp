// Stepping allocates nothing once the first steps have made what is kept. A program of its own: it counts every
// operator new.

#include <gtest/gtest.h>

#include "envs/registry/registry.h"
#include "tests/envs/allocations.h"

namespace ludus::envs {
namespace {

class Allocation : public ::testing::TestWithParam<const char*> {};

// The allocations of all steps of `episodes`, resets not counted.
std::size_t allocations_of_steps(Env& env, Step& step, const std::vector<Value>& actions, std::uint64_t episodes) {
  std::size_t counted = 0;
  for (std::uint64_t episode = 0; episode < episodes; ++episode) {
    env.reset(episode);
    for (std::size_t t = 0; t < 60; ++t) {
      const Value& action = actions[t % actions.size()];
      const std::size_t before = testing::allocations();
      env.step_into(action, step);
      counted += testing::allocations() - before;
      if (step.terminated || step.truncated) break;
    }
  }
  return counted;
}

TEST_P(Allocation, StepMakesNone) {
  const EnvPtr env = make(GetParam(), {}, {.warn = [](const auto&) {}});
  std::vector<Value> actions;
  env->action_space().seed(1);
  for (int i = 0; i < 60; ++i) actions.push_back(env->action_space().sample());
  Step step;
  allocations_of_steps(*env, step, actions, 1);  // makes what is kept
  EXPECT_EQ(allocations_of_steps(*env, step, actions, 10), 0u);
}

INSTANTIATE_TEST_SUITE_P(Environments, Allocation,
                         ::testing::Values("CartPole-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Pendulum-v1",
                                           "Acrobot-v1", "FrozenLake-v1", "FrozenLake8x8-v1", "CliffWalking-v1",
                                           "CliffWalkingSlippery-v1", "Taxi-v3", "Taxi-v4", "Blackjack-v1",
                                           "CarRacing-v3"),
                         [](const auto& id) {
                           std::string name = id.param;
                           for (char& letter : name) letter = letter == '-' ? '_' : letter;
                           return name;
                         });

// Vector environments without infos, on one thread and on several.
TEST(VectorAllocation, StepMakesNone) {
  for (const char* id : {"CartPole-v1", "Acrobot-v1"}) {
    for (const std::size_t threads : {1u, 3u}) {
      const auto envs =
          make_vec(id, 7, {.autoreset = AutoresetMode::kSameStep, .max_episode_steps = 9, .threads = threads});
      const std::vector<std::int64_t> actions{0, 1, 0, 1, 1, 0, 1};
      envs->reset(1);
      for (int t = 0; t < 30; ++t) envs->step(actions);  // makes what is kept
      const std::size_t before = testing::allocations();
      for (int t = 0; t < 60; ++t) envs->step(actions);
      EXPECT_EQ(testing::allocations(), before) << id << " on " << threads << " threads";
    }
  }
}

TEST(AllocationCount, SeesAFreshResultBeingMade) {
  // info of the first step into an empty result needs memory for its keys
  const EnvPtr env = make("Taxi-v4");
  Step step;
  EXPECT_GT(allocations_of_steps(*env, step, {Value(0)}, 1), 0u);
}

}  // namespace
}  // namespace ludus::envs
