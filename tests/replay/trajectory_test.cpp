#include "replay/trajectory.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/rng.h"
#include "base/value_io.h"
#include "tests/base/support/states.h"

namespace ludus::replay {
namespace {

constexpr StepSizes kOne{.observation = 1, .action = 1, .mask = 0};

// One environment's step: observation `s`, action 0, next observation `next`.
void add(Trajectory& steps, float s, float reward, float next, bool terminated, bool truncated, bool last = false) {
  const std::array<float, 1> observation{s}, action{0}, rewards{reward}, next_observation{next};
  const std::array<std::uint8_t, 1> ended{terminated}, cut{truncated};
  steps.add({.observations = observation,
             .actions = action,
             .masks = {},
             .rewards = rewards,
             .next_observations = next_observation,
             .terminated = ended,
             .truncated = cut},
            0, last);
}

std::vector<float> numbers(std::span<const float> span) {
  return {span.begin(), span.end()};
}

// γ = ½, λ = ½, V(s) = s.
//   t  s  r  s'          δ                        A
//   2  4  1  8 (last)    1 + ½·8 − 4 = 1          1
//   1  2  3  4           3 + ½·4 − 2 = 3          3 + ¼·1 = 3.25
//   0  6  0  2           0 + ½·2 − 6 = −5         −5 + ¼·3.25 = −4.1875
TEST(Trajectory, AdvantagesByHand) {
  Trajectory steps(kOne);
  add(steps, 6, 0, 2, false, false);
  add(steps, 2, 3, 4, false, false);
  add(steps, 4, 1, 8, false, false, /*last=*/true);
  ASSERT_EQ(numbers(steps.bootstrap_observations()), (std::vector<float>{8}));
  steps.estimate(steps.observations(), steps.bootstrap_observations(), 1, {.discount = 0.5, .gae_lambda = 0.5});
  EXPECT_EQ(numbers(steps.advantages()), (std::vector<float>{-4.1875f, 3.25f, 1}));
  EXPECT_EQ(numbers(steps.returns()), (std::vector<float>{1.8125f, 5.25f, 5}));
}

// As above, but step 1 ends its episode; 100 is what step 1 led to, 4 the next episode's first observation.
//   terminated:  δ_1 = 3 − 2 = 1                   A_1 = 1      A_0 = −5 + ¼·1
//   truncated:   δ_1 = 3 + ½·100 − 2 = 51          A_1 = 51     A_0 = −5 + ¼·51
// In neither does step 2, of another episode, add anything to A_1.
TEST(Trajectory, TerminationEndsAndTruncationCuts) {
  for (const auto& [terminated, truncated, expected] :
       {std::tuple{true, false, 1.0f}, {false, true, 51.0f}, {true, true, 1.0f}}) {
    Trajectory steps(kOne);
    add(steps, 6, 0, 2, false, false);
    add(steps, 2, 3, 100, terminated, truncated);
    add(steps, 4, 1, 8, false, false, /*last=*/true);
    steps.estimate(steps.observations(), steps.bootstrap_observations(), 1, {.discount = 0.5, .gae_lambda = 0.5});
    EXPECT_EQ(numbers(steps.advantages()), (std::vector<float>{-5 + expected / 4, expected, 1}));
  }
}

// Two environments, episodes of random length that end in either way, at the first and last step too, against the sum
// A_t = Σ_l (γλ)^l δ_{t+l} over the rest of the episode of the step.
TEST(Trajectory, AdvantagesAreTheSumOverTheEpisode) {
  constexpr std::size_t kEnvs = 2, kLength = 40;
  constexpr double kDiscount = 0.9, kLambda = 0.8;
  Generator random(7);
  for (int round = 0; round < 20; ++round) {
    Trajectory steps({.observation = 1, .action = 1, .mask = 0});
    std::vector<float> s, r, next;
    std::vector<std::uint8_t> ended, cut;
    for (std::size_t row = 0; row < kEnvs * kLength; ++row) {
      s.push_back(static_cast<float>(random.uniform(-1, 1)));
      r.push_back(static_cast<float>(random.uniform(-1, 1)));
      next.push_back(static_cast<float>(random.uniform(-1, 1)));
      ended.push_back(random.random() < 0.15 || row == 0);
      cut.push_back(random.random() < 0.15 || row == 1 || row + 1 == kEnvs * kLength);
      add(steps, s[row], r[row], next[row], ended[row], cut[row], /*last=*/row >= kEnvs * (kLength - 1));
    }
    steps.estimate(steps.observations(), steps.bootstrap_observations(), kEnvs,
                   {.discount = kDiscount, .gae_lambda = kLambda});

    for (std::size_t row = 0; row < s.size(); ++row) {
      double advantage = 0, weight = 1;
      for (std::size_t k = row;; k += kEnvs) {
        const bool border = ended[k] || cut[k] || k + kEnvs >= s.size();
        const double follows = ended[k] ? 0.0
                               : border ? static_cast<double>(next[k])
                                        : static_cast<double>(s[k + kEnvs]);
        advantage += weight * (static_cast<double>(r[k]) + kDiscount * follows - static_cast<double>(s[k]));
        weight *= kDiscount * kLambda;
        if (border) break;
      }
      EXPECT_NEAR(steps.advantages()[row], advantage, 1e-5) << row;
      EXPECT_NEAR(steps.returns()[row], advantage + static_cast<double>(s[row]), 1e-5) << row;
    }
  }
}

// With λ = 1 the intermediate values cancel: returns are the discounted rewards, plus V of the last state if truncated.
TEST(Trajectory, WithLambdaOneReturnsAreRewards) {
  Trajectory steps(kOne);
  add(steps, 6, 1, 2, false, false);
  add(steps, 2, 2, 9, true, false);
  add(steps, 5, 4, 3, false, false);
  add(steps, 3, 8, 16, false, true);
  steps.estimate(steps.observations(), steps.bootstrap_observations(), 1, {.discount = 0.5, .gae_lambda = 1});
  EXPECT_EQ(numbers(steps.returns()), (std::vector<float>{2, 2, 4 + 4 + 4, 8 + 8}));
}

TEST(Trajectory, AppendedStepsKeepTheirBootstraps) {
  Trajectory first(kOne), second(kOne);
  add(first, 1, 1, 7, false, true);
  add(second, 2, 1, 3, false, false);
  add(second, 3, 1, 9, false, true);
  first.append(second);
  EXPECT_EQ(numbers(first.bootstrap_observations()), (std::vector<float>{7, 9}));
  first.estimate(first.observations(), first.bootstrap_observations(), 1, {.discount = 1, .gae_lambda = 1});
  EXPECT_EQ(numbers(first.returns()), (std::vector<float>{8, 11, 10}));
}

TEST(Trajectory, RestoredAreTheSame) {
  const StepSizes sizes{.observation = 2, .action = 1, .mask = 3};
  Trajectory steps(sizes), restored(sizes);
  const std::array<float, 2> observation{1, 2}, next{3, 4};
  const std::array<float, 1> action{1}, reward{5};
  const std::array<std::uint8_t, 3> mask{1, 0, 1};
  const std::array<std::uint8_t, 1> no{0}, yes{1};
  steps.add({observation, action, mask, reward, next, no, yes}, 0, false);
  steps.add({next, action, mask, reward, observation, no, no}, 0, false);
  test::restore(restored, decode(encode(state_as_dict(steps))).as_dict());
  EXPECT_EQ(encode(state_as_dict(restored)), encode(state_as_dict(steps)));
  EXPECT_EQ(restored.size(), 2u);
  EXPECT_EQ(std::vector<std::uint8_t>(restored.masks().begin(), restored.masks().end()),
            (std::vector<std::uint8_t>{1, 0, 1, 1, 0, 1}));

  Trajectory other(kOne);
  EXPECT_THROW(test::restore(other, state_as_dict(steps)), TypeMismatch);
}

TEST(Trajectory, WrongSizesAreRefused) {
  EXPECT_THROW(Trajectory({.observation = 0, .action = 1, .mask = 0}), InvalidArgument);
  Trajectory steps(kOne);
  add(steps, 1, 1, 1, false, true);
  const std::array<float, 1> one{1};
  const Discounting discounting;
  EXPECT_THROW(steps.estimate({}, one, 1, discounting), InvalidArgument);
  EXPECT_THROW(steps.estimate(one, {}, 1, discounting), InvalidArgument);
  EXPECT_THROW(steps.estimate(one, one, 2, discounting), InvalidArgument);
}

}  // namespace
}  // namespace ludus::replay
