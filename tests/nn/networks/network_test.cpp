#include "nn/networks/network.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nn/core/init.h"

namespace ludus::nn {
namespace {

using Kind = FeaturePart::Kind;

Network make_network(const NetworkOptions& options) {
  at::Generator generator = make_generator(7);
  return Network(options, generator);
}

// For plain numbers the network equals its MLP, bit for bit.
TEST(Network, PlainNumbersGoStraightToTheMlp) {
  const Network network = make_network({.features = FeatureOptions::numbers(4), .mlp = {.hidden = {8}, .outputs = 3}});
  at::Generator generator = make_generator(7);
  const Mlp mlp({.inputs = 4, .hidden = {8}, .outputs = 3}, generator);
  const at::Tensor rows = at::rand({5, 4}, make_generator(1));
  EXPECT_TRUE(at::equal(network.forward(rows), mlp.forward(rows)));
}

TEST(Network, ActEqualsForward) {
  const FeatureOptions mixed{{{.kind = Kind::kNumbers, .count = 2}, {.kind = Kind::kOneHot, .count = 1, .classes = 5}}};
  for (const FeatureOptions& features : {FeatureOptions::numbers(3), mixed}) {
    const Network network = make_network({.features = features, .mlp = {.hidden = {16}, .outputs = 2}});
    const std::vector<float> rows{0.5f, -1.0f, 3.0f, 0.25f, 2.0f, 0.0f};
    std::vector<float> out(4);
    network.act(rows, 2, out);
    const at::Tensor expected = network.forward(at::tensor(rows).view({2, 3}));
    for (std::int64_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(out[static_cast<std::size_t>(i)], expected.view({4})[i].item<float>(), 1e-6);
    }
    EXPECT_THROW(network.act(std::span(rows).first(5), 2, out), InvalidArgument);
  }
}

// A linear map of (s1, s2, a): extra inputs are the last columns.
TEST(Network, ExtraInputsFollowTheFeatures) {
  const Network network =
      make_network({.features = FeatureOptions::numbers(2), .extra_inputs = 1, .mlp = {.hidden = {}, .outputs = 1}});
  const at::NoGradGuard no_grad;
  network.named_parameters()["mlp.layers.0.weight"].copy_(at::tensor({1.0f, 10.0f, 100.0f}).view({1, 3}));
  network.named_parameters()["mlp.layers.0.bias"].zero_();
  const at::Tensor out = network.forward(at::tensor({1.0f, 2.0f}).view({1, 2}), at::tensor({3.0f}).view({1, 1}));
  EXPECT_FLOAT_EQ(out.item<float>(), 321.0f);
  std::vector<float> value(1);
  EXPECT_THROW(network.act(std::vector<float>{1, 2}, 1, value), InvalidArgument);
}

// Every parameter gets a gradient that is not zero.
TEST(Network, GradientsReachTheConvolutions) {
  const FeatureOptions image{
      {{.kind = Kind::kImage, .count = 36 * 36, .frames = 1, .height = 36, .width = 36, .channels = 1}}};
  const Network network = make_network({.features = image, .mlp = {.hidden = {}, .outputs = 1}});
  network.forward(at::rand({4, 36 * 36}, make_generator(1)) * 255).sum().backward();
  for (const auto& item : network.named_parameters()) {
    EXPECT_GT(item.value().grad().abs().sum().item<float>(), 0) << item.key();
  }
}

}  // namespace
}  // namespace ludus::nn
