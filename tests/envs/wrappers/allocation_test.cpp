// Wrappers allocate nothing in a step once the first ones have made what is kept.
#include <gtest/gtest.h>

#include "envs/registry/registry.h"
#include "envs/registry/wrapper_table.h"
#include "tests/envs/allocations.h"

namespace ludus::envs {
namespace {

// The allocations of 60 steps of episodes that begin with these seeds, resets not counted.
std::size_t allocations_of_steps(Env& env, Step& step, const std::vector<Value>& actions) {
  std::size_t counted = 0;
  env.reset(1);
  for (std::size_t t = 0; t < 60; ++t) {
    const std::size_t before = testing::allocations();
    env.step_into(actions[t % actions.size()], step);
    counted += testing::allocations() - before;
    if (step.terminated || step.truncated) env.reset(t);
  }
  return counted;
}

TEST(WrapperAllocation, StepDoesNotAllocate) {
  const std::vector<std::pair<const char*, std::vector<WrapperSpec>>> stacks{
      {"CartPole-v1", {{"NormalizeObservation", {}}, {"NormalizeReward", {}}}},
      {"CartPole-v1", {{"DelayObservation", {{"delay", 3}}}, {"FrameStackObservation", {{"stack_size", 3}}}}},
      {"CartPole-v1", {{"TimeAwareObservation", {}}, {"ClipReward", {{"min_reward", 0}}}}},
      {"CartPole-v1", {{"StickyAction", {{"repeat_action_probability", 0.5}}}, {"MaxAndSkipObservation", {}}}},
      {"CartPole-v1", {{"RepeatAction", {{"num_repeats", 3}}}, {"PassiveEnvChecker", {}}, {"FlattenObservation", {}}}},
      {"MountainCar-v0", {{"DiscretizeObservation", {{"bins", 9}}}, {"FlattenObservation", {}}}},
      {"MountainCar-v0",
       {{"RescaleObservation", {{"min_obs", -1}, {"max_obs", 1}}}, {"ReshapeObservation", {{"shape", List{2, 1}}}}}},
      {"Pendulum-v1", {{"ClipAction", {}}, {"DtypeObservation", {{"dtype", "float64"}}}}},
      {"Pendulum-v1", {{"DiscretizeAction", {{"bins", 5}}}}},
      {"Pendulum-v1", {{"RescaleAction", {{"min_action", -1}, {"max_action", 1}}}}},
      {"Blackjack-v1", {{"FilterObservation", {{"filter_keys", List{0, 2}}}}}}};
  for (const auto& [id, stack] : stacks) {
    EnvPtr env = make(id);
    std::string trace = id;
    for (const WrapperSpec& wrapper : stack) {
      env = wrap(std::move(env), wrapper);
      trace += " " + wrapper.name;
    }
    std::vector<Value> actions;
    env->action_space().seed(1);
    for (int i = 0; i < 60; ++i) actions.push_back(env->action_space().sample());
    Step step;
    allocations_of_steps(*env, step, actions);  // makes what is kept
    EXPECT_EQ(allocations_of_steps(*env, step, actions), 0u) << trace;
  }
}

TEST(WrapperAllocation, VectorStepDoesNotAllocate) {
  VectorEnvPtr envs = make_vec("Pendulum-v1", 16);
  for (const char* name : {"vector.ClipAction", "vector.NormalizeObservation", "vector.NormalizeReward"}) {
    envs = wrap(std::move(envs), WrapperSpec{name, {}});
  }
  const std::vector<float> actions(16, 1.5f);
  envs->reset(1);
  envs->step(actions);
  const std::size_t before = testing::allocations();
  for (int t = 0; t < 60; ++t) envs->step(actions);
  EXPECT_EQ(testing::allocations(), before);
}

}  // namespace
}  // namespace ludus::envs
