#include "nn/layers/linear.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"

namespace ludus::nn {
namespace {

Linear make_linear(const LinearOptions& options) {
  at::Generator generator = make_generator(1);
  return Linear(options, generator);
}

// W = [[1, −2], [3, 4]], b = (0.5, −20), x = (2, 1): y = (2 − 2 + 0.5, 6 + 4 − 20)
TEST(Linear, ByHand) {
  const Linear linear = make_linear({.inputs = 2, .outputs = 2});
  {
    const at::NoGradGuard no_grad;
    linear.weight.copy_(at::tensor({1.0f, -2.0f, 3.0f, 4.0f}).view({2, 2}));
    linear.bias.copy_(at::tensor({0.5f, -20.0f}));
  }
  const at::Tensor y = linear.forward(at::tensor({2.0f, 1.0f}).view({1, 2}));
  EXPECT_TRUE(at::equal(y, at::tensor({0.5f, -10.0f}).view({1, 2})));
}

TEST(Linear, ParametersAreNamedAndShapedAsTorchs) {
  const Linear linear = make_linear({.inputs = 3, .outputs = 2});
  const auto named = linear.named_parameters();
  ASSERT_EQ(named.size(), 2u);
  EXPECT_EQ(named["weight"].sizes(), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(named["bias"].sizes(), (std::vector<std::int64_t>{2}));
}

TEST(Linear, InitialisesAsItsOptionsSay) {
  const Linear uniform = make_linear({.inputs = 100, .outputs = 50});  // within ±1/sqrt(100)
  EXPECT_LE(uniform.weight.abs().max().item<float>(), 0.1f);
  EXPECT_GT(uniform.weight.abs().max().item<float>(), 0.095f);
  EXPECT_GT(uniform.bias.abs().max().item<float>(), 0.0f);

  const Linear orthogonal =
      make_linear({.inputs = 4, .outputs = 2, .initialisation = Initialisation::kOrthogonal, .gain = 3.0});
  EXPECT_TRUE(at::allclose(orthogonal.weight.mm(orthogonal.weight.t()), 9.0 * at::eye(2), 1e-5, 1e-5));
  EXPECT_EQ(orthogonal.bias.abs().max().item<float>(), 0.0f);

  const Linear constant =
      make_linear({.inputs = 4, .outputs = 2, .initialisation = Initialisation::kConstant, .gain = 0.25});
  EXPECT_TRUE(at::equal(constant.weight, at::full({2, 4}, 0.25)));
  EXPECT_TRUE(at::equal(constant.bias, at::full({2}, 0.25)));
}

TEST(Linear, OutputShapeIsThatOfForward) {
  const LinearOptions options{.inputs = 3, .outputs = 5};
  EXPECT_EQ(options.output_shape(Shape{3}), Shape{5});
  EXPECT_EQ(make_linear(options).forward(at::zeros({7, 3})).sizes(), (std::vector<std::int64_t>{7, 5}));
  EXPECT_THROW(options.output_shape(Shape{4}), InvalidArgument);
  EXPECT_THROW(options.output_shape(Shape{3, 3}), InvalidArgument);
}

TEST(Linear, RejectsInvalidOptions) {
  EXPECT_THROW(make_linear({.inputs = 0, .outputs = 1}), InvalidArgument);
  EXPECT_THROW(make_linear({.inputs = 1, .outputs = -1}), InvalidArgument);
  EXPECT_THROW(make_linear({.inputs = 1, .outputs = 1, .gain = std::numeric_limits<double>::infinity()}),
               InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
