#include "nn/networks/q_network.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nn/core/init.h"
#include "nn/networks/network.h"

namespace ludus::nn {
namespace {

QNetwork make_q(const QNetworkOptions& options, std::uint64_t seed = 5) {
  at::Generator generator = make_generator(seed);
  return QNetwork(options, generator);
}

void set(QNetwork& network, const std::string& name, std::vector<float> numbers) {
  const at::NoGradGuard no_grad;
  at::Tensor parameter = network.named_parameters()[name];
  parameter.copy_(at::tensor(numbers).view(parameter.sizes()));
}

// Without options it equals a Network of features and an MLP, bit for bit.
TEST(QNetwork, PlainOneEqualsANetwork) {
  const QNetwork q = make_q({.features = FeatureOptions::numbers(3), .mlp = {.hidden = {7, 5}}, .actions = 2});
  at::Generator generator = make_generator(5);
  const Network network({.features = FeatureOptions::numbers(3), .mlp = {.hidden = {7, 5}, .outputs = 2}}, generator);
  const at::Tensor rows = at::rand({4, 3}, make_generator(1));
  EXPECT_EQ(q.forward(rows).sizes(), (std::vector<std::int64_t>{4, 2, 1}));
  EXPECT_TRUE(at::equal(q.forward(rows).squeeze(2), network.forward(rows)));
}

// Streams at the features, three actions: V(s) = 10 s, A(s, ·) = (1, 2, 6) s, whose mean is 3 s.
// Q(s, ·) = V + A − mean A = (8, 9, 13) s
TEST(QNetwork, DuelingByHand) {
  QNetwork q = make_q({.features = FeatureOptions::numbers(1), .mlp = {}, .actions = 3, .dueling = true});
  set(q, "value.layers.0.weight", {10});
  set(q, "value.layers.0.bias", {0});
  set(q, "advantage.layers.0.weight", {1, 2, 6});
  set(q, "advantage.layers.0.bias", {0, 0, 0});
  const std::vector<float> row{2};
  std::vector<float> out(3);
  q.act(row, 1, out);
  EXPECT_FLOAT_EQ(out[0], 16.0f);
  EXPECT_FLOAT_EQ(out[1], 18.0f);
  EXPECT_FLOAT_EQ(out[2], 26.0f);
}

// Each stream has a copy of the last hidden layer; those before it are shared.
TEST(QNetwork, StreamsShareAllButTheLastHiddenLayer) {
  const QNetwork q = make_q({.features = FeatureOptions::numbers(4),
                             .mlp = {.hidden = {9, 8, 6}},
                             .actions = 3,
                             .atoms = 5,
                             .dueling = true});
  const auto named = q.named_parameters();
  EXPECT_EQ(named["torso.layers.0.weight"].sizes(), (std::vector<std::int64_t>{9, 4}));
  EXPECT_EQ(named["torso.layers.1.weight"].sizes(), (std::vector<std::int64_t>{8, 9}));
  EXPECT_EQ(named["value.layers.0.weight"].sizes(), (std::vector<std::int64_t>{6, 8}));
  EXPECT_EQ(named["value.layers.1.weight"].sizes(), (std::vector<std::int64_t>{5, 6}));
  EXPECT_EQ(named["advantage.layers.0.weight"].sizes(), (std::vector<std::int64_t>{6, 8}));
  EXPECT_EQ(named["advantage.layers.1.weight"].sizes(), (std::vector<std::int64_t>{15, 6}));
  EXPECT_EQ(named.size(), 12u);
}

// Every combination of options.
TEST(QNetwork, ActEqualsForwardAndEveryParameterGetsAGradient) {
  const FeatureOptions mixed{{{.kind = FeaturePart::Kind::kNumbers, .count = 2},
                              {.kind = FeaturePart::Kind::kOneHot, .count = 1, .classes = 4}}};
  const FeatureOptions image{
      {{.kind = FeaturePart::Kind::kImage, .count = 36 * 36, .frames = 1, .height = 36, .width = 36, .channels = 1}}};
  for (const FeatureOptions& features : {FeatureOptions::numbers(3), mixed, image}) {
    for (const std::vector<std::int64_t>& hidden : {std::vector<std::int64_t>{}, {6}, {8, 6}}) {
      for (const bool dueling : {false, true}) {
        for (const bool noisy : {false, true}) {
          for (const std::int64_t atoms : {1, 3}) {
            QNetworkOptions options{
                .features = features, .mlp = {.hidden = hidden}, .actions = 2, .atoms = atoms, .dueling = dueling};
            if (noisy) options.noise = 0.5;
            QNetwork q = make_q(options);
            const at::Tensor noise = at::randn({q.noise_size()}, make_generator(2));
            EXPECT_EQ(q.noise_size() > 0, noisy);
            q.set_noise({noise.data_ptr<float>(), static_cast<std::size_t>(noise.numel())});
            const at::Tensor rows = at::randint(0, 4, {5, features.row_size()}, make_generator(1)).to(at::kFloat);
            const at::Tensor expected = q.forward(rows);
            ASSERT_EQ(expected.sizes(), (std::vector<std::int64_t>{5, 2, atoms}));
            std::vector<float> out(static_cast<std::size_t>(5 * 2 * atoms));
            q.act({rows.data_ptr<float>(), static_cast<std::size_t>(rows.numel())}, 5, out);
            EXPECT_TRUE(at::allclose(at::tensor(out).view_as(expected), expected, 1e-4, 1e-5));
            if (atoms == 1 && dueling) continue;  // A gets no gradient: Σ A − mean A is 0
            (expected * at::arange(1, expected.numel() + 1).view_as(expected)).sum().backward();
            for (const auto& item : q.named_parameters()) {
              ASSERT_TRUE(item.value().grad().defined()) << item.key();
              EXPECT_GT(item.value().grad().abs().sum().item<float>(), 0) << item.key();
            }
          }
        }
      }
    }
  }
}

TEST(QNetwork, RejectsInvalidOptionsAndSizes) {
  EXPECT_THROW(make_q({.features = FeatureOptions::numbers(3), .mlp = {}, .actions = 0}), InvalidArgument);
  EXPECT_THROW(make_q({.features = FeatureOptions::numbers(3), .mlp = {}, .actions = 2, .atoms = 0}), InvalidArgument);
  QNetwork plain = make_q({.features = FeatureOptions::numbers(3), .mlp = {}, .actions = 2});
  EXPECT_THROW(plain.set_noise(std::vector<float>(3)), InvalidArgument);
  std::vector<float> out(3);
  EXPECT_THROW(plain.act(std::vector<float>(3), 1, out), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
