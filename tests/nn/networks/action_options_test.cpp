#include "nn/networks/action_options.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ludus::nn {
namespace {

using Rows = std::vector<float>;

// p = ⅛, ²⁄₈, ⅝: cumulated ⅛, ⅜, 1
const Rows kLogits{0, std::log(2.0f), std::log(5.0f)};

Rows sampled(const ActionOptions& options, const Rows& outputs, const Rows& noise,
             const std::vector<std::uint8_t>& masks = {}, const Rows& sigma = {}) {
  Rows actions(noise.size());
  sample_actions(options, outputs, masks, sigma, noise, actions);
  return actions;
}

Rows deterministic(const ActionOptions& options, const Rows& outputs, const std::vector<std::uint8_t>& masks = {}) {
  Rows actions(outputs.size() / static_cast<std::size_t>(options.outputs()) * static_cast<std::size_t>(options.count));
  deterministic_actions(options, outputs, masks, actions);
  return actions;
}

TEST(ActionOptions, SamplesClassesByTheirCumulativeProbability) {
  const auto options = ActionOptions::categorical({3});
  EXPECT_EQ(options.outputs(), 3);
  for (const auto& [noise, action] : {std::pair{0.0f, 0.0f}, {0.12f, 0}, {0.13f, 1}, {0.37f, 1}, {0.38f, 2}}) {
    EXPECT_EQ(sampled(options, kLogits, {noise}), Rows{action}) << noise;
  }
  EXPECT_EQ(sampled(options, kLogits, {std::nextafter(1.0f, 0.0f)}), Rows{2});
  EXPECT_EQ(deterministic(options, kLogits), Rows{2});

  // large logits do not overflow
  EXPECT_EQ(sampled(options, {1000, 1001, -1000}, {0.26f}), Rows{0});  // e⁻¹ / (1 + e⁻¹) = 0.2689
  EXPECT_EQ(sampled(options, {1000, 1001, -1000}, {0.27f}), Rows{1});
}

TEST(ActionOptions, NeverTakesForbiddenClasses) {
  const auto options = ActionOptions::categorical({3});
  const std::vector<std::uint8_t> not_last{1, 1, 0}, only_middle{0, 1, 0};
  EXPECT_EQ(deterministic(options, kLogits, not_last), Rows{1});
  EXPECT_EQ(sampled(options, kLogits, {0.33f}, not_last), Rows{0});  // ⅓ of what is left
  EXPECT_EQ(sampled(options, kLogits, {0.34f}, not_last), Rows{1});
  EXPECT_EQ(sampled(options, kLogits, {std::nextafter(1.0f, 0.0f)}, not_last), Rows{1});
  EXPECT_EQ(sampled(options, kLogits, {0.0f}, only_middle), Rows{1});
}

TEST(ActionOptions, HandlesSeveralChoicesARow) {
  // two rows of (2 classes, 3 classes)
  const auto options = ActionOptions::categorical({2, 3});
  EXPECT_EQ(options.outputs(), 5);
  const Rows outputs{0, 1, 5, 0, 0, 1, 0, 0, 0, 5};
  EXPECT_EQ(deterministic(options, outputs), (Rows{1, 0, 0, 2}));
  EXPECT_EQ(deterministic(options, outputs, {1, 0, 0, 1, 1, 0, 1, 1, 1, 0}), (Rows{0, 1, 1, 0}));
  EXPECT_EQ(sampled(options, Rows(10, 0.0f), {0.4f, 0.4f, 0.6f, 0.9f}), (Rows{0, 1, 1, 2}));
}

TEST(ActionOptions, BernoulliAndGaussian) {
  const auto bernoulli = ActionOptions::bernoulli(2);
  EXPECT_EQ(deterministic(bernoulli, {1, -1}), (Rows{1, 0}));
  EXPECT_EQ(sampled(bernoulli, {std::log(3.0f), 0}, {0.74f, 0.51f}), (Rows{1, 0}));  // p = ¾, ½

  const auto gaussian = ActionOptions::gaussian(2);
  EXPECT_EQ(deterministic(gaussian, {1, -1}), (Rows{1, -1}));
  EXPECT_EQ(sampled(gaussian, {1, -1, 2, 3}, {1, 1, -1, 2}, {}, {0.5f, 10}), (Rows{1.5f, 9, 1.5f, 23}));
  EXPECT_EQ(sampled(gaussian, {1, -1, 2, 3}, {1, 1, 1, 1}, {}, {1, 2, 3, 4}),
            (Rows{2, 1, 5, 7}));  // one σ for each row
}

TEST(ActionOptions, RejectsInvalidOptions) {
  EXPECT_THROW(ActionOptions::categorical({}).validate(), InvalidArgument);
  EXPECT_THROW(ActionOptions::categorical({2, 0}).validate(), InvalidArgument);
  EXPECT_THROW(ActionOptions::gaussian(0).validate(), InvalidArgument);
  EXPECT_NO_THROW(ActionOptions::bernoulli(1).validate());
}

}  // namespace
}  // namespace ludus::nn
