#include "nn/networks/critics.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nn/core/init.h"

namespace ludus::nn {
namespace {

NetworkOptions critic_options(std::int64_t observation, std::int64_t action) {
  NetworkOptions options{.features = FeatureOptions::numbers(observation), .extra_inputs = action, .mlp = {}};
  options.mlp.hidden = {5};
  options.mlp.outputs = 1;
  return options;
}

TEST(Critics, HaveDifferentWeightsAndAgreeWithTheirNetworks) {
  at::Generator generator = make_generator(1), same = make_generator(1);
  const Critics critics(critic_options(3, 2), 2, generator);
  const Network first(critic_options(3, 2), same), second(critic_options(3, 2), same);
  const at::Tensor rows = at::arange(12, at::kFloat).view({4, 3}).div(10), actions = at::ones({4, 2}).mul(0.3);
  const auto values = critics.forward(rows, actions);
  ASSERT_EQ(values.size(), 2u);
  EXPECT_TRUE(at::equal(values[0], first.forward(rows, actions).squeeze(1)));
  EXPECT_TRUE(at::equal(values[1], second.forward(rows, actions).squeeze(1)));
  EXPECT_FALSE(at::equal(values[0], values[1]));
  EXPECT_TRUE(at::equal(critics.q1(rows, actions), values[0]));
  EXPECT_EQ(values[0].dim(), 1);
}

TEST(Critics, MinQIsTheMinimumOfEachRow) {
  const at::Tensor a = at::tensor({1.0f, 5.0f, -2.0f}), b = at::tensor({2.0f, 4.0f, -2.5f}),
                   c = at::tensor({0.0f, 9.0f, 9.0f});
  EXPECT_TRUE(at::equal(min_q({a}), a));
  EXPECT_TRUE(at::equal(min_q({a, b, c}), at::tensor({0.0f, 4.0f, -2.5f})));
}

TEST(Critics, TargetsAndErrorsByHand) {
  // y = r + γ (1 − terminated) V: 1 + ½ · 4 = 3; 1 alone where the task ended; 1 + ¼ · 8 = 3 where two steps led there.
  // Of the first two, with Q = (2, 2) and (0, 1): mean((−1)², 1²) + mean((−3)², 0) = 1 + 4.5
  const at::Tensor targets = bellman_target(at::ones({3}), at::tensor({0.5f, 0.5f, 0.25f}),
                                            at::tensor({0.0f, 1.0f, 0.0f}), at::tensor({4.0f, 4.0f, 8.0f}));
  EXPECT_TRUE(at::equal(targets, at::tensor({3.0f, 1.0f, 3.0f})));
  const at::Tensor y = targets.slice(0, 0, 2);
  EXPECT_FLOAT_EQ(squared_error({at::tensor({2.0f, 2.0f}), at::tensor({0.0f, 1.0f})}, y).item<float>(), 5.5f);
  EXPECT_FLOAT_EQ(squared_error({at::tensor({2.0f, 2.0f})}, y).item<float>(), 1.0f);
}

TEST(Critics, TargetsAreConstants) {
  const at::Tensor values = at::ones({2}).requires_grad_();
  EXPECT_FALSE(bellman_target(at::ones({2}), at::ones({2}), at::zeros({2}), values).requires_grad());
}

TEST(Critics, RejectsNoNetworkAndNoAction) {
  at::Generator generator = make_generator(1);
  EXPECT_THROW(Critics(critic_options(3, 2), 0, generator), InvalidArgument);
  EXPECT_THROW(Critics(critic_options(3, 0), 1, generator), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
