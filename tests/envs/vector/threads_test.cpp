// The results of a vector environment do not depend on its number of threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/float_mode.h"
#include "envs/registry/registry.h"
#include "envs/vector/sync_vector_env.h"
#include "tests/envs/support/drive.h"
#include "tests/envs/support/fragile.h"

namespace ludus::envs {
namespace {

using testing::Hash;

constexpr std::size_t kEnvs = 11;  // not divisible by any tested number of threads

// Hashes all results of 60 random steps in every mode and on both engines: discrete and continuous actions; float,
// double and integer observations; with and without infos.
std::uint64_t hash_of_all(std::size_t threads) {
  Hash hash;
  for (const char* id : {"CartPole-v1", "Pendulum-v1", "Acrobot-v1", "MountainCarContinuous-v0", "FrozenLake-v1",
                         "Taxi-v4", "Blackjack-v1"}) {
    for (const auto autoreset : {AutoresetMode::kNextStep, AutoresetMode::kSameStep, AutoresetMode::kDisabled}) {
      for (const auto engine : {VectorizationMode::kSimulator, VectorizationMode::kSync}) {
        const auto envs = make_vec(id, kEnvs,
                                   {.mode = engine,
                                    .autoreset = autoreset,
                                    .max_episode_steps = 17,
                                    .threads = threads,
                                    .warn = ignore_warnings});
        const SpacePtr actions = envs->single_action_space().clone();
        actions->seed(5);
        hash.add(envs->reset(42));
        testing::drive(*envs, *actions, 60, hash);
        hash.add(envs->reset());
      }
    }
  }
  return hash.value();
}

TEST(Threads, ResultsDoNotDependOnTheNumberOfThreads) {
  constexpr std::uint64_t kGolden = 16984850762110935796u;
  for (const std::size_t threads : {0u, 1u, 2u, 3u, 8u}) EXPECT_EQ(hash_of_all(threads), kGolden) << threads;
}

TEST(Threads, NumberIsClampedToTheNumberOfEnvironments) {
  const auto envs = make_vec("CartPole-v1", 4, {.threads = 3});
  EXPECT_EQ(envs->threads(), 3u);
  envs->set_threads(9);
  EXPECT_EQ(envs->threads(), 4u);
  envs->set_threads(0);
  EXPECT_EQ(envs->threads(), 1u);
  EXPECT_THROW(make_vec("CartPole-v1", 4, {.mode = VectorizationMode::kVectorEntry, .threads = 2}), NotSupported);
}

TEST(Threads, CanChangeMidEpisode) {
  const auto run = [](const std::vector<std::size_t>& threads) {
    const auto envs = make_vec("Taxi-v4", 6);
    const SpacePtr actions = envs->single_action_space().clone();
    actions->seed(1);
    Hash hash;
    hash.add(envs->reset(3));
    for (const std::size_t count : threads) {
      envs->set_threads(count);
      testing::drive(*envs, *actions, 9, hash);
    }
    return hash.value();
  };
  EXPECT_EQ(run({1, 1, 1, 1}), run({4, 1, 6, 2}));
}

VectorEnvPtr fragile(std::size_t n, const std::string& failure, std::size_t threads) {
  std::vector<EnvPtr> envs;
  for (std::size_t i = 0; i < n; ++i) envs.push_back(std::make_unique<testing::Fragile>(failure));
  auto vector_env = std::make_unique<SyncVectorEnv>(std::move(envs), AutoresetMode::kNextStep);
  vector_env->set_threads(threads);
  return vector_env;
}

// Two environments: each step waits for a step of the other, so that two threads are inside step() at the same time
// under any load.
struct Meeting {
  using Scalar = double;  // converted to float through a buffer of the vector environment
  struct Config {
    template <class Self, class Visit>
    static void fields(Self&, Visit&&) {}
  };
  struct State {
    double sum;
  };
  static inline std::atomic<int> arrived{0};

