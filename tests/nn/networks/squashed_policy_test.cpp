#include "nn/networks/squashed_policy.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nn/core/flat_parameters.h"
#include "nn/core/init.h"
#include "nn/core/tensor_io.h"

namespace ludus::nn {
namespace {

NetworkOptions policy_options(std::vector<std::int64_t> hidden) {
  NetworkOptions options{.features = FeatureOptions::numbers(3), .extra_inputs = 0, .mlp = {}};
  options.mlp.hidden = std::move(hidden);
  return options;
}

std::vector<float> numbers(std::size_t n, float scale) {
  std::vector<float> row(n);
  for (std::size_t i = 0; i < n; ++i) row[i] = scale * std::sin(static_cast<float>(7 * i + 1));
  return row;
}

void expect_near(std::span<const float> a, const at::Tensor& b, double tolerance) {
  ASSERT_EQ(static_cast<std::int64_t>(a.size()), b.numel());
  const at::Tensor flat = b.detach().contiguous();
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], flat.data_ptr<float>()[i], tolerance) << i;
}

TEST(GaussianPolicy, ActAgreesWithSample) {
  at::Generator generator = make_generator(2);
  GaussianPolicy policy(policy_options({8}), 2, generator);
  std::vector<float> rows = numbers(15, 1), noise = numbers(10, 2), actions(10);
  EXPECT_EQ(policy.noise_sizes(5), (std::vector<std::int64_t>{5, 2}));
  const at::Tensor input = view_of(rows, {5, 3}, Device{});
  policy.act(rows, 5, noise, actions);
  expect_near(actions, policy.sample(input, view_of(noise, {5, 2}, Device{})).action, 1e-6);
  policy.act(rows, 5, {}, actions);
  expect_near(actions, policy.sample(input, at::zeros({5, 2})).action, 1e-6);
}

TEST(GaussianPolicy, LogStdIsClamped) {
  // weights 0; biases: means 0, log σ outside both bounds
  at::Generator generator = make_generator(2);
  GaussianPolicy policy(policy_options({}), 2, generator);
  const FlatParameters parameters(policy);
  parameters.values().zero_();
  parameters.values().narrow(0, 8, 2).copy_(at::tensor({50.0f, -50.0f}));
  const std::vector<float> rows = numbers(3, 1);
  std::vector<float> actions(2);
  policy.act(rows, 1, std::vector<float>{0.1f, 1}, actions);
  EXPECT_NEAR(actions[0], std::tanh(0.1 * std::exp(2)), 1e-6);
  EXPECT_NEAR(actions[1], std::exp(-20), 1e-12);
}

TEST(GsdePolicy, ActAgreesWithSampleForOneMatrix) {
  at::Generator generator = make_generator(2);
  GsdePolicy policy(policy_options({6, 4}), 2, -0.5, generator);
  std::vector<float> rows = numbers(15, 1), noise = numbers(8, 2), actions(10);
  EXPECT_EQ(policy.noise_sizes(5), (std::vector<std::int64_t>{4, 2}));
  EXPECT_EQ(policy.matrix_size(), 8u);
  const at::Tensor sampled = policy.sample(view_of(rows, {5, 3}, Device{}), view_of(noise, {4, 2}, Device{})).action;
  std::vector<float> matrices;
  for (int row = 0; row < 5; ++row) matrices.insert(matrices.end(), noise.begin(), noise.end());
  policy.scale_to_matrices(matrices);
  EXPECT_FLOAT_EQ(matrices[3], noise[3] * std::exp(-0.5f));
  policy.act_with_exploration(rows, 5, matrices, actions);
  expect_near(actions, sampled, 1e-5);
}

TEST(GsdePolicy, ActHasTheDistributionOfItsMatrices) {
  // In one state u is normal with the mean of act() without noise and the variance Σ z_i² σ_ij², by both ways of
  // sampling. 20,000 samples; the standard error of their std is σ/√(2n) = 0.5 %
  at::Generator generator = make_generator(2);
  GsdePolicy policy(policy_options({16}), 1, -0.5, generator);
  const std::vector<float> rows = numbers(3, 1);
  at::Generator draws = make_generator(3);
  const at::Tensor normal = at::empty({20000, 17}).normal_(0, 1, draws);
  std::vector<float> mean(1), action(1);
  policy.act(rows, 1, {}, mean);
  double marginal = 0, smooth = 0;
  for (int i = 0; i < 20000; ++i) {
    const float* row = normal.data_ptr<float>() + i * 17;
    policy.act(rows, 1, {row, 1}, action);
    marginal += std::pow(std::atanh(static_cast<double>(action[0])) - std::atanh(static_cast<double>(mean[0])), 2);
    std::vector<float> matrix(row + 1, row + 17);
    policy.scale_to_matrices(matrix);
    policy.act_with_exploration(rows, 1, matrix, action);
    smooth += std::pow(std::atanh(static_cast<double>(action[0])) - std::atanh(static_cast<double>(mean[0])), 2);
  }
  EXPECT_GT(smooth, 100);
  EXPECT_NEAR(marginal / smooth, 1, 0.05);
}

TEST(GsdePolicy, MeanIsClampedBeforeTanh) {
  // a bias of 9 before tanh is clamped to 2
  at::Generator generator = make_generator(2);
  GsdePolicy policy(policy_options({4}), 1, -1, generator);
  FlatParameters parameters(policy);
  parameters.values().narrow(0, parameters.size() - 1, 1).fill_(9);
  const std::vector<float> rows = numbers(3, 1);
  std::vector<float> action(1);
  policy.act(rows, 1, {}, action);
  EXPECT_FLOAT_EQ(action[0], std::tanh(2.0f));
}

TEST(GsdePolicy, RejectsNetworksWithoutHiddenLayers) {
  at::Generator generator = make_generator(2);
  EXPECT_THROW(GsdePolicy(policy_options({}), 1, -1, generator), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
