#include "nn/generative/gan.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "base/checkpoint.h"
#include "base/error.h"
#include "nn/core/tensor_io.h"
#include "nn/data/array_source.h"
#include "nn/generative/gan_networks.h"
#include "nn/generative/latents.h"

namespace ludus::nn {
namespace {

double softplus(double x) {
  return std::log1p(std::exp(x));
}
double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

// --- losses

class GanLosses : public ::testing::Test {
 protected:
  const std::vector<double> real_{0.3, -1.2}, generated_{0.5, 2.0};
  static constexpr double kReal = 0.9, kGenerated = 0.1;

  double of_discriminator(GanLoss loss) const {
    const at::Tensor real = at::tensor(real_), generated = at::tensor(generated_);
    return discriminator_loss(loss, real, generated, at::full_like(real, kReal), at::full_like(generated, kGenerated))
        .item<double>();
  }
  double of_generator(GanLoss loss) const { return generator_loss(loss, at::tensor(generated_)).item<double>(); }
  // the mean of a function of the logits
  template <class F>
  static double mean(const std::vector<double>& logits, F f) {
    double sum = 0;
    for (const double logit : logits) sum += f(logit);
    return sum / static_cast<double>(logits.size());
  }
};

TEST_F(GanLosses, OfCrossEntropy) {
  const auto entropy = [](double label) {
    return [label](double d) { return label * softplus(-d) + (1 - label) * softplus(d); };
  };
  const double expected = mean(real_, entropy(kReal)) + mean(generated_, entropy(kGenerated));
  EXPECT_NEAR(of_discriminator(GanLoss::kNonSaturating), expected, 1e-12);
  EXPECT_NEAR(of_discriminator(GanLoss::kMinimax), expected, 1e-12);
  EXPECT_NEAR(of_generator(GanLoss::kNonSaturating), mean(generated_, [](double d) { return softplus(-d); }), 1e-12);
  EXPECT_NEAR(of_generator(GanLoss::kMinimax), mean(generated_, [](double d) { return std::log(1 - sigmoid(d)); }),
              1e-12);
}

TEST_F(GanLosses, OfOthers) {
  EXPECT_NEAR(of_discriminator(GanLoss::kLeastSquares),
              (mean(real_, [](double d) { return std::pow(d - kReal, 2); }) +
               mean(generated_, [](double d) { return std::pow(d - kGenerated, 2); })) /
                  2,
              1e-12);
  EXPECT_NEAR(of_generator(GanLoss::kLeastSquares), mean(generated_, [](double d) { return std::pow(d - 1, 2) / 2; }),
              1e-12);
  EXPECT_NEAR(of_discriminator(GanLoss::kHinge), (0.7 + 2.2) / 2 + (1.5 + 3.0) / 2, 1e-12);
  EXPECT_NEAR(of_generator(GanLoss::kHinge), -1.25, 1e-12);
  EXPECT_NEAR(of_discriminator(GanLoss::kWasserstein), 1.25 - -0.45, 1e-12);
  EXPECT_NEAR(of_generator(GanLoss::kWasserstein), -1.25, 1e-12);
}

// --- the penalty

TEST(GradientPenalty, OfALinearCriticIsThatOfItsWeights) {
  Description critic{.name = "critic"};
  critic.add_input("image", Shape{1, 1, 2});
  critic.add(layers::Flatten{});
  critic.outputs = {critic.add(layers::Dense{.units = 1, .bias = false}, {}, "logit")};
  Generator random(1);
  Model model(critic, random, {.dtype = DType::kFloat64, .fused = false});
  model.parameters().values().copy_(at::tensor({3.0, 4.0}, at::kDouble));
  const at::Tensor real = at::rand({5, 1, 1, 2}, at::kDouble), generated = at::rand({5, 1, 1, 2}, at::kDouble);
  const at::Tensor penalty = gradient_penalty(model, real, generated, at::rand({5}, at::kDouble));
  EXPECT_NEAR(penalty.item<double>(), 16, 1e-12);  // (‖(3, 4)‖ − 1)²
  penalty.backward();
  const at::Tensor gradients = model.parameters().gradients();  // 2 (‖w‖ − 1) w / ‖w‖
  EXPECT_NEAR(gradients[0].item<double>(), 2 * 4 * 0.6, 1e-12);
  EXPECT_NEAR(gradients[1].item<double>(), 2 * 4 * 0.8, 1e-12);
}

TEST(GradientPenalty, IsTakenBetweenRealAndGeneratedImages) {
  // D(x) = tanh(w x) has the slope w (1 − tanh² w x): at x̂ = 0.25 · 1 + 0.75 · (−1) = −0.5, not at 0.5
  Description critic{.name = "critic"};
  critic.add_input("image", Shape{1, 1, 1});
  critic.add(layers::Flatten{});
  critic.add(layers::Dense{.units = 1, .activation = Activation::kTanh});
  critic.outputs = {critic.add(layers::Dense{.units = 1, .bias = false}, {}, "logit")};
  Generator random(1);
  Model model(critic, random, {.dtype = DType::kFloat64, .fused = false});
  model.parameters().values().copy_(at::tensor({2.0, 0.5, 1.0}, at::kDouble));  // weight, bias, weight
  const at::Tensor penalty =
      gradient_penalty(model, at::ones({1, 1, 1, 1}, at::kDouble), at::full({1, 1, 1, 1}, -1.0, at::kDouble),
                       at::tensor({0.25}, at::kDouble));
  const double slope = 2 * (1 - std::pow(std::tanh(2 * -0.5 + 0.5), 2));
  EXPECT_NEAR(penalty.item<double>(), std::pow(slope - 1, 2), 1e-12);
}

TEST(GradientPenalty, GradientAgreesWithFiniteDifferences) {
  Generator random(2);
  Model critic(wasserstein_gan({.image = {1, 4, 4}, .latent = 3, .classes = 2}).discriminator, random,
               {.dtype = DType::kFloat64, .fused = false});
  const at::Tensor real = at::randn({3, 1, 4, 4}, at::kDouble), generated = at::randn({3, 1, 4, 4}, at::kDouble);
  const at::Tensor epsilon = at::tensor({0.2, 0.5, 0.9}, at::kDouble);
  const std::vector<at::Tensor> labels{at::tensor({0, 1, 1}, at::kLong)};
  const auto penalty = [&] { return gradient_penalty(critic, real, generated, epsilon, labels); };
  critic.parameters().zero_gradients();
  penalty().backward();
  const at::Tensor gradients = critic.parameters().gradients().clone();
  const at::Tensor values = critic.parameters().values();
  constexpr double kStep = 1e-6;
  for (std::int64_t i = 0; i < values.numel(); i += values.numel() / 23) {
    const double value = values[i].item<double>();
    values[i] = value + kStep;
    const double above = penalty().item<double>();
    values[i] = value - kStep;
    const double below = penalty().item<double>();
    values[i] = value;
    EXPECT_NEAR(gradients[i].item<double>(), (above - below) / (2 * kStep), 1e-6) << i;
  }
}

// --- training

// Networks of one number: G(z) = a z + b, D(x) = w x + c.
struct Lines {
  Generator random{1};
  Model generator{[] {
                    Description network{.name = "generator"};
                    network.add_input("latent", Shape{1});
                    network.add(layers::Dense{.units = 1});
                    network.outputs = {network.add(layers::Reshape{.shape = {1, 1, 1}})};
                    return network;
                  }(),
                  random};
  Model discriminator{[] {
                        Description network{.name = "discriminator"};
                        network.add_input("image", Shape{1, 1, 1});
                        network.add(layers::Flatten{});
                        network.outputs = {network.add(layers::Dense{.units = 1})};
                        return network;
                      }(),
                      random};
};

data::Dataset numbers(std::vector<float> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return data::from_arrays({{"image", Array::of(std::span<const float>(values), Shape{count, 1, 1, 1})}});
}

TEST(Gan, TakesTheStepsOfBothNetworksByHand) {
  Lines lines;
  const auto set = [](Model& model, double weight, double bias) {
    model.parameters().values().copy_(at::tensor({weight, bias}, at::kFloat));
  };
  double a = 0.5, b = -0.2, w = 0.8, c = 0.1;
  set(lines.generator, a, b);
  set(lines.discriminator, w, c);
  const std::vector<float> real{0.4F, -0.6F, 0.9F};
  const GanOptions options{.seed = 7,
                           .real_label = {0.9},
                           .generator_optimizer = {.name = "sgd"},
                           .discriminator_optimizer = {.name = "sgd"},
                           .generator_learning_rate = {.initial = 0.3},
                           .discriminator_learning_rate = {.initial = 0.2}};
  Gan gan(lines.generator, lines.discriminator, numbers(real).batch(3), options);
  gan.run();

  Generator random(7);
  const Array first = latent_vectors(3, 1, Latent::kUniform, random),
              second = latent_vectors(3, 1, Latent::kUniform, random);
  double w_gradient = 0, c_gradient = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double x = real[i], generated = a * first.data<float>()[i] + b;
    const double of_real = (sigmoid(w * x + c) - 0.9) / 3, of_generated = sigmoid(w * generated + c) / 3;
    w_gradient += of_real * x + of_generated * generated;
    c_gradient += of_real + of_generated;
  }
  w -= 0.2 * w_gradient, c -= 0.2 * c_gradient;
  double a_gradient = 0, b_gradient = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double z = second.data<float>()[i];
    const double of_output = (sigmoid(w * (a * z + b) + c) - 1) / 3 * w;  // of −log σ(D(G(z)))
    a_gradient += of_output * z, b_gradient += of_output;
  }
  a -= 0.3 * a_gradient, b -= 0.3 * b_gradient;
  const auto expect = [](const Model& model, double weight, double bias) {
    EXPECT_NEAR(model.parameters().values()[0].item<double>(), weight, 1e-6);
    EXPECT_NEAR(model.parameters().values()[1].item<double>(), bias, 1e-6);
  };
  expect(lines.discriminator, w, c);
  expect(lines.generator, a, b);
}

