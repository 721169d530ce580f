#include "nn/networks/actor_critic.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nn/core/init.h"

namespace ludus::nn {
namespace {

using Kind = FeaturePart::Kind;

std::shared_ptr<ActorCritic> make_actor_critic(const ActorCriticOptions& options) {
  at::Generator generator = make_generator(3);
  return std::make_shared<ActorCritic>(options, generator);
}

ActorCriticOptions options_of(const ActionOptions& actions) {
  ActorCriticOptions options;
  options.features = FeatureOptions::numbers(3);
  options.actions = actions;
  options.mlp.hidden = {8, 5};
  options.critic_hidden = {7};
  options.log_std = -0.5;
  return options;
}

std::vector<float> normal_numbers(std::int64_t count, std::uint64_t seed) {
  const at::Tensor numbers = at::empty({count}).normal_(0, 1, make_generator(seed));
  return {numbers.data_ptr<float>(), numbers.data_ptr<float>() + count};
}

at::Tensor rows_tensor(std::vector<float>& numbers, std::int64_t width) {
  return at::from_blob(numbers.data(), {static_cast<std::int64_t>(numbers.size()) / width, width}, at::kFloat);
}

std::vector<ActionOptions> all_kinds() {
  return {ActionOptions::categorical({4}), ActionOptions::categorical({2, 3}), ActionOptions::bernoulli(3),
          ActionOptions::gaussian(2)};
}

// The initial policy is nearly uniform, because its last layer has a gain of 0.01; the values, with a gain of 1, vary.
TEST(ActorCritic, OrthogonalPolicyIsNearlyUniformAtFirst) {
  ActorCriticOptions options = options_of(ActionOptions::categorical({4}));
  std::vector<float> rows = normal_numbers(60, 1);
  const auto evaluation = make_actor_critic(options)->evaluate_actions(rows_tensor(rows, 3), at::zeros({20, 1}), {});
  EXPECT_TRUE(at::allclose(evaluation.log_prob, at::full({20}, -std::log(4.0)), 0, 0.02));
  EXPECT_GT(evaluation.value.std().item<float>(), 0.2);
  options.mlp.initialisation = Initialisation::kUniform;
  const auto uniform = make_actor_critic(options)->evaluate_actions(rows_tensor(rows, 3), at::zeros({20, 1}), {});
  EXPECT_FALSE(at::allclose(uniform.log_prob, at::full({20}, -std::log(4.0)), 0, 0.02));
}

// The deterministic action has a larger log-probability than any sample, and a Gaussian sample is mean + σ noise.
TEST(ActorCritic, ActAgreesWithEvaluateActions) {
  constexpr std::int64_t n = 50;
  for (const ActionOptions& actions : all_kinds()) {
    ActorCriticOptions options = options_of(actions);
    options.mlp.initialisation = Initialisation::kUniform;
    const auto networks = make_actor_critic(options);
    std::vector<float> rows = normal_numbers(n * 3, 1);
    const auto k = actions.count;
    std::vector<float> mode(static_cast<std::size_t>(n * k)), sampled(mode.size()), noise = normal_numbers(n * k, 2);
    if (actions.kind != ActionOptions::Kind::kGaussian) {
      for (float& number : noise) number = 0.5f * std::erfc(-number / std::sqrt(2.0f));  // uniform
    }
    networks->act(rows, n, {}, {}, mode);
    networks->act(rows, n, {}, noise, sampled);

    const at::NoGradGuard no_grad;
    const auto log_prob = [&](const at::Tensor& of) {
      return networks->evaluate_actions(rows_tensor(rows, 3), of, {}).log_prob;
    };
    const at::Tensor mode_rows = rows_tensor(mode, k), sampled_rows = rows_tensor(sampled, k);
    EXPECT_TRUE(log_prob(mode_rows).ge(log_prob(sampled_rows)).all().item<bool>());
    EXPECT_FALSE(at::equal(mode_rows, sampled_rows));
    if (actions.kind == ActionOptions::Kind::kGaussian) {
      // a = μ + σ ε with σ = e^{−½}: the standardised distance is the noise itself
      EXPECT_TRUE(at::allclose((sampled_rows - mode_rows) / std::exp(-0.5), rows_tensor(noise, k), 1e-4, 1e-5));
    }
  }
}

// 40,000 draws in one state: every action as often as its probability says, within five binomial standard deviations.
TEST(ActorCritic, SamplesHaveTheirProbabilities) {
  constexpr std::int64_t n = 40000;
  ActorCriticOptions options = options_of(ActionOptions::categorical({4}));
  options.mlp.initialisation = Initialisation::kUniform;
  const auto networks = make_actor_critic(options);
  std::vector<float> rows;
  for (std::int64_t i = 0; i < n; ++i) rows.insert(rows.end(), {1.0f, -2.0f, 0.5f});
  const at::Tensor uniform = at::empty({n}).uniform_(0, 1, make_generator(5));
  std::vector<float> drawn(n);
  std::vector<std::uint8_t> masks;
  for (std::int64_t i = 0; i < n; ++i) masks.insert(masks.end(), {1, 0, 1, 1});
  networks->act(rows, n, masks, {uniform.data_ptr<float>(), static_cast<std::size_t>(n)}, drawn);
  const at::Tensor mask = at::tensor({1, 0, 1, 1}, at::kByte).view({1, 4}).expand({4, 4});
  const auto evaluation =
      networks->evaluate_actions(rows_tensor(rows, 3).narrow(0, 0, 4), at::arange(4).view({4, 1}), mask);
  for (std::int64_t action = 0; action < 4; ++action) {
    const double p = std::exp(evaluation.log_prob[action].item<double>());
    const auto count = static_cast<double>(std::count(drawn.begin(), drawn.end(), static_cast<float>(action)));
    EXPECT_NEAR(count / n, p, 5 * std::sqrt(p * (1 - p) / n)) << action;
  }
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), 1.0f), 0);
}

