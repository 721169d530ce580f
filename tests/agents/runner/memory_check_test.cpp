#include "agents/runner/memory_check.h"

#include <gtest/gtest.h>

#include "agents/algorithms.h"
#include "tests/agents/support/drive.h"

namespace ludus::agents {
namespace {

TEST(MemoryCheck, CountsTheReplayBuffer) {
  // a row of CartPole: 2 · 4 numbers of observations, 1 of action, reward, termination, discount: 12 floats of 4 bytes;
  // of Pendulum: 2 · 3 + 1 + 3 = 10 floats
  const auto bytes = [](const char* algorithm, const char* env) {
    const auto envs = testing::make_envs(env, 2);
    return find_algorithm(algorithm).make({{"buffer_size", 1000}}, EnvSignature::of(*envs), 0, "cpu")->memory_bytes();
  };
  EXPECT_EQ(bytes("dqn", "CartPole-v1"), 48000);
  for (const char* algorithm : {"ddpg", "td3", "sac"}) EXPECT_EQ(bytes(algorithm, "Pendulum-v1"), 40000) << algorithm;
  const auto envs = testing::make_envs("CartPole-v1", 2);
  EXPECT_EQ(find_algorithm("random_search").make({}, EnvSignature::of(*envs), 0, "cpu")->memory_bytes(), 0);
}

TEST(MemoryCheck, RejectsMoreThanTheMachineHas) {
  const auto envs = testing::make_envs("Pendulum-v1", 1);
  const auto agent_of = [&](std::int64_t size) {
    return find_algorithm("sac").make({{"buffer_size", size}}, EnvSignature::of(*envs), 0, "cpu");
  };
  EXPECT_NO_THROW(check_memory(*agent_of(1000)));
  EXPECT_THROW(check_memory(*agent_of(std::int64_t{9'000'000'000'000'000'000})), InvalidArgument);
}

}  // namespace
}  // namespace ludus::agents
