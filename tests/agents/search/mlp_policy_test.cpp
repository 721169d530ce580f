#include "agents/search/mlp_policy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/agents/support/by_hand.h"

namespace ludus::agents {
namespace {

using testing::read_metadata;

std::shared_ptr<envs::Box> box(std::int64_t size, double low, double high) {
  return std::make_shared<envs::Box>(low, high, Shape{size});
}

// Two numbers, two hidden, one action in [-2, 4]: W = (1, 0; 0.5, -1), b = (0, 0.25), then w = (2, -1), c = 0.5.
// (0.5, 1): hidden tanh(0.5), tanh(0.25 - 1 + 0.25 = -0.5); output 2 tanh 0.5 + tanh 0.5 + 0.5 = 3 tanh 0.5 + 0.5;
// action -2 + 6 (1 + tanh(output)) / 2.
TEST(MlpPolicy, ByHand) {
  const MlpPolicy policy(read_metadata(box(2, -9, 9), box(1, -2, 4)), {2}, nn::Activation::kTanh, "test");
  ASSERT_EQ(policy.parameter_count(), 9u);
  const std::vector<double> parameters{1, 0, 0.5, -1, 0, 0.25, 2, -1, 0.5};
  envs::ActionBatch actions;
  policy.choose_all(parameters, std::vector<float>{0.5f, 1, 0, 0}, 2, actions);
  ASSERT_EQ(actions.continuous.size(), 2u);
  EXPECT_NEAR(actions.continuous[0], -2 + 3 * (1 + std::tanh(3 * std::tanh(0.5) + 0.5)), 1e-5);
  // (0, 0): hidden 0, tanh 0.25; output 0.5 - tanh 0.25
  EXPECT_NEAR(actions.continuous[1], -2 + 3 * (1 + std::tanh(0.5 - std::tanh(0.25))), 1e-5);
}

TEST(MlpPolicy, DiscreteActionsAreTheGreatestOutputAndDiscreteObservationsAreOneHot) {
  const auto discrete = [](std::int64_t n, std::int64_t start) { return std::make_shared<envs::Discrete>(n, start); };
  const MlpPolicy policy(read_metadata(discrete(2, 5), discrete(3, 10)), {1}, nn::Activation::kTanh, "test");
  ASSERT_EQ(policy.parameter_count(), 2u + 1 + 3 + 3);
  // hidden: tanh of ±3; outputs h, -h, 0.5
  const std::vector<double> parameters{3, -3, 0, 1, -1, 0, 0, 0, 0.5};
  envs::ActionBatch actions;
  policy.choose_all(parameters, std::vector<float>{5, 6}, 2, actions);
  EXPECT_EQ(actions.discrete, (std::vector<std::int64_t>{10, 11}));
}

// ReLU leaves 0.5 of (0.5, -0.5): output 2 · 0.5 + 0.5
TEST(MlpPolicy, TakesTheActivationItIsGiven) {
  const MlpPolicy policy(read_metadata(box(2, -9, 9), box(1, -2, 4)), {2}, nn::Activation::kRelu, "test");
  envs::ActionBatch actions;
  policy.choose_all(std::vector<double>{1, 0, 0.5, -1, 0, 0.25, 2, -1, 0.5}, std::vector<float>{0.5f, 1}, 1, actions);
  EXPECT_NEAR(actions.continuous[0], -2 + 3 * (1 + std::tanh(1.5)), 1e-5);
}

// Four inputs: the first layer within ±1/2; three hidden: the last within ±1/√3, and not all within ±1/2.
TEST(MlpPolicy, DrawsTheWeightsOfALayerByItsInputs) {
  const MlpPolicy policy(read_metadata(box(4, -9, 9), box(300, -1, 1)), {3}, nn::Activation::kRelu, "test");
  Generator generator(1);
  const std::vector<double> drawn = policy.draw(generator);
  ASSERT_EQ(drawn.size(), policy.parameter_count());
  double first = 0, last = 0;
  for (std::size_t k = 0; k < drawn.size(); ++k) {
    double& greatest = k < 15 ? first : last;
    greatest = std::max(greatest, std::abs(drawn[k]));
  }
  EXPECT_LE(first, 0.5);
  EXPECT_LE(last, 1 / std::sqrt(3.0));
  EXPECT_GT(last, 0.55);
}

TEST(MlpPolicy, RefusesWidthsBelowOneAndActionsWithoutBounds) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_THROW(MlpPolicy(read_metadata(box(2, -1, 1), box(1, -1, 1)), {0}, nn::Activation::kRelu, "test"),
               InvalidArgument);
  EXPECT_THROW(MlpPolicy(read_metadata(box(2, -1, 1), box(1, -kInfinity, 1)), {4}, nn::Activation::kRelu, "test"),
               NotApplicable);
  EXPECT_NO_THROW(make_flat_policy(read_metadata(box(2, -1, 1), box(1, -kInfinity, 1)), {}, "test"));
}

}  // namespace
}  // namespace ludus::agents