TEST(ActorCritic, ValuesAgreeWithEvaluateActions) {
  // more rows than one pass evaluates, and classes that torch must make one-hot
  constexpr std::int64_t n = 1500;
  ActorCriticOptions options = options_of(ActionOptions::categorical({2}));
  options.features = {{{.kind = Kind::kOneHot, .count = 1, .classes = 6, .start = 1}}};
  const auto networks = make_actor_critic(options);
  std::vector<float> rows(n);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<float>(1 + i % 6);
  std::vector<float> values(n);
  networks->values(rows, n, values);
  const auto evaluation = networks->evaluate_actions(rows_tensor(rows, 1), at::zeros({n, 1}), {});
  EXPECT_TRUE(at::allclose(rows_tensor(values, 1).squeeze(1), evaluation.value, 1e-4, 1e-5));
}

// One convolutional network encodes images for actor and critic, and gets gradients from both.
TEST(ActorCritic, ImageFeaturesAreSharedByActorAndCritic) {
  ActorCriticOptions options = options_of(ActionOptions::categorical({2}));
  options.features = {
      {{.kind = Kind::kImage, .count = 36 * 36, .frames = 1, .height = 36, .width = 36, .channels = 1}}};
  const auto networks = make_actor_critic(options);
  std::vector<float> rows(2 * 36 * 36);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<float>(i * 37 % 256);
  const auto evaluation = networks->evaluate_actions(rows_tensor(rows, 36 * 36), at::zeros({2, 1}), {});
  std::vector<float> values(2);
  networks->values(rows, 2, values);
  EXPECT_TRUE(at::allclose(rows_tensor(values, 1).squeeze(1), evaluation.value, 1e-4, 1e-5));

  const at::Tensor kernels = networks->named_parameters()["features.images.0.conv0.weight"];
  for (const at::Tensor& output : {evaluation.log_prob, evaluation.value}) {
    networks->zero_grad();
    output.sum().backward({}, /*retain_graph=*/true);
    EXPECT_GT(kernels.grad().abs().sum().item<double>(), 0);
  }
}

// The noise of state-dependent exploration is the same for equal states and equal matrices.
TEST(ActorCritic, ExplorationNoiseIsAFunctionOfTheState) {
  for (const bool full : {true, false}) {
    ActorCriticOptions options = options_of(ActionOptions::gaussian(2));
    options.state_dependent_noise = true;
    options.full_std = full;
    const auto networks = make_actor_critic(options);
    ASSERT_EQ(networks->latent_size(), 5);

    std::vector<float> state = normal_numbers(3, 1), rows = state;
    rows.insert(rows.end(), state.begin(), state.end());
    std::vector<float> matrices = normal_numbers(2 * 5 * 2, 9);
    std::copy_n(matrices.begin(), 10, matrices.begin() + 10);
    networks->scale_to_matrices(matrices);
    std::vector<float> actions(4), mean(2);
    networks->act_with_exploration(rows, 2, matrices, actions);
    networks->act(state, 1, {}, {}, mean);
    EXPECT_EQ(actions[0], actions[2]);
    EXPECT_EQ(actions[1], actions[3]);
    EXPECT_NE(actions[0], mean[0]);
    matrices[12] += 1;
    networks->act_with_exploration(rows, 2, matrices, actions);
    EXPECT_NE(actions[0], actions[2]);
  }
}

