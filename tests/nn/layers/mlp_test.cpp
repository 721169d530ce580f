#include "nn/layers/mlp.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>

#include <cmath>
#include <numeric>
#include <thread>

#include "nn/core/flat_parameters.h"
#include "nn/core/init.h"

namespace ludus::nn {
namespace {

std::shared_ptr<Mlp> make_mlp(const MlpOptions& options, std::uint64_t seed = 1) {
  at::Generator generator = make_generator(seed);
  return std::make_shared<Mlp>(options, generator);
}

at::Tensor normal_tensor(std::vector<std::int64_t> sizes, std::uint64_t seed) {
  return at::empty(sizes).normal_(0.0, 1.0, make_generator(seed));
}

std::vector<MlpOptions> assorted_networks() {
  std::vector<MlpOptions> networks;
  const std::vector<std::vector<std::int64_t>> hidden{{}, {5}, {128, 128}, {7, 3, 9}};
  for (const auto& widths : hidden) {
    for (const Activation activation : kActivations) {
      networks.push_back({.inputs = 4, .hidden = widths, .outputs = 2, .activation = activation});
    }
  }
  networks.push_back({.inputs = 1, .hidden = {64}, .outputs = 1, .output_activation = Activation::kTanh});
  networks.push_back({.inputs = 17, .hidden = {32, 32}, .outputs = 6, .output_activation = Activation::kSigmoid});
  return networks;
}

void expect_close(const at::Tensor& a, const at::Tensor& b, const std::string& what) {
  ASSERT_TRUE(a.defined() && b.defined()) << what;
  ASSERT_EQ(a.sizes(), b.sizes()) << what;
  EXPECT_TRUE(at::allclose(a, b, 2e-4, 2e-5)) << what << ": largest difference " << (a - b).abs().max().item<float>();
}

TEST(Mlp, ParametersAreNamedAndShapedAsLinearLayers) {
  const auto mlp = make_mlp({.inputs = 4, .hidden = {8}, .outputs = 2});
  const auto named = mlp->named_parameters();
  ASSERT_EQ(named.size(), 4u);
  EXPECT_EQ(named["layers.0.weight"].sizes(), (std::vector<std::int64_t>{8, 4}));
  EXPECT_EQ(named["layers.0.bias"].sizes(), (std::vector<std::int64_t>{8}));
  EXPECT_EQ(named["layers.1.weight"].sizes(), (std::vector<std::int64_t>{2, 8}));
  EXPECT_EQ(named["layers.1.bias"].sizes(), (std::vector<std::int64_t>{2}));
}

// 4 inputs: bounds ±1/2; 100 hidden: bounds ±1/10. Of 400 uniform numbers the largest is within 5 % of its bound with
// probability 1 - 0.95^800, of 100 with 1 - 0.95^100 = 0.994 (at this seed it is).
TEST(Mlp, UniformInitialisationIsThatOfTorchLinear) {
  const auto mlp = make_mlp({.inputs = 4, .hidden = {100}, .outputs = 50});
  const auto named = mlp->named_parameters();
  const auto largest = [&](const char* name) { return named[name].abs().max().item<float>(); };
  EXPECT_LE(largest("layers.0.weight"), 0.5f);
  EXPECT_GT(largest("layers.0.weight"), 0.475f);
  EXPECT_LE(largest("layers.0.bias"), 0.5f);
  EXPECT_GT(largest("layers.0.bias"), 0.475f);
  EXPECT_LE(largest("layers.1.weight"), 0.1f);
  EXPECT_GT(largest("layers.1.weight"), 0.095f);
  EXPECT_LE(largest("layers.1.bias"), 0.1f);

  const auto again = make_mlp({.inputs = 4, .hidden = {100}, .outputs = 50});
  const auto other = make_mlp({.inputs = 4, .hidden = {100}, .outputs = 50}, 2);
  EXPECT_TRUE(again->named_parameters()["layers.1.weight"].equal(named["layers.1.weight"]));
  EXPECT_FALSE(other->named_parameters()["layers.1.weight"].equal(named["layers.1.weight"]));
}

TEST(Mlp, OrthogonalInitialisationHasItsGainsAndNoBias) {
  const auto mlp = make_mlp({.inputs = 4,
                             .hidden = {64, 64},
                             .outputs = 2,
                             .initialisation = Initialisation::kOrthogonal,
                             .hidden_gain = 2.0,
                             .output_gain = 0.01});
  const auto named = mlp->named_parameters();
  const at::Tensor first = named["layers.0.weight"], middle = named["layers.1.weight"], last = named["layers.2.weight"];
  expect_close(first.t().mm(first), 4.0 * at::eye(4), "first");
  expect_close(middle.mm(middle.t()), 4.0 * at::eye(64), "middle");
  EXPECT_TRUE(at::allclose(last.mm(last.t()), 1e-4 * at::eye(2), 1e-4, 1e-8));
  EXPECT_EQ(named["layers.1.bias"].abs().max().item<float>(), 0.0f);
}

// The contract of the fused node: its values and gradients are those of torch's operators.
TEST(Mlp, FusedNodeAgreesWithTorchInValueAndGradient) {
  for (MlpOptions options : assorted_networks()) {
    for (const std::int64_t rows : {1, 2, 64}) {
      const at::Tensor data = normal_tensor({rows, options.inputs}, 3);
      const at::Tensor weights = normal_tensor({rows, options.outputs}, 4);
      std::vector<at::Tensor> results[2];
      for (const bool fused : {false, true}) {
        options.fused = fused;
        const auto mlp = make_mlp(options);
        const at::Tensor x = data.clone().set_requires_grad(true);
        const at::Tensor y = mlp->forward(x);
        (y * weights).sum().backward();
        results[fused] = {y.detach(), x.grad()};
        for (const at::Tensor& parameter : mlp->parameters()) results[fused].push_back(parameter.grad());
      }
      for (std::size_t i = 0; i < results[0].size(); ++i) {
        expect_close(results[1][i], results[0][i],
                     std::string(name_of(options.activation)) + ", " + std::to_string(options.hidden.size()) +
                         " hidden layers, " + std::to_string(rows) + " rows, result " + std::to_string(i));
      }
    }
  }
}

TEST(Mlp, FusedPassIsOneNode) {
  const auto mlp = make_mlp({.inputs = 4, .hidden = {16, 16}, .outputs = 2});
  const at::Tensor y = mlp->forward(normal_tensor({3, 4}, 1));
  ASSERT_TRUE(y.grad_fn());
  EXPECT_NE(y.grad_fn()->name().find("Fused"), std::string::npos) << y.grad_fn()->name();
  ASSERT_EQ(y.grad_fn()->num_outputs(), 7u);  // x and six parameters
  for (std::size_t i = 1; i < 7; ++i) {
    EXPECT_NE(y.grad_fn()->next_edge(i).function->name().find("AccumulateGrad"), std::string::npos);
  }
}

TEST(Mlp, AcceptsAnyStridesAndLeadingDimensions) {
  const auto mlp = make_mlp({.inputs = 4, .hidden = {16}, .outputs = 3, .activation = Activation::kTanh});
  const at::Tensor data = normal_tensor({4, 6}, 8);

  // a transposed view, and gradients that come back transposed
  const at::Tensor x = data.t();
  ASSERT_FALSE(x.is_contiguous());
  const at::Tensor y = mlp->forward(x);
  expect_close(y, mlp->forward(x.contiguous()), "transposed");
  const at::Tensor dy = normal_tensor({3, 6}, 9).t();
  const at::Tensor weight = mlp->parameters()[0];
  const auto strided = torch::autograd::grad({mlp->forward(x)}, {weight}, {dy});
  const auto plain = torch::autograd::grad({mlp->forward(x.contiguous())}, {weight}, {dy.contiguous()});
  expect_close(strided[0], plain[0], "gradient");

  // (2 x 3 x inputs), one row without a batch, and no rows at all
  const at::Tensor cube = mlp->forward(x.reshape({2, 3, 4}));
  EXPECT_EQ(cube.sizes(), (std::vector<std::int64_t>{2, 3, 3}));
  expect_close(cube.reshape({6, 3}), y, "cube");
  const at::Tensor row = mlp->forward(x[2]);
  EXPECT_EQ(row.sizes(), (std::vector<std::int64_t>{3}));
  expect_close(row, y[2], "row");
  EXPECT_EQ(mlp->forward(at::empty({0, 4})).sizes(), (std::vector<std::int64_t>{0, 3}));

  EXPECT_THROW(mlp->forward(at::zeros({2, 5})), InvalidArgument);
  EXPECT_THROW(mlp->forward(at::zeros({})), InvalidArgument);
}

TEST(Mlp, FrozenParametersGetNoGradientButTheInputDoes) {
  const auto mlp = make_mlp({.inputs = 4, .hidden = {16}, .outputs = 1});
  const at::Tensor x = normal_tensor({5, 4}, 1).set_requires_grad(true);
  mlp->forward(x).sum().backward();
  const at::Tensor expected = x.grad().clone();

  for (at::Tensor parameter : mlp->parameters()) {
    parameter.mutable_grad() = at::Tensor();
    parameter.set_requires_grad(false);
  }
  x.mutable_grad() = at::Tensor();
  mlp->forward(x).sum().backward();
  EXPECT_TRUE(x.grad().equal(expected));
  EXPECT_FALSE(mlp->parameters()[0].grad().defined());

  const at::NoGradGuard no_grad;
  EXPECT_FALSE(mlp->forward(x).requires_grad());
}

// A gradient penalty, P = Σ (dy/dx)², differentiated by the weights: second derivatives through the fused node.
TEST(Mlp, SecondDerivativesAgreeWithTorch) {
  std::vector<at::Tensor> results[2];
  for (const bool fused : {false, true}) {
    const auto mlp =
        make_mlp({.inputs = 3, .hidden = {8, 8}, .outputs = 1, .activation = Activation::kTanh, .fused = fused});
    const at::Tensor x = normal_tensor({6, 3}, 5).set_requires_grad(true);
    const auto slope = torch::autograd::grad({mlp->forward(x).sum()}, {x}, {}, true, /*create_graph=*/true);
    slope[0].pow(2).sum().backward();
    results[fused].push_back(slope[0].detach());
    results[fused].push_back(x.grad());
    for (std::size_t l = 0; l < 3; ++l) results[fused].push_back(mlp->parameters()[2 * l].grad());
  }
  for (std::size_t i = 0; i < results[0].size(); ++i) {
    expect_close(results[1][i], results[0][i], "result " + std::to_string(i));
  }
  EXPECT_GT(results[0][2].abs().max().item<float>(), 1e-3f);  // not all zero
}

TEST(Mlp, ActEqualsForward) {
  for (const MlpOptions& options : assorted_networks()) {
    const auto mlp = make_mlp(options);
    for (const std::int64_t rows : {1, 2, 5, 64}) {
      const at::Tensor x = normal_tensor({rows, options.inputs}, 6);
      std::vector<float> out(static_cast<std::size_t>(rows * options.outputs), 99.0f);
      mlp->act({x.data_ptr<float>(), static_cast<std::size_t>(x.numel())}, static_cast<std::size_t>(rows), out);
      const auto expect_equal = [&](const at::Tensor& y) {
        for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i], y.data_ptr<float>()[i]);
      };
      const auto forward_without_autograd = [&] {
        const at::NoGradGuard no_grad;
        return mlp->forward(x);
      };
      expect_equal(forward_without_autograd());
      // an activation without a kernel for its gradient runs on torch's operators where a gradient is needed
      const bool is_fused = kernels_of(options.activation).backward && kernels_of(options.output_activation).backward;
      if (is_fused) expect_equal(mlp->forward(x).detach());
    }
  }
  const auto mlp = make_mlp({.inputs = 4, .hidden = {8}, .outputs = 2});
  std::vector<float> rows(8), out(4);
  EXPECT_NO_THROW(mlp->act(rows, 2, out));
  EXPECT_NO_THROW(mlp->act({}, 0, {}));
  EXPECT_THROW(mlp->act(rows, 1, out), InvalidArgument);
  EXPECT_THROW(mlp->act(rows, 2, std::span(out).first(3)), InvalidArgument);
}