  Config config;
  SpacePtr observation_space() const { return std::make_unique<Box>(-1e9, 1e9, Shape{64}, DType::kFloat64); }
  SpacePtr action_space() const { return std::make_unique<Discrete>(1000); }
  State reset(Generator&, const Dict&) const { return {0}; }
  Transition step(State& state, std::int64_t action, Generator&) const {
    const int meeting = arrived++ / 2 + 1;
    while (arrived < 2 * meeting) std::this_thread::yield();
    state.sum += static_cast<double>(action);
    return {.reward = state.sum, .terminated = false};
  }
  void observe(const State& state, std::span<double> out) const { std::fill(out.begin(), out.end(), state.sum); }
  void inform(const State& state, Dict& info) const { info["sum"] = state.sum; }
};

TEST(Threads, ConcurrentStepsShareNoData) {
  register_env<Meeting>({.id = "threads/Meeting-v0"});
  for (const auto engine : {VectorizationMode::kSimulator, VectorizationMode::kSync}) {
    const auto envs = make_vec("threads/Meeting-v0", 2, {.mode = engine, .threads = 2});
    envs->reset(0);
    const std::vector<std::int64_t> actions{3, 500};
    for (int t = 1; t <= 200; ++t) {
      const VectorStep& step = envs->step(actions);
      ASSERT_EQ(step.rewards, (std::vector<double>{3.0 * t, 500.0 * t}));
      for (std::size_t k = 0; k < 128; ++k) {
        ASSERT_EQ(step.observations[k], static_cast<float>(k < 64 ? 3 * t : 500 * t)) << k;
      }
      ASSERT_EQ(step.info.at("sum").as_array(), Array::of({3.0 * t, 500.0 * t}));
    }
  }
}

// Returns the message of the exception that a step with the actions throws.
template <class Kind>
std::string thrown_by(VectorEnv& envs, const std::vector<std::int64_t>& actions) {
  try {
    envs.step(actions);
  } catch (const Kind& error) {
    return error.what();
  }
  return "no exception of that type";
}

class ThreadCount : public ::testing::TestWithParam<std::size_t> {};

TEST_P(ThreadCount, ExceptionsNameTheEnvironmentAndReachTheCaller) {
  const std::vector<std::int64_t> two_fail{0, 0, 0, 1, 0, 1}, none_fails(6, 0);
  const auto input = fragile(6, "input", GetParam());
  input->reset(0);
  EXPECT_EQ(thrown_by<InvalidArgument>(*input, two_fail), "environment 3: too hot");
  EXPECT_EQ(thrown_by<InvalidArgument>(*input, {0, 1, 0, 0, 0, 0}), "environment 1: too hot");
  EXPECT_NO_THROW(input->step(none_fails));  // the threads still run

  const auto foreign = fragile(6, "foreign", GetParam());
  foreign->reset(0);
  EXPECT_EQ(thrown_by<WorkError>(*foreign, two_fail), "environment 3 failed: map::at");
  const auto thing = fragile(6, "thing", GetParam());
  thing->reset(0);
  EXPECT_EQ(thrown_by<WorkError>(*thing, two_fail),
            "environment 3 failed: it threw an object that is not a std::exception");
  try {
    thing->reset(0, {{"wind", 1.0}});
    FAIL() << "nothing was thrown";
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(), "environment 0: there is no option \"wind\"");
  }
}

#if defined(__x86_64__) || defined(__aarch64__)
TEST_P(ThreadCount, WorkersFlushDenormalsIfTheCallerDoes) {
  std::thread([] {
    const FloatMode initial = float_mode();
    const auto envs = fragile(24, "", GetParam());
    const std::vector<std::int64_t> actions(24, 0);
    envs->reset(0);
    EXPECT_EQ(envs->step(actions).rewards, std::vector<double>(24, 0.0));
    flush_denormals_on_this_thread();
    EXPECT_EQ(envs->step(actions).rewards, std::vector<double>(24, 1.0));
    set_float_mode(initial);
    EXPECT_EQ(envs->step(actions).rewards, std::vector<double>(24, 0.0));
  }).join();
}
#endif

INSTANTIATE_TEST_SUITE_P(Threads, ThreadCount, ::testing::Values(1, 2, 3, 8));

}  // namespace
}  // namespace ludus::envs
