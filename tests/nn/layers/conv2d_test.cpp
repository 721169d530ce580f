#include "nn/layers/conv2d.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace ludus::nn {
namespace {

Conv2d make_conv(const Conv2dOptions& options) {
  at::Generator generator = make_generator(1);
  return Conv2d(options, generator);
}

// A 2 x 2 kernel (1, 2; 3, 4) with bias 10 and stride 2 over the numbers 0, …, 15 in rows of four, at (0, 0):
// 0 + 2 · 1 + 3 · 4 + 4 · 5 + 10 = 44; two columns on 20 more, two rows on 80 more
TEST(Conv2d, ByHand) {
  const Conv2d convolution = make_conv({.in_channels = 1, .out_channels = 1, .kernel_size = 2, .stride = 2});
  {
    const at::NoGradGuard no_grad;
    convolution.weight.copy_(at::tensor({1.0f, 2.0f, 3.0f, 4.0f}).view({1, 1, 2, 2}));
    convolution.bias.fill_(10);
  }
  const at::Tensor y = convolution.forward(at::arange(16, at::kFloat).view({1, 1, 4, 4}));
  EXPECT_TRUE(at::equal(y, at::tensor({44.0f, 64.0f, 124.0f, 144.0f}).view({1, 1, 2, 2})));
}

TEST(Conv2d, ParametersAreNamedAndShapedAsTorchs) {
  const Conv2d convolution = make_conv({.in_channels = 3, .out_channels = 5, .kernel_size = 2});
  const auto named = convolution.named_parameters();
  ASSERT_EQ(named.size(), 2u);
  EXPECT_EQ(named["weight"].sizes(), (std::vector<std::int64_t>{5, 3, 2, 2}));
  EXPECT_EQ(named["bias"].sizes(), (std::vector<std::int64_t>{5}));
  // fan_in = 3 · 2 · 2
  EXPECT_LE(named["weight"].abs().max().item<double>(), 1 / std::sqrt(12.0));
  EXPECT_GT(named["weight"].abs().max().item<double>(), 0.9 / std::sqrt(12.0));
}

TEST(Conv2d, OutputShapeIsThatOfForward) {
  for (const std::int64_t stride : {1, 2, 3, 5}) {
    const Conv2dOptions options{.in_channels = 2, .out_channels = 4, .kernel_size = 3, .stride = stride};
    const at::Tensor y = make_conv(options).forward(at::zeros({6, 2, 11, 8}));
    EXPECT_EQ(options.output_shape(Shape{2, 11, 8}), (Shape{y.size(1), y.size(2), y.size(3)})) << stride;
  }
  const Conv2dOptions options{.in_channels = 2, .out_channels = 4, .kernel_size = 3};
  EXPECT_THROW(options.output_shape(Shape{1, 11, 8}), InvalidArgument);
  EXPECT_THROW(options.output_shape(Shape{2, 2, 8}), InvalidArgument);
  EXPECT_THROW(options.output_shape(Shape{2, 8}), InvalidArgument);
}

TEST(Conv2d, RejectsInvalidOptions) {
  EXPECT_THROW(make_conv({.in_channels = 0, .out_channels = 1, .kernel_size = 1}), InvalidArgument);
  EXPECT_THROW(make_conv({.in_channels = 1, .out_channels = 1, .kernel_size = 1, .stride = 0}), InvalidArgument);
  EXPECT_THROW(make_conv({.in_channels = 1, .out_channels = 1, .kernel_size = 1, .gain = std::nan("")}),
               InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
