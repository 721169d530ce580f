#include "nn/core/flat_parameters.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/module.h>

#include <cmath>
#include <limits>

namespace ludus::nn {
namespace {

// y = W x + b with a buffer
struct Affine : torch::nn::Module {
  explicit Affine(double start, at::ScalarType type = at::kFloat) {
    weight = register_parameter("weight", at::full({2, 3}, start, type));
    bias = register_parameter("bias", at::full({2}, start + 1, type));
    count = register_buffer("count", at::full({1}, start + 2, type));
  }
  at::Tensor forward(const at::Tensor& x) const { return at::linear(x, weight, bias); }
  at::Tensor weight, bias, count;
};

TEST(FlatParameters, ParametersAreViewsIntoOneVector) {
  Affine module(1.0);
  const FlatParameters flat(module);
  ASSERT_EQ(flat.size(), 8);
  ASSERT_EQ(flat.layout().size(), 2u);
  EXPECT_EQ(flat.layout()[0].name, "weight");
  EXPECT_EQ(flat.layout()[1].name, "bias");
  EXPECT_EQ(flat.layout()[1].offset, 6);
  EXPECT_EQ(flat.layout()[0].sizes, (std::vector<std::int64_t>{2, 3}));

  // with the same numbers
  EXPECT_TRUE(flat.values().equal(at::tensor({1.f, 1.f, 1.f, 1.f, 1.f, 1.f, 2.f, 2.f})));
  // writes to the vector change the module, and the other way round
  flat.values().copy_(at::arange(8, at::kFloat));
  EXPECT_EQ(module.weight[1][0].item<float>(), 3.0f);
  EXPECT_EQ(module.bias[1].item<float>(), 7.0f);
  {
    const at::NoGradGuard no_grad;
    module.bias.fill_(-1.0);
  }
  EXPECT_EQ(flat.values()[6].item<float>(), -1.0f);
  EXPECT_TRUE(module.weight.requires_grad() && module.weight.is_leaf());
  EXPECT_TRUE(module.parameters()[0].is_alias_of(flat.values()));
}

TEST(FlatParameters, FrozenParametersLeaveRangesAndLeaves) {
  Affine first(0.5), second(1.5);
  const FlatParameters::Part parts[] = {{.name = "first", .module = first}, {.name = "second", .module = second}};
  FlatParameters flat(parts);
  const auto ranges = [&] {
    std::vector<std::pair<std::int64_t, std::int64_t>> result;
    for (const auto& range : flat.trainable_ranges()) result.emplace_back(range.offset, range.count);
    return result;
  };
  using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;
  EXPECT_EQ(ranges(), (Ranges{{0, 16}}));
  flat.gradients().fill_(1.0);
  flat.set_trainable([](std::string_view name) { return name != "first.bias"; });
  EXPECT_EQ(ranges(), (Ranges{{0, 6}, {8, 8}}));
  EXPECT_EQ(flat.leaves().size(), 3u);
  EXPECT_FALSE(first.bias.requires_grad());
  EXPECT_TRUE(flat.gradients().equal(at::zeros({16})));
  (first.forward(at::ones({3})).sum() + second.forward(at::ones({3})).sum()).backward();
  EXPECT_TRUE(flat.gradients().narrow(0, 6, 2).equal(at::zeros({2})));
  EXPECT_TRUE(flat.gradients().narrow(0, 8, 8).equal(at::ones({8})));

  flat.set_trainable([](std::string_view) { return true; });
  EXPECT_EQ(ranges(), (Ranges{{0, 16}}));
  EXPECT_EQ(flat.leaves().size(), 4u);
  flat.set_trainable([](std::string_view) { return false; });
  EXPECT_TRUE(ranges().empty() && flat.leaves().empty());
}

TEST(FlatParameters, MayBeAllowedToBeEmpty) {
  torch::nn::Module nothing;
  const FlatParameters::Part parts[] = {{.name = "", .module = nothing}};
  EXPECT_THROW(FlatParameters{parts}, InvalidArgument);
  FlatParameters flat(parts, FlatParameters::Empty::kAllow);
  EXPECT_EQ(flat.size(), 0);
  EXPECT_EQ(flat.values().numel(), 0);
  EXPECT_TRUE(flat.state().empty() && flat.trainable_ranges().empty());
}

// L = Σ (W x + b) with x = (1, 2, 3): dL/dW has rows (1, 2, 3), dL/db = (1, 1)
TEST(FlatParameters, BackwardAddsIntoOneVector) {
  Affine module(0.5);
  FlatParameters flat(module);
  const at::Tensor x = at::tensor({1.f, 2.f, 3.f});
  const at::Tensor expected = at::tensor({1.f, 2.f, 3.f, 1.f, 2.f, 3.f, 1.f, 1.f});
  const void* memory = flat.gradients().data_ptr();

  module.forward(x).sum().backward();
  EXPECT_TRUE(flat.gradients().equal(expected));
  module.forward(x).sum().backward();
  EXPECT_TRUE(flat.gradients().equal(2 * expected));
  EXPECT_EQ(flat.gradients().data_ptr(), memory);
  EXPECT_EQ(module.weight.grad().data_ptr(), memory);

  flat.zero_gradients();
  EXPECT_TRUE(flat.gradients().equal(at::zeros({8})));
  EXPECT_EQ(module.bias.grad()[0].item<float>(), 0.0f);
}

TEST(FlatParameters, ReclaimsReallocatedGradients) {
  Affine module(0.5);
  FlatParameters flat(module);
  const at::Tensor x = at::tensor({1.f, 2.f, 3.f});
  module.forward(x).sum().backward();

  // zero_grad with set_to_none, after which the backward pass allocates new gradients
  module.weight.mutable_grad() = at::Tensor();
  module.bias.mutable_grad() = at::Tensor();
  EXPECT_TRUE(flat.gradients().equal(at::zeros({8})));
  module.weight.mutable_grad() = at::Tensor();
  module.forward(x).sum().backward();
  EXPECT_TRUE(flat.gradients().equal(at::tensor({1.f, 2.f, 3.f, 1.f, 2.f, 3.f, 1.f, 1.f})));

  // create_graph replaces the gradient tensors
  module.forward(x).pow(2).sum().backward({}, /*retain_graph=*/true, /*create_graph=*/true);
  const at::Tensor gradient = flat.gradients();
  EXPECT_TRUE(module.weight.grad().is_alias_of(gradient));
  EXPECT_FALSE(gradient.requires_grad());
  // y = 3.0 + 1.5 = 4.5, dL/db = 2 y = 9, added to the 1 that was there
  EXPECT_FLOAT_EQ(gradient[7].item<float>(), 10.0f);
}

TEST(FlatParameters, CopyAndPolyak) {
  Affine a(0.0), b(10.0);
  FlatParameters target(a), online(b);
  // buffers are copied, as a running mean must belong to the weights
  target.lerp_from(online, 0.25);  // 0.75 · 0 + 0.25 · 10, 0.75 · 1 + 0.25 · 11
  EXPECT_FLOAT_EQ(a.weight[0][0].item<float>(), 2.5f);
  EXPECT_FLOAT_EQ(a.bias[0].item<float>(), 3.5f);
  EXPECT_EQ(a.count.item<float>(), 12.0f);

  b.count.fill_(5.0);
  target.copy_from(online);
  EXPECT_TRUE(target.values().equal(online.values()));
  EXPECT_EQ(a.count.item<float>(), 5.0f);
  EXPECT_FALSE(target.values().is_alias_of(online.values()));

  EXPECT_THROW(target.lerp_from(online, 1.5), InvalidArgument);
  EXPECT_THROW(target.lerp_from(online, std::nan("")), InvalidArgument);

  struct Other : torch::nn::Module {
    Other() { register_parameter("weight", at::zeros({3, 2})); }
  } other;
  const FlatParameters unlike(other);
  EXPECT_THROW(target.copy_from(unlike), InvalidArgument);
  EXPECT_THROW(target.lerp_from(unlike, 0.5), InvalidArgument);
}

// Gradients (3, 4, 0, …) have the norm 5; clipped to 2.5 they are halved (but for the 1e-6 beside the norm).
TEST(FlatParameters, ClippingScalesDownAndNeverUp) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    Affine module(0.0, type);
    FlatParameters flat(module);
    flat.gradients()[0] = 3.0;
    flat.gradients()[1] = 4.0;
    EXPECT_NEAR(flat.clip_gradient_norm(10.0), 5.0, 1e-9);
    EXPECT_EQ(flat.gradients()[0].item<double>(), 3.0);
    EXPECT_NEAR(flat.clip_gradient_norm(2.5), 5.0, 1e-9);
    EXPECT_NEAR(flat.gradients()[0].item<double>(), 1.5, 2e-6);
    EXPECT_NEAR(flat.gradients()[1].item<double>(), 2.0, 2e-6);
    EXPECT_NEAR(module.weight.grad()[0][1].item<double>(), 2.0, 2e-6);
    EXPECT_THROW(flat.clip_gradient_norm(0.0), InvalidArgument);

