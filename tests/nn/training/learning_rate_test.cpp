#include "nn/training/learning_rate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "base/error.h"

namespace ludus::nn {
namespace {

TEST(LearningRate, ExponentialStaircase) {
  // 0.1 · 0.96^⌊step / 100⌋: tf.train.exponential_decay(0.1, step, 100, 0.96, staircase=True)
  const LearningRate rate{
      .schedule = "exponential", .initial = 0.1, .decay_rate = 0.96, .decay_steps = 100, .staircase = true};
  EXPECT_DOUBLE_EQ(rate.at(0, 0), 0.1);
  EXPECT_DOUBLE_EQ(rate.at(99, 0), 0.1);
  EXPECT_DOUBLE_EQ(rate.at(100, 0), 0.096);
  EXPECT_DOUBLE_EQ(rate.at(250, 0), 0.1 * 0.96 * 0.96);
  EXPECT_DOUBLE_EQ(rate.at(1000, 0), 0.1 * std::pow(0.96, 10));
}

TEST(LearningRate, ExponentialIsSmoothWithoutStaircase) {
  const LearningRate rate{.schedule = "exponential", .initial = 0.1, .decay_rate = 0.25, .decay_steps = 100};
  EXPECT_DOUBLE_EQ(rate.at(50, 0), 0.05);
  EXPECT_DOUBLE_EQ(rate.at(150, 0), 0.1 * std::pow(0.25, 1.5));
}

TEST(LearningRate, LinearAndCosineEndAtTheirFinalRate) {
  const LearningRate linear{.schedule = "linear", .initial = 1.0, .final = 0.2};
  EXPECT_DOUBLE_EQ(linear.at(0, 100), 1.0);
  EXPECT_DOUBLE_EQ(linear.at(25, 100), 0.8);
  EXPECT_DOUBLE_EQ(linear.at(100, 100), 0.2);
  EXPECT_DOUBLE_EQ(linear.at(150, 100), 0.2);
  const LearningRate cosine{.schedule = "cosine", .initial = 1.0, .final = 0.2};
  EXPECT_DOUBLE_EQ(cosine.at(0, 100), 1.0);
  EXPECT_DOUBLE_EQ(cosine.at(25, 100), 0.2 + 0.8 * (1 + std::numbers::sqrt2 / 2) / 2);
  EXPECT_DOUBLE_EQ(cosine.at(50, 100), 0.6);
  EXPECT_DOUBLE_EQ(cosine.at(100, 100), 0.2);
}

TEST(LearningRate, WarmUpRisesLinearlyAndShiftsTheSchedule) {
  const LearningRate rate{.schedule = "linear", .initial = 1.0, .warmup_steps = 4};
  EXPECT_DOUBLE_EQ(rate.at(0, 14), 0.25);
  EXPECT_DOUBLE_EQ(rate.at(3, 14), 1.0);
  EXPECT_DOUBLE_EQ(rate.at(4, 14), 1.0);
  EXPECT_DOUBLE_EQ(rate.at(9, 14), 0.5);
  EXPECT_DOUBLE_EQ(rate.at(14, 14), 0.0);
}

// The phases of OneCycleLR(max_lr=1, total_steps=100): it starts at 1 / 25, is at its peak at step 0.3 · 100 − 1 and
// ends at 1 / 25 / 10⁴ at step 99.
TEST(LearningRate, OneCycle) {
  const LearningRate rate{.schedule = "one_cycle", .initial = 1.0};
  EXPECT_NEAR(rate.at(0, 100), 0.04, 1e-12);
  EXPECT_NEAR(rate.at(29, 100), 1.0, 1e-12);
  EXPECT_NEAR(rate.at(64, 100), (1.0 + 4e-6) / 2, 1e-12);  // half of the way down
  EXPECT_NEAR(rate.at(99, 100), 4e-6, 1e-12);
  EXPECT_LT(rate.at(10, 100), rate.at(20, 100));
}

TEST(LearningRate, RejectsWhatItCannotDo) {
  EXPECT_THROW((LearningRate{.schedule = "cosin"}.check()), InvalidArgument);
  EXPECT_THROW((LearningRate{.initial = 0.0}.check()), InvalidArgument);
  EXPECT_THROW((LearningRate{.initial = std::nan("")}.check()), InvalidArgument);
  EXPECT_THROW((LearningRate{.final = -1.0}.check()), InvalidArgument);
  EXPECT_THROW((LearningRate{.decay_rate = 0.0}.check()), InvalidArgument);
  EXPECT_THROW((LearningRate{.decay_steps = -1}.check()), InvalidArgument);
  EXPECT_THROW((LearningRate{.warmup_steps = -1}.check()), InvalidArgument);
  EXPECT_NO_THROW(LearningRate{}.check());
}

}  // namespace
}  // namespace ludus::nn
