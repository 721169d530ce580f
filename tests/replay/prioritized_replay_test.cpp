#include "replay/prioritized_replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace ludus::replay {
namespace {

// With α = ½ and ε = 1 the errors 3, 0, 8, 15 have the priorities √4, √1, √9, √16 = 2, 1, 3, 4: together 10.
constexpr std::array<float, 4> kErrors{3, 0, -8, 15};
constexpr std::array<std::size_t, 4> kSlots{0, 1, 2, 3};

ReplayOptions options(std::size_t capacity, PriorityOptions priorities = {.alpha = 0.5, .epsilon = 1}) {
  return {.capacity = capacity, .observation_size = 1, .action_size = 1, .priorities = priorities};
}

void fill(ReplayBuffer& memory, std::size_t count) {
  for (std::size_t k = 0; k < count; ++k) {
    const std::array<float, 1> x{static_cast<float>(k)};
    memory.add({.observation = x, .action = x, .next_observation = x});
  }
}

// Each of the ten strata of length 1 lies within one transition, so that the sample is deterministic.
TEST(PrioritizedReplay, StrataAndWeightsByHand) {
  PrioritizedReplay memory(options(4));
  fill(memory, 4);
  memory.update_priorities(kSlots, kErrors);
  EXPECT_EQ(memory.total_priority(), 10);
  Generator generator(0);
  Batch batch;
  memory.set_beta(1);
  memory.sample(10, generator, batch);
  EXPECT_EQ(batch.slots, (std::vector<std::size_t>{0, 0, 1, 2, 2, 2, 3, 3, 3, 3}));
  for (std::size_t k = 0; k < 10; ++k) EXPECT_EQ(batch.observations[k], static_cast<float>(batch.slots[k]));

  // (N P)^−1 = 1/(4 · 0.2), 1/(4 · 0.1), 1/(4 · 0.3), 1/(4 · 0.4), over the largest, 2.5
  const std::array<float, 4> weights{0.5f, 1, 1.0f / 3, 0.25f};
  for (std::size_t k = 0; k < 10; ++k) EXPECT_FLOAT_EQ(batch.weights[k], weights[batch.slots[k]]) << k;
  memory.set_beta(0.5);
  memory.sample(10, generator, batch);
  for (std::size_t k = 0; k < 10; ++k) EXPECT_FLOAT_EQ(batch.weights[k], std::sqrt(weights[batch.slots[k]])) << k;
  memory.set_beta(0);
  memory.sample(10, generator, batch);
  EXPECT_EQ(batch.weights, std::vector<float>(10, 1.0f));

  // the largest weight is that of the batch: a batch of one has weight 1
  memory.set_beta(1);
  for (int i = 0; i < 10; ++i) {
    memory.sample(1, generator, batch);
    EXPECT_EQ(batch.weights[0], 1);
  }
}

TEST(PrioritizedReplay, NewTransitionsHaveTheLargestPrioritySoFar) {
  PrioritizedReplay memory(options(3, {.alpha = 0.5, .epsilon = 0.01}));
  fill(memory, 2);
  EXPECT_EQ(memory.priority(0), 1);
  memory.update_priorities(std::array<std::size_t, 1>{0}, std::array<float, 1>{0});
  EXPECT_DOUBLE_EQ(memory.priority(0), 0.1);
  fill(memory, 1);
  EXPECT_EQ(memory.priority(2), 1);  // none was above 1 yet
  memory.update_priorities(std::array<std::size_t, 1>{1}, std::array<float, 1>{8.99f});
  EXPECT_FLOAT_EQ(static_cast<float>(memory.priority(1)), 3);
  memory.update_priorities(std::array<std::size_t, 1>{1}, std::array<float, 1>{0});
  fill(memory, 1);  // in slot 0
  EXPECT_FLOAT_EQ(static_cast<float>(memory.priority(0)), 3);
}

// Pearson's χ² = Σ (counted − expected)² / expected, over the outcomes that can be.
struct ChiSquare {
  double statistic = 0;
  int freedom = 0;

  void add(const std::vector<double>& counted, const std::vector<double>& expected) {
    --freedom;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (expected[i] == 0) {
        EXPECT_EQ(counted[i], 0) << i;
        continue;
      }
      statistic += (counted[i] - expected[i]) * (counted[i] - expected[i]) / expected[i];
      ++freedom;
    }
  }
};

std::vector<double> with_random_errors(PrioritizedReplay& memory) {
  Generator random(11);
  std::vector<std::size_t> slots(memory.size());
  std::vector<float> errors(memory.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    slots[i] = i;
    errors[i] = static_cast<float>(random.normal(0, 5));
  }
  memory.update_priorities(slots, errors);
  std::vector<double> probabilities;
  for (const float error : errors) probabilities.push_back(std::sqrt(std::abs(static_cast<double>(error)) + 1));
  double total = 0;
  for (const double p : probabilities) total += p;
  for (double& p : probabilities) p /= total;
  return probabilities;
}