TEST(Mlp, ActReadsTheFlatParameters) {
  const auto mlp = make_mlp({.inputs = 2, .hidden = {}, .outputs = 1});
  const std::vector<float> row{3, 4};
  std::vector<float> out(1);
  mlp->act(row, 1, out);
  const FlatParameters flat(*mlp);
  flat.values().copy_(at::tensor({10.f, 100.f, 1000.f}));  // the weights, then the bias
  mlp->act(row, 1, out);
  EXPECT_EQ(out[0], 1430.0f);
}

TEST(Mlp, ActIsThreadSafe) {
  const auto mlp = make_mlp({.inputs = 4, .hidden = {32, 32}, .outputs = 2});
  const auto outputs_of = [&](float start) {
    std::vector<float> row(4), out(2);
    std::iota(row.begin(), row.end(), start);
    mlp->act(row, 1, out);
    return out;
  };
  std::vector<std::vector<float>> expected, actual(4);
  for (int t = 0; t < 4; ++t) expected.push_back(outputs_of(static_cast<float>(t)));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) actual[static_cast<std::size_t>(t)] = outputs_of(static_cast<float>(t));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(actual, expected);
}

TEST(Mlp, DoublePrecisionUsesTorch) {
  const auto mlp = make_mlp({.inputs = 4, .hidden = {8}, .outputs = 2});
  const at::Tensor x = normal_tensor({3, 4}, 2);
  const at::Tensor in_float = mlp->forward(x).detach();
  std::vector<float> acted(6);
  mlp->to(at::kDouble);
  expect_close(mlp->forward(x.to(at::kDouble)).to(at::kFloat), in_float, "double");
  mlp->act({x.data_ptr<float>(), 12}, 3, acted);
  expect_close(at::from_blob(acted.data(), {3, 2}), in_float, "acted");
}

TEST(Mlp, CpuAndCudaAgree) {
  if (cuda_device_count() == 0) GTEST_SKIP() << "skipped: no CUDA device";
  const auto mlp = make_mlp({.inputs = 4, .hidden = {64, 64}, .outputs = 2});
  FlatParameters flat(*mlp);
  const at::Tensor x = normal_tensor({16, 4}, 2);
  std::vector<float> on_cpu(32), on_cuda(32);
  mlp->act({x.data_ptr<float>(), 64}, 16, on_cpu);
  mlp->forward(x).pow(2).sum().backward();
  const at::Tensor expected = flat.gradients().clone();

  flat.to(parse_device("cuda"));
  flat.zero_gradients();
  mlp->act({x.data_ptr<float>(), 64}, 16, on_cuda);
  for (std::size_t i = 0; i < on_cpu.size(); ++i) EXPECT_NEAR(on_cpu[i], on_cuda[i], 1e-4f);
  mlp->forward(x.to(at::kCUDA)).pow(2).sum().backward();
  EXPECT_TRUE(at::allclose(flat.gradients().to(at::kCPU), expected, 1e-2, 1e-3));
}

}  // namespace
}  // namespace ludus::nn