TEST(Gan, StepsOfOneNetworkLeaveTheOther) {
  const std::vector<float> real{0.4F, -0.6F, 0.9F, 0.1F};
  Lines once, rarely;
  const at::Tensor start = rarely.generator.parameters().values().clone();
  Gan every(once.generator, once.discriminator, numbers(real).batch(4), {.seed = 3});
  Gan fifth(rarely.generator, rarely.discriminator, numbers(real).batch(4), {.seed = 3, .discriminator_steps = 5});
  every.run(), fifth.run();
  EXPECT_TRUE(rarely.generator.parameters().values().equal(start));
  EXPECT_FALSE(once.generator.parameters().values().equal(start));
  EXPECT_TRUE(once.discriminator.parameters().values().equal(rarely.discriminator.parameters().values()));
}

TEST(Gan, AddsTheWeightedPenalty) {
  // of D(x) = w x + c it is λ (|w| − 1)², whatever the images: a step of SGD moves w by −α 2 λ (|w| − 1) for w > 0
  const auto weight_after = [](double penalty) {
    Lines lines;
    Model critic(lines.discriminator.description(), lines.random, {.fused = false});
    critic.parameters().values().copy_(at::tensor({3.0F, 0.0F}));
    Gan gan(lines.generator, critic, numbers({0.4F, -0.6F}).batch(2),
            {.loss = GanLoss::kWasserstein,
             .gradient_penalty = penalty,
             .discriminator_optimizer = {.name = "sgd"},
             .discriminator_learning_rate = {.initial = 0.01}});
    gan.run();
    EXPECT_EQ(gan.history()[0].contains("train/gradient_penalty"), penalty > 0);
    if (penalty > 0) {
      EXPECT_NEAR(gan.history()[0].at("train/gradient_penalty"), 4, 1e-5);
    }
    return critic.parameters().values()[0].item<double>();
  };
  EXPECT_NEAR(weight_after(10) - weight_after(0), -0.01 * 2 * 10 * 2, 1e-5);
}

