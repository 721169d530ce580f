#include "nn/core/gradient_step.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nn/core/init.h"
#include "nn/layers/mlp.h"

namespace ludus::nn {
namespace {

// y = w x + b with w = 2 and b = 1, and plain gradient descent.
struct Line {
  Line() { parameters.values().copy_(at::tensor({2.0f, 1.0f})); }
  at::Tensor y(float x) const { return mlp.forward(at::full({1, 1}, x)); }

  at::Generator generator = make_generator(1);
  Mlp mlp{{.inputs = 1, .hidden = {}, .outputs = 1}, generator};
  FlatParameters parameters{mlp};
  Sgd optimizer{parameters, {}};
};

TEST(GradientStep, DescendsTheLoss) {
  // L = y² at x = 1: y = 3, dL/dw = dL/db = 6; θ ← θ − 0.1 · 6
  Line line;
  EXPECT_FLOAT_EQ(static_cast<float>(
                      gradient_step(line.parameters, line.optimizer, line.y(1).square().sum(), {.learning_rate = 0.1})),
                  9);
  EXPECT_TRUE(at::allclose(line.parameters.values(), at::tensor({1.4f, 0.4f})));
  EXPECT_DOUBLE_EQ(line.optimizer.learning_rate(), 0.1);
  EXPECT_EQ(line.optimizer.steps(), 1);
}

TEST(GradientStep, ByHandOfTheOutputsEqualsAutograd) {
  // L = y²: dL/dy = 2 y
  Line autograd, by_hand;
  gradient_step(autograd.parameters, autograd.optimizer, autograd.y(3).square().sum(), {.learning_rate = 0.01});
  const at::Tensor y = by_hand.y(3);
  const double loss = y.detach().square().sum().item<double>();
  EXPECT_EQ(gradient_step(by_hand.parameters, by_hand.optimizer, y, 2 * y.detach(), loss, {.learning_rate = 0.01}),
            loss);
  EXPECT_TRUE(at::equal(autograd.parameters.values(), by_hand.parameters.values()));
}

TEST(GradientStep, ClipsTheNorm) {
  // ‖(6, 6)‖ = 8.485; clipped to 1 each component is 1/√2
  Line line;
  gradient_step(line.parameters, line.optimizer, line.y(1).square().sum(),
                {.learning_rate = 1, .max_gradient_norm = 1.0});
  const float step = 1 / std::sqrt(2.0f);
  EXPECT_TRUE(at::allclose(line.parameters.values(), at::tensor({2 - step, 1 - step}), 0, 1e-6));
}

TEST(GradientStep, HookSeesAndChangesTheFlatGradientBeforeClipping) {
  Line line;
  at::Tensor before;
  gradient_step(line.parameters, line.optimizer, line.y(1).square().sum(),
                {.learning_rate = 1, .max_gradient_norm = 100.0, .before_step = [&](const at::Tensor& gradients) {
                   before = gradients.clone();
                   gradients.mul_(0.5);
                 }});
  EXPECT_TRUE(at::equal(before, at::tensor({6.0f, 6.0f})));
  EXPECT_TRUE(at::allclose(line.parameters.values(), at::tensor({-1.0f, -2.0f})));
}

TEST(GradientStep, NonFiniteLossOrGradientThrowsAndMovesNothing) {
  for (const float bad : {NAN, INFINITY}) {
    Line line;
    EXPECT_THROW(gradient_step(line.parameters, line.optimizer, line.y(1).sum() * bad, {}), WorkError);
    // a finite loss with a gradient that is not: √|0| at y = 3 − 3
    const at::Tensor root = (line.y(1) - 3).abs().sqrt().sum();
    EXPECT_EQ(root.item<float>(), 0);
    EXPECT_THROW(gradient_step(line.parameters, line.optimizer, root, {}), WorkError);
    EXPECT_THROW(gradient_step(line.parameters, line.optimizer, line.y(1), at::full({1, 1}, bad), 1.0, {}), WorkError);
    EXPECT_TRUE(at::equal(line.parameters.values(), at::tensor({2.0f, 1.0f})));
    EXPECT_EQ(line.optimizer.steps(), 0);
  }
}

}  // namespace
}  // namespace ludus::nn