    flat.gradients()[2] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(std::isnan(flat.clip_gradient_norm(1.0)));
  }
}

TEST(FlatParameters, StateRoundTrips) {
  Affine a(0.25), b(0.0), wide(0.0, at::kDouble);
  FlatParameters from(a), to(b), in_double(wide);
  from.values().copy_(at::arange(8, at::kFloat));
  const NamedArrays state = from.state();
  ASSERT_EQ(state.size(), 3u);
  EXPECT_EQ(state[0].first, "weight");
  EXPECT_EQ(state[2].first, "count");

  to.load_state(state);
  EXPECT_TRUE(to.values().equal(from.values()));
  EXPECT_EQ(b.weight[1][2].item<float>(), 5.0f);
  EXPECT_EQ(b.count.item<float>(), 2.25f);
  in_double.load_state(state);
  EXPECT_EQ(wide.weight[1][2].item<double>(), 5.0);
}

TEST(FlatParameters, RejectedStateChangesNothing) {
  Affine module(0.25);
  FlatParameters flat(module);
  NamedArrays state = flat.state();
  for (auto& [name, array] : state) {
    for (std::size_t i = 0; i < array.size(); ++i) array.set(i, 9.0);
  }

  const auto refuses = [&](const NamedArrays& bad, const char* named) {
    try {
      flat.load_state(bad);
      ADD_FAILURE() << "accepted although " << named;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(named), std::string::npos) << error.what();
    }
    EXPECT_EQ(module.weight[0][0].item<float>(), 0.25f);
    EXPECT_EQ(module.count.item<float>(), 2.25f);
  };
  NamedArrays bad = state;
  bad.erase(bad.begin() + 1);
  refuses(bad, "missing: bias");
  bad = state;
  bad.emplace_back("scale", Array::scalar(1.0f));
  refuses(bad, "unknown: scale");
  bad = state;
  bad[1].second = Array(DType::kFloat32, Shape{3});
  refuses(bad, "bias");
  bad = state;
  bad[2].second = Array(DType::kInt64, Shape{1});
  refuses(bad, "count");
}