// Actions of many matrices, and samples from the density of the state, have the std of the log-probability.
TEST(ActorCritic, ExplorationHasTheStdOfTheDensity) {
  constexpr std::int64_t n = 20000;
  for (const bool full : {true, false}) {
    ActorCriticOptions options = options_of(ActionOptions::gaussian(2));
    options.state_dependent_noise = true;
    options.full_std = full;
    const auto networks = make_actor_critic(options);
    const std::vector<float> state = normal_numbers(3, 1);
    std::vector<float> rows;
    for (std::int64_t i = 0; i < n; ++i) rows.insert(rows.end(), state.begin(), state.end());

    std::vector<float> mean(2), explored(2 * n), drawn(2 * n), matrices = normal_numbers(n * 5 * 2, 4);
    networks->act(state, 1, {}, {}, mean);
    networks->scale_to_matrices(matrices);
    networks->act_with_exploration(rows, n, matrices, explored);
    const std::vector<float> noise = normal_numbers(2 * n, 5);
    networks->act(rows, n, {}, noise, drawn);

    // at the mean log π = −Σ log σ − log 2π, so that the product of both σ is known
    const at::Tensor at_mean =
        networks->evaluate_actions(rows_tensor(rows, 3).narrow(0, 0, 1), rows_tensor(mean, 2), {}).log_prob;
    const double product = std::exp(-at_mean.item<double>()) / (2 * std::acos(-1.0));
    for (std::vector<float>* actions : {&explored, &drawn}) {
      const at::Tensor spread = rows_tensor(*actions, 2).std(0);
      EXPECT_NEAR((spread[0] * spread[1]).item<double>() / product, 1, 0.03) << full;
    }
  }
}

// d/dθ of log-probability, entropy and value together by central differences, in double.
TEST(ActorCritic, GradientsAreThoseOfFiniteDifferences) {
  for (const ActionOptions& actions : all_kinds()) {
    const auto networks = make_actor_critic(options_of(actions));
    networks->to(at::kDouble);
    std::vector<float> numbers = normal_numbers(12, 1);
    const at::Tensor rows = rows_tensor(numbers, 3).to(at::kDouble);
    const at::Tensor taken = at::ones({4, actions.count}, at::kDouble);
    const auto loss = [&] {
      const auto evaluation = networks->evaluate_actions(rows, taken, {});
      return (evaluation.log_prob * at::tensor({1.0, -2.0, 0.5, 3.0}, at::kDouble)).sum() +
             0.3 * evaluation.entropy.sum() + evaluation.value.square().sum();
    };
    loss().backward();
    for (const auto& item : networks->named_parameters()) {
      const at::NoGradGuard no_grad;
      const at::Tensor flat = item.value().view({-1}), gradient = item.value().grad().view({-1});
      constexpr double kStep = 1e-6;
      for (std::int64_t i = 0; i < flat.numel(); i += 3) {
        flat[i] += kStep;
        const double up = loss().item<double>();
        flat[i] -= 2 * kStep;
        const double down = loss().item<double>();
        flat[i] += kStep;
        EXPECT_NEAR(gradient[i].item<double>(), (up - down) / (2 * kStep), 1e-6) << item.key() << " " << i;
      }
    }
  }
}

// σ gets a gradient from the noise; the features do not.
TEST(ActorCritic, StateDependentNoiseDoesNotTrainTheFeatures) {
  ActorCriticOptions options = options_of(ActionOptions::gaussian(1));
  options.state_dependent_noise = true;
  const auto networks = make_actor_critic(options);
  std::vector<float> rows = normal_numbers(6, 1);
  networks->evaluate_actions(rows_tensor(rows, 3), at::zeros({2, 1}), {}).entropy.sum().backward();
  for (const auto& item : networks->named_parameters()) {
    const bool has_gradient = item.value().grad().defined() && item.value().grad().abs().sum().item<double>() > 0;
    EXPECT_EQ(has_gradient, item.key() == "log_std") << item.key();
  }
}

TEST(ActorCritic, RejectsInvalidOptions) {
  ActorCriticOptions options = options_of(ActionOptions::categorical({2}));
  options.state_dependent_noise = true;
  EXPECT_THROW(make_actor_critic(options), InvalidArgument);
  options = options_of(ActionOptions::gaussian(1));
  options.state_dependent_noise = true;
  options.mlp.hidden = {};
  EXPECT_THROW(make_actor_critic(options), InvalidArgument);
  options = options_of(ActionOptions::gaussian(1));
  options.log_std = std::nan("");
  EXPECT_THROW(make_actor_critic(options), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
