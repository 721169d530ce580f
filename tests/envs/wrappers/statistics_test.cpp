// RunningMeanStd and the wrappers that carry statistics.
#include <gtest/gtest.h>

#include <cmath>

#include "envs/registry/registry.h"
#include "envs/wrappers/normalize_observation.h"
#include "envs/wrappers/normalize_reward.h"
#include "envs/wrappers/record_episode_statistics.h"
#include "tests/envs/wrappers/scripted_env.h"

namespace ludus::envs {
namespace {

template <class T>
std::span<const T> span_of(const std::vector<T>& numbers) {
  return numbers;
}

TEST(RunningMeanStd, MergesABatch) {
  // n = 1 of mean 0 and variance 1; the batch {1, 3}: m = 2, b = 2, s² = 1, δ = 2, N = 3
  // μ = 0 + 2 · 2 / 3 = 4/3;  σ² = (1 · 1 + 1 · 2 + 4 · 1 · 2 / 3) / 3 = (3 + 8/3) / 3 = 17/9
  RunningMeanStd moments({}, DType::kFloat64, 1);
  moments.update(span_of<double>({1, 3}));
  EXPECT_DOUBLE_EQ(moments.mean().data<double>()[0], 4.0 / 3);
  EXPECT_DOUBLE_EQ(moments.variance().data<double>()[0], 17.0 / 9);
  EXPECT_EQ(moments.count(), 3);
}

TEST(RunningMeanStd, BatchesGiveTheMomentsOfAllNumbers) {
  // with next to nothing at the start, any batches give the mean and variance of all numbers
  Generator random(1);
  std::vector<double> all;
  RunningMeanStd moments(Shape{3}, DType::kFloat64, 1e-12);
  for (const std::size_t rows : {1u, 4u, 0u, 20u, 3u}) {
    std::vector<double> batch;
    for (std::size_t k = 0; k < 3 * rows; ++k) batch.push_back(5 + random.standard_normal());
    moments.update(span_of(batch));
    all.insert(all.end(), batch.begin(), batch.end());
  }
  for (std::size_t i = 0; i < 3; ++i) {
    double mean = 0, variance = 0;
    for (std::size_t k = i; k < all.size(); k += 3) mean += all[k] / 28;
    for (std::size_t k = i; k < all.size(); k += 3) variance += (all[k] - mean) * (all[k] - mean) / 28;
    EXPECT_NEAR(moments.mean().get(i), mean, 1e-10);
    EXPECT_NEAR(moments.variance().get(i), variance, 1e-9);
  }
}

TEST(RunningMeanStd, RoundTrips) {
  RunningMeanStd moments(Shape{2}, DType::kFloat32);
  moments.update(span_of<float>({1, 2, 3, 4}));
  RunningMeanStd copy(Shape{2}, DType::kFloat32);
  state_from_dict(copy, state_as_dict(moments));
  EXPECT_EQ(copy, moments);
  RunningMeanStd longer(Shape{3}, DType::kFloat32), wider(Shape{2});
  EXPECT_THROW(state_from_dict(longer, state_as_dict(moments)), TypeMismatch);
  EXPECT_THROW(state_from_dict(wider, state_as_dict(moments)), TypeMismatch);
  EXPECT_THROW(moments.update(span_of<float>({1, 2, 3})), InvalidArgument);
  EXPECT_THROW(RunningMeanStd({}, DType::kInt32), InvalidArgument);
}

TEST(NormalizeObservation, NormalizesByAllObservations) {
  // the first observation, 0, and the second, 1, after a count of 0.0001 of mean 0 and variance 1
  NormalizeObservation env(std::make_unique<ScriptedEnv>(counting(4)));
  EXPECT_EQ(env.reset(0).observation, Value(floats({0})));
  const double shown = env.step(0).observation.as_array().get(0);
  // n = 1.0001, N = 2.0001: μ = 1/N; σ² = (1.0001 · 0.0001/1.0001 + n/N) / N
  const double n = 1.0001, total = 2.0001, mean = 1 / total, variance = (0.0001 + n / total) / total;
  EXPECT_NEAR(shown, (1 - mean) / std::sqrt(variance + 1e-8), 1e-6);
  EXPECT_TRUE(env.observation_space().equals(*reals(1)));
  EXPECT_EQ(env.statistics().mean().dtype(), DType::kFloat32);
}

TEST(NormalizeObservation, FrozenStatisticsDoNotChange) {
  NormalizeObservation env(std::make_unique<ScriptedEnv>(counting(4)));
  env.reset(0);
  env.set_update_running_mean(false);
  const RunningMeanStd before = env.statistics();
  env.step(0);
  EXPECT_EQ(env.statistics(), before);
  EXPECT_FALSE(env.update_running_mean());
}

TEST(NormalizeObservation, UsesDoubleForIntegersAndRejectsParts) {
  NormalizeObservation lake(make("FrozenLake-v1"));
  EXPECT_EQ(lake.statistics().mean().dtype(), DType::kFloat64);
  EXPECT_EQ(lake.reset(0).observation.as_array().shape(), Shape{});
  EXPECT_THROW(NormalizeObservation{make("Blackjack-v1")}, InvalidArgument);
}

TEST(NormalizeReward, DividesByTheStandardDeviationOfTheReturn) {
  // rewards 1, 1, 1 with γ = 1/2: returns 1, 3/2, 7/4, of which the statistics hear one after another
  Script script = counting(3);
  NormalizeReward env(std::make_unique<ScriptedEnv>(std::move(script)), 0.5, 1e-300);
  env.reset(0);
  RunningMeanStd by_hand;
  double discounted = 0;
  for (const double expected : {1.0, 1.5, 1.0}) {
    // the third step terminates, and the return starts again with its reward
    const Step step = env.step(0);
    discounted = expected;
    by_hand.update(std::span<const double>(&discounted, 1));
    EXPECT_EQ(env.discounted_return(), expected);
    EXPECT_DOUBLE_EQ(step.reward, 1 / std::sqrt(by_hand.variance().get(0)));
  }
}

TEST(NormalizeReward, ReturnCarriesOverTruncations) {
  EnvPtr inside = make("Pendulum-v1", {}, {.max_episode_steps = 1});
  NormalizeReward env(std::move(inside), 0.9);
  env.reset(1);
  env.set_update_running_mean(false);
  EXPECT_TRUE(env.step(floats({0})).truncated);
  const double carried = env.discounted_return();
  env.reset();
  EXPECT_EQ(env.discounted_return(), carried);
  env.step(floats({0}));
  EXPECT_LT(env.discounted_return(), 0.9 * carried);  // Pendulum's rewards are negative
  EXPECT_EQ(env.statistics(), RunningMeanStd());
}

TEST(RecordEpisodeStatistics, ReportsReturnLengthAndTime) {
  double now = 10;
  Script script = counting(3);
  script.rewards = {1, 2, 4};
  RecordEpisodeStatistics env(std::make_unique<ScriptedEnv>(std::move(script)), 1, "episode", [&] { return now; });
  for (int episode = 1; episode <= 2; ++episode) {
    env.reset(0);
    now += 0.5;
    EXPECT_FALSE(env.step(0).info.contains("episode"));
    env.step(0);
    const Dict info = env.step(0).info;
    EXPECT_EQ(info.at("episode"), Value(Dict{{"r", 7.0}, {"l", 3}, {"t", 0.5}}));
    EXPECT_EQ(env.episode_count(), episode);
    EXPECT_EQ(env.return_queue(), std::deque<double>{7});  // keeps one
  }
}

}  // namespace
}  // namespace ludus::envs