TEST(Gan, RatesFollowTheStepsOfEachNetwork) {
  // a linear rate from 1 to 0 over the 2 steps of the generator is 1 and then 1/2; the discriminator makes 4
  const std::vector<float> real{0.4F, -0.6F, 0.9F, 0.1F};
  Lines lines;
  Gan gan(lines.generator, lines.discriminator, numbers(real).batch(1),
          {.loss = GanLoss::kWasserstein,
           .discriminator_steps = 2,
           .generator_optimizer = {.name = "sgd"},
           .discriminator_optimizer = {.name = "sgd"},
           .generator_learning_rate = {.schedule = "linear", .initial = 1.0},
           .discriminator_learning_rate = {.initial = 1e-12}});
  std::vector<double> steps;
  double before = lines.generator.parameters().values()[1].item<double>();
  gan.run([&] {
    const double bias = lines.generator.parameters().values()[1].item<double>();
    steps.push_back(bias - std::exchange(before, bias));
    return false;
  });
  // −d̂ has the derivative −w in the bias
  const double weight = lines.discriminator.parameters().values()[0].item<double>();
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(steps[0], 0);
  EXPECT_NEAR(steps[1], weight, 1e-6);
  EXPECT_EQ(steps[2], 0);
  EXPECT_NEAR(steps[3], weight / 2, 1e-6);
}