// P(i) = p_i / Σ p. Of 31 degrees of freedom, χ² exceeds 61.1 once in a thousand seeds.
TEST(PrioritizedReplay, DrawsInProportion) {
  constexpr std::size_t kDraws = 50'000;
  PrioritizedReplay memory(options(32));
  fill(memory, 32);
  const std::vector<double> probabilities = with_random_errors(memory);
  std::vector<double> counted(32), expected(32);
  Generator generator(12);
  Batch batch;
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    memory.sample(1, generator, batch);
    ++counted[batch.slots[0]];
  }
  for (std::size_t i = 0; i < 32; ++i) expected[i] = probabilities[i] * kDraws;
  ChiSquare chi_square;
  chi_square.add(counted, expected);
  ASSERT_EQ(chi_square.freedom, 31);
  EXPECT_LT(chi_square.statistic, 61.1);
}

// Row k of a batch comes from the k-th of n equal strata of [0, 1), of which transition i covers the overlap with [P(0)
// + … + P(i − 1), … + P(i)); over all rows of a batch this makes n P(i), because the strata cover the whole.
TEST(PrioritizedReplay, DrawsOneFromEachStratum) {
  constexpr std::size_t kBatch = 7, kBatches = 20'000;
  PrioritizedReplay memory(options(32));
  fill(memory, 32);
  const std::vector<double> probabilities = with_random_errors(memory);
  std::vector<std::vector<double>> counted(kBatch, std::vector<double>(32));
  Generator generator(13);
  Batch batch;
  for (std::size_t draw = 0; draw < kBatches; ++draw) {
    memory.sample(kBatch, generator, batch);
    for (std::size_t k = 0; k < kBatch; ++k) ++counted[k][batch.slots[k]];
  }
  ChiSquare chi_square;
  for (std::size_t k = 0; k < kBatch; ++k) {
    std::vector<double> expected(32);
    double first = 0;
    for (std::size_t i = 0; i < 32; ++i) {
      const double last = first + probabilities[i];
      const double overlap =
          std::min(last, static_cast<double>(k + 1) / kBatch) - std::max(first, static_cast<double>(k) / kBatch);
      expected[i] = std::max(0.0, overlap) * kBatch * kBatches;
      first = last;
    }
    chi_square.add(counted[k], expected);
  }
  // each of the six borders within a transition adds one outcome: 32 + 6 outcomes in 7 strata, 31 degrees of freedom
  ASSERT_EQ(chi_square.freedom, 31);
  EXPECT_LT(chi_square.statistic, 61.1);

  // n P(i) of a batch on average. Stratified counts vary less than binomial ones, of which five standard deviations are
  // allowed
  for (std::size_t i = 0; i < 32; ++i) {
    double count = 0;
    for (std::size_t k = 0; k < kBatch; ++k) count += counted[k][i];
    const double draws = kBatch * kBatches;
    EXPECT_NEAR(count, draws * probabilities[i], 5 * std::sqrt(draws * probabilities[i] * (1 - probabilities[i]))) << i;
  }
}

TEST(PrioritizedReplay, WithAlphaZeroErrorsDoNotMatter) {
  PrioritizedReplay memory(options(4, {.alpha = 0, .epsilon = 1e-6}));
  fill(memory, 4);
  memory.update_priorities(kSlots, kErrors);
  for (const std::size_t slot : kSlots) EXPECT_EQ(memory.priority(slot), 1);
}

TEST(PrioritizedReplay, RefusesWhatIsWrong) {
  PrioritizedReplay memory(options(4));
  fill(memory, 2);
  const auto set = [&](std::size_t slot, float error) {
    memory.update_priorities(std::array<std::size_t, 1>{slot}, std::array<float, 1>{error});
  };
  EXPECT_NO_THROW(set(1, 3));
  EXPECT_THROW(set(2, 3), InvalidArgument);
  EXPECT_THROW(set(4, 3), InvalidArgument);
  EXPECT_THROW(set(1, std::numeric_limits<float>::quiet_NaN()), InvalidArgument);
  EXPECT_THROW(set(1, std::numeric_limits<float>::infinity()), InvalidArgument);
  EXPECT_THROW(memory.update_priorities(kSlots, std::array<float, 1>{1}), InvalidArgument);
  EXPECT_EQ(memory.priority(1), 2);
  for (const double beta : {-0.1, 1.1, std::nan("")}) EXPECT_THROW(memory.set_beta(beta), InvalidArgument) << beta;
  for (const PriorityOptions& wrong : {PriorityOptions{.alpha = -0.1}, {.alpha = 1.1}, {.epsilon = 0}}) {
    EXPECT_THROW(PrioritizedReplay{options(4, wrong)}, InvalidArgument);
  }
  ReplayOptions uniform = options(4);
  uniform.priorities.reset();
  EXPECT_THROW(PrioritizedReplay{uniform}, InvalidArgument);
}

}  // namespace
}  // namespace ludus::replay
