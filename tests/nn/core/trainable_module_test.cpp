#include "nn/core/trainable_module.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nn/core/init.h"
#include "nn/layers/mlp.h"

namespace ludus::nn {
namespace {

MlpOptions line_options() {
  return {.inputs = 1, .hidden = {}, .outputs = 1};
}

TEST(TrainableModule, DescendsByAdamsFirstStep) {
  // L = (w x + b)² at x = 1 with w = 2, b = 1: dL/dw = dL/db = 6, and Adam's first step is the learning rate
  at::Generator generator = make_generator(1);
  Mlp line(line_options(), generator);
  TrainableModule learner(line, Device{}, {.learning_rate = 0.25});
  learner.parameters.values().copy_(at::tensor({2.0f, 1.0f}));
  EXPECT_FLOAT_EQ(
      static_cast<float>(learner.gradient_step(line.forward(at::ones({1, 1})).square().sum(), {.learning_rate = 0.25})),
      9);
  EXPECT_TRUE(at::allclose(learner.parameters.values(), at::tensor({1.75f, 0.75f}), 0, 1e-5));
  EXPECT_TRUE(at::equal(learner.parameters.gradients(), at::tensor({6.0f, 6.0f})));
  // the next gradient takes the place of the last: 2 (1.75 + 0.75) = 5
  learner.gradient_step(line.forward(at::ones({1, 1})).square().sum(), {.learning_rate = 0.25});
  EXPECT_TRUE(at::allclose(learner.parameters.gradients(), at::tensor({5.0f, 5.0f}), 0, 1e-5));
}

TEST(TrainableModule, LeavesOtherNetworksAlone) {
  at::Generator generator = make_generator(1);
  Mlp own(line_options(), generator), other(line_options(), generator);
  TrainableModule learner(own, Device{}), others(other, Device{});
  const at::Tensor before = others.parameters.values().clone();
  learner.gradient_step(other.forward(own.forward(at::ones({3, 1}))).sum(), {});
  EXPECT_TRUE(at::equal(others.parameters.values(), before));
  EXPECT_EQ(others.parameters.gradients().abs().sum().item<float>(), 0);
  EXPECT_NE(learner.parameters.gradients().abs().sum().item<float>(), 0);
}

TEST(TrainableModule, ALossThatIsNoNumberMovesNothing) {
  at::Generator generator = make_generator(1);
  Mlp line(line_options(), generator);
  TrainableModule learner(line, Device{});
  const at::Tensor before = learner.parameters.values().clone();
  for (const float bad : {NAN, INFINITY}) {
    EXPECT_THROW(learner.gradient_step(line.forward(at::ones({1, 1})).sum() * bad, {}), WorkError);
  }
  EXPECT_TRUE(at::equal(learner.parameters.values(), before));
}

TEST(TargetParameters, BeginAsTheOnlineOnes) {
  at::Generator generator = make_generator(1);
  Mlp online(line_options(), generator), target(line_options(), generator);
  TrainableModule learner(online, Device{});
  const TargetParameters targets(target, Device{}, learner);
  EXPECT_TRUE(at::equal(targets.values(), learner.parameters.values()));
  EXPECT_TRUE(at::equal(target.forward(at::ones({1, 1})), online.forward(at::ones({1, 1}))));
}

}  // namespace
}  // namespace ludus::nn