// Points around one centre for each class: fields "image" (1 x 1 x 2) and "label".
data::Dataset points(std::int64_t count) {
  Generator random(5);
  Array images(DType::kFloat32, Shape{count, 1, 1, 2}), labels(DType::kInt64, Shape{count});
  for (std::int64_t i = 0; i < count; ++i) {
    const auto k = static_cast<std::size_t>(i);
    labels.data<std::int64_t>()[k] = i % 2;
    for (std::size_t j = 0; j < 2; ++j) {
      const float centre = (i % 2 == 0) == (j == 0) ? 0.6F : -0.4F;
      images.data<float>()[2 * k + j] = centre + 0.1F * random.standard_normal_float32();
    }
  }
  return data::from_arrays({{"image", images}, {"label", labels}});
}

struct PointNetworks {
  explicit PointNetworks(std::uint64_t seed) : random(seed) {}
  Generator random;
  Model generator{[] {
                    Description network{.name = "generator"};
                    network.add_input("latent", Shape{2});
                    network.add_input("label", Shape{}, DType::kInt64);
                    network.add(layers::Embedding{.vocabulary = 2, .features = 2}, {"label"}, "embedding");
                    network.add(layers::Concatenate{}, {"latent", "embedding"});
                    network.add(layers::Dense{.units = 16, .activation = Activation::kRelu});
                    network.add(layers::Dense{.units = 2});
                    network.outputs = {network.add(layers::Reshape{.shape = {1, 1, 2}})};
                    return network;
                  }(),
                  random};
  Model discriminator{[] {
                        Description network{.name = "discriminator"};
                        network.add_input("image", Shape{1, 1, 2});
                        network.add_input("label", Shape{}, DType::kInt64);
                        network.add(layers::Embedding{.vocabulary = 2, .features = 2}, {"label"}, "embedding");
                        network.add(layers::Flatten{}, {"image"}, "point");
                        network.add(layers::Concatenate{}, {"point", "embedding"});
                        network.add(layers::Dense{.units = 32, .activation = Activation::kRelu});
                        network.add(layers::Dropout{.rate = 0.1});
                        network.outputs = {network.add(layers::Dense{.units = 1})};
                        return network;
                      }(),
                      random,
                      {.fused = false}};
};

GanOptions point_options(GanLoss loss, double penalty) {
  return {.epochs = 40,
          .seed = 11,
          .loss = loss,
          .gradient_penalty = penalty,
          .average_decay = 0.99,
          .generator_optimizer = {.beta1 = 0.5},
          .discriminator_optimizer = {.beta1 = 0.5},
          .generator_learning_rate = {.initial = 5e-3},
          .discriminator_learning_rate = {.initial = 5e-3}};
}

TEST(Gan, LearnsWhereThePointsOfEachClassAre) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    for (const auto& [loss, penalty] :
         {std::pair(GanLoss::kNonSaturating, 0.0), std::pair(GanLoss::kWasserstein, 1.0)}) {
      PointNetworks networks(seed);
      Gan gan(networks.generator, networks.discriminator, points(512).shuffle(512, seed).batch(32),
              point_options(loss, penalty));
      gan.run();
      Generator random(9);
      for (const std::int64_t label : {0, 1}) {
        const at::Tensor images = gan.sample(
            {to_tensor(latent_vectors(500, 2, Latent::kUniform, random)), at::full({500}, label, at::kLong)});
        const at::Tensor mean = images.reshape({500, 2}).mean({0});
        EXPECT_NEAR(mean[0].item<double>(), label == 0 ? 0.6 : -0.4, 0.15) << name_of(loss) << ", seed " << seed;
        EXPECT_NEAR(mean[1].item<double>(), label == 0 ? -0.4 : 0.6, 0.15) << name_of(loss) << ", seed " << seed;
      }
      EXPECT_EQ(gan.history().size(), 40U);
    }
  }
}

