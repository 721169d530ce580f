// Common tests of the landers and walkers: specs, snapshots, determinism.

#include "envs/registry/box2d.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <thread>

#if defined(__SSE__)
#include <immintrin.h>
#endif

#include "tests/envs/box2d/episodes.h"

namespace ludus::envs {
namespace {

using testing::box2d_ids;
using testing::hash_of_walk;

class Box2d : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, Box2d, ::testing::ValuesIn(box2d_ids()),
                         [](const auto& test) { return test.param.substr(0, test.param.find('-')); });

TEST(Box2dSpecs, AreGymnasiums) {
  const auto expect = [](const char* id, double threshold, std::int64_t steps) {
    EXPECT_EQ(spec(id).reward_threshold, threshold) << id;
    EXPECT_EQ(spec(id).max_episode_steps, steps) << id;
  };
  expect("LunarLander-v3", 200, 1000);
  expect("LunarLanderContinuous-v3", 200, 1000);
  expect("BipedalWalker-v3", 300, 1600);
  expect("BipedalWalkerHardcore-v3", 300, 2000);
  EXPECT_EQ(make("LunarLander-v3")->action_space().to_string(), "Discrete(4)");
  EXPECT_EQ(make("LunarLander-v3", {{"continuous", true}})->action_space().kind(), "Box");
  EXPECT_EQ(make("LunarLanderContinuous-v3")->action_space().kind(), "Box");
  EXPECT_EQ(make("LunarLanderContinuous-v3", {{"continuous", false}})->action_space().kind(), "Discrete");
  EXPECT_EQ(make_vec("LunarLander-v3", 2, {}, {{"continuous", true}})->single_action_space().kind(), "Box");
  EXPECT_THROW(make("LunarLander-v3", {{"continuous", "yes"}}), InputError);
}

TEST_P(Box2d, ASnapshotAndACloneGoOnAsTheOriginal) {
  const EnvPtr env = make(GetParam());
  env->action_space().seed(7);
  env->reset(11);
  for (int t = 0; t < 45; ++t) env->step(env->action_space().sample());  // in the air, landed or fallen
  const Value saved = env->get_state();
  const EnvPtr copy = env->clone();
  const EnvPtr restored = make(GetParam());
  restored->set_state(saved);
  for (int t = 0; t < 60; ++t) {
    const Value action = env->action_space().sample();
    const Step a = env->step(action), b = copy->step(action), c = restored->step(action);
    ASSERT_EQ(a.observation, b.observation) << t;
    ASSERT_EQ(a.observation, c.observation) << t;
    ASSERT_EQ(a.reward, b.reward) << t;
    ASSERT_EQ(a.reward, c.reward) << t;
    ASSERT_EQ(a.terminated, b.terminated) << t;
    ASSERT_EQ(a.terminated, c.terminated) << t;
  }
  // the generators agree, too
  const Value next = env->reset().observation;
  EXPECT_EQ(copy->reset().observation, next);
  EXPECT_EQ(restored->reset().observation, next);
}

TEST_P(Box2d, AUsedEnvironmentSeededAnewEqualsAFreshOne) {
  const EnvPtr used = make(GetParam()), fresh = make(GetParam());
  hash_of_walk(*used, 3, 150);
  EXPECT_EQ(hash_of_walk(*used, 5, 150), hash_of_walk(*fresh, 5, 150));
}

TEST_P(Box2d, DrawingChangesNothing) {
  const EnvPtr plain = make(GetParam()), drawn = make(GetParam());
  plain->action_space().seed(1);
  plain->reset(2);
  drawn->reset(2);
  for (int t = 0; t < 50; ++t) {
    EXPECT_FALSE(drawn->render().items.empty());
    const Value action = plain->action_space().sample();
    ASSERT_EQ(plain->step(action).observation, drawn->step(action).observation) << t;
  }
  EXPECT_EQ(plain->reset().observation, drawn->reset().observation);
}

// The hash is the same for any number of threads, also on threads that flush denormals.
TEST_P(Box2d, ThreadsDoNotMatter) {
  const std::uint64_t alone = hash_of_walk(*make(GetParam()), 0, 120);
  std::vector<std::uint64_t> hashes(6);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    threads.emplace_back([&, i] {
#if defined(__SSE__)
      if (i % 2 == 1) _mm_setcsr(_mm_getcsr() | 0x8040);  // flush to zero, denormals are zero
#endif
      hashes[i] = hash_of_walk(*make(GetParam()), 0, 120);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::uint64_t hash : hashes) EXPECT_EQ(hash, alone);
}

TEST_P(Box2d, RefusesOptionsAndForeignStates) {
  const EnvPtr env = make(GetParam());
  EXPECT_THROW(env->reset(0, {{"low", 1}}), InvalidArgument);
  env->reset(0);
  const EnvPtr other = make(GetParam().starts_with("Lunar") ? "BipedalWalker-v3" : "LunarLander-v3");
  other->reset(0);
  EXPECT_THROW(env->set_state(other->get_state()), InputError);
  EXPECT_NO_THROW(env->step(env->action_space().sample()));
}

}  // namespace
}  // namespace ludus::envs