TEST(FlatParameters, SeveralModulesMakeOneVector) {
  Affine actor(1.0), critic(2.0);
  const std::vector<FlatParameters::Part> parts{{"actor", actor}, {"critic", critic}};
  const FlatParameters flat(parts);
  EXPECT_EQ(flat.size(), 16);
  EXPECT_EQ(flat.layout()[2].name, "critic.weight");
  EXPECT_EQ(flat.state()[4].first, "actor.count");
  flat.values().zero_();
  EXPECT_EQ(critic.bias[0].item<float>(), 0.0f);
}

TEST(FlatParameters, StoresASharedParameterOnce) {
  struct Tied : torch::nn::Module {
    Tied() {
      const at::Tensor weight = register_parameter("first", at::ones({4}));
      register_parameter("second", weight);
    }
  } module;
  const FlatParameters flat(module);
  EXPECT_EQ(flat.size(), 4);
  EXPECT_EQ(flat.layout().size(), 1u);
}

TEST(FlatParameters, RejectsEmptyAndMixedModules) {
  torch::nn::Module empty;
  EXPECT_THROW(FlatParameters{empty}, InvalidArgument);

  struct Mixed : torch::nn::Module {
    Mixed() {
      register_parameter("a", at::ones({1}));
      register_parameter("b", at::ones({1}, at::kDouble));
    }
  } mixed;
  EXPECT_THROW(FlatParameters{mixed}, InvalidArgument);
}

TEST(FlatParameters, MovesToADevice) {
  Affine module(1.0);
  FlatParameters flat(module);
  const Device device = parse_device("auto");
  flat.to(device);
  EXPECT_EQ(flat.device(), device);
  flat.values().fill_(3.0);
  EXPECT_EQ(module.weight[0][0].item<float>(), 3.0f);
  EXPECT_EQ(module.count.device(), flat.values().device());

  module.forward(at::ones({3}, flat.values().options())).sum().backward();
  EXPECT_EQ(flat.gradients()[7].item<float>(), 1.0f);
  EXPECT_TRUE(module.bias.grad().is_alias_of(flat.gradients()));
}

TEST(FlatParameters, DetectsReallocatedParameters) {
  Affine module(1.0);
  const FlatParameters flat(module);
  module.to(at::kDouble);
  EXPECT_THROW(flat.values(), WorkError);
}

}  // namespace
}  // namespace ludus::nn