TEST(Gan, ResumesIdenticallyInMidEpoch) {
  const auto make = [](PointNetworks& networks) {
    GanOptions options = point_options(GanLoss::kWasserstein, 1.0);
    options.epochs = 3;
    options.discriminator_steps = 2;
    return std::make_unique<Gan>(networks.generator, networks.discriminator, points(96).shuffle(96, 4).batch(10),
                                 options);
  };
  PointNetworks whole(1), first(1), second(2);  // the second starts elsewhere, and loads everything
  const auto uninterrupted = make(whole);
  uninterrupted->run();
  const auto interrupted = make(first);
  interrupted->run([&] { return interrupted->progress().step == 17; });
  Checkpoint checkpoint;
  interrupted->save(checkpoint);
  const auto resumed = make(second);
  resumed->load(checkpoint);
  resumed->run();
  EXPECT_TRUE(second.generator.parameters().values().equal(whole.generator.parameters().values()));
  EXPECT_TRUE(second.discriminator.parameters().values().equal(whole.discriminator.parameters().values()));
  EXPECT_EQ(resumed->history(), uninterrupted->history());
  Generator random(1);
  const std::vector<at::Tensor> inputs{to_tensor(latent_vectors(4, 2, Latent::kUniform, random)),
                                       at::zeros({4}, at::kLong)};
  EXPECT_TRUE(resumed->sample(inputs).equal(uninterrupted->sample(inputs)));  // of the averages
}

TEST(Gan, SamplesWithAveragedRunningStatistics) {
  // G(z) = (z − μ) / √(σ² + ε) of the running statistics; a tiny learning rate leaves everything else
  Generator random(2);
  Description network{.name = "generator"};
  network.add_input("latent", Shape{1});
  network.add(layers::BatchNorm{}, {}, "norm");
  network.outputs = {network.add(layers::Reshape{.shape = {1, 1, 1}})};
  Model generator(network, random);
  Lines lines;
  Gan gan(generator, lines.discriminator, numbers(std::vector<float>(40, 0.5F)).batch(8),
          {.average_decay = 0.9, .generator_learning_rate = {.initial = 1e-12}});
  double mean = 0, variance = 1;
  std::int64_t t = 0;
  gan.run([&] {
    const double decay = std::min(0.9, (1.0 + static_cast<double>(t)) / (10.0 + static_cast<double>(t)));
    ++t;
    mean = decay * mean + (1 - decay) * generator.parameter("norm.running_mean").item<double>();
    variance = decay * variance + (1 - decay) * generator.parameter("norm.running_var").item<double>();
    return false;
  });
  ASSERT_EQ(t, 5);
  const double latest = generator.parameter("norm.running_mean").item<double>();
  ASSERT_GT(std::abs(mean - latest), 1e-3);
  const auto sample = [](Gan& of) { return of.sample({at::zeros({1, 1})}).item<double>(); };
  EXPECT_NEAR(sample(gan), -mean / std::sqrt(variance + 1e-5), 1e-6);
  EXPECT_EQ(generator.parameter("norm.running_mean").item<double>(), latest);

  // they are saved with the rest
  Checkpoint checkpoint;
  gan.save(checkpoint);
  Model other(network, random);
  Gan again(other, lines.discriminator, numbers(std::vector<float>(40, 0.5F)).batch(8), {.average_decay = 0.9});
  again.load(checkpoint);
  EXPECT_EQ(sample(again), sample(gan));
}

TEST(Gan, DrawsALabelForEveryImage) {
  // for logits of 0 the loss is (E t² + E t̂²) / 2 with t uniform in [0.8, 1] and t̂ in [0, 0.3]
  constexpr std::size_t kCount = 4096;
  Lines lines;
  lines.discriminator.parameters().values().zero_();
  Gan gan(lines.generator, lines.discriminator, numbers(std::vector<float>(kCount, 0.5F)).batch(kCount),
          {.loss = GanLoss::kLeastSquares, .real_label = {0.8, 1.0}, .generated_label = {0.0, 0.3}});
  gan.run();
  const double real = (1 - 0.512) / (3 * 0.2), generated = 0.3 * 0.3 / 3;
  // the standard deviations of t² and t̂² are 0.104 and 0.027
  EXPECT_NEAR(gan.history()[0].at("train/discriminator_loss"), (real + generated) / 2,
              5 * std::hypot(0.104, 0.027) / 2 / std::sqrt(kCount));
  EXPECT_NEAR(gan.history()[0].at("train/real_output"), 0.5, 1e-7);
}

TEST(Gan, RefusesNetworksThatDoNotFit) {
  Lines lines;
  PointNetworks points_networks(1);
  const data::Dataset batches = numbers({0, 1}).batch(2);
  EXPECT_THROW(Gan(lines.generator, points_networks.discriminator, batches, {}), InvalidArgument);
  Generator random(1);
  Model other(simple_gan({.image = {1, 2, 2}, .latent = 1}).discriminator, random);
  EXPECT_THROW(Gan(lines.generator, other, batches, {}), ShapeMismatch);
  EXPECT_THROW(Gan(lines.discriminator, lines.discriminator, batches, {}), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
