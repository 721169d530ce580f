#include "nn/model/losses.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "nn/core/init.h"
#include "nn/layers/layer_parts.h"

namespace ludus::nn {
namespace {

at::Tensor numbers(std::vector<std::int64_t> sizes, std::uint64_t seed = 5) {
  return at::empty(sizes, at::kDouble).normal_(0, 1, make_generator(seed));
}

at::Tensor some_classes(std::vector<std::int64_t> sizes, std::int64_t count) {
  at::Generator generator = make_generator(6);
  return at::randint(count, sizes, generator, at::kLong);
}

double value(const LossOptions& options, const at::Tensor& outputs, const at::Tensor& targets,
             const at::Tensor& w = {}) {
  return compute_loss(options, outputs, targets, w).item<double>();
}

// One loss with its targets and what torch says; every entry is also checked by difference quotients.
struct LossCase {
  const char* name;
  LossOptions options;
  at::Tensor outputs, targets, expected, example_weights = {};
};

std::vector<LossCase> cases() {
  using at::Reduction::Mean;
  const at::Tensor z = numbers({6, 4}), c = some_classes({6}, 4), p = at::softmax(numbers({6, 4}, 7), 1);
  const at::Tensor maps = numbers({3, 4, 2, 2}), map_classes = some_classes({3, 2, 2}, 4);
  const at::Tensor labels = numbers({6, 4}, 8).gt(0).to(at::kDouble), t = numbers({6, 4}, 9);
  const std::vector<double> four{0.5, 1.0, 2.0, 0.25};
  const at::Tensor w4 = at::tensor(four, at::kDouble);
  return {
      {"classes", {}, z, c, at::cross_entropy_loss(z, c)},
      {"smoothed", {.label_smoothing = 0.1}, z, c, at::cross_entropy_loss(z, c, {}, Mean, -100, 0.1)},
      {"weighted", {.class_weights = four}, z, c, at::cross_entropy_loss(z, c, w4)},
      {"weighted, smoothed",
       {.label_smoothing = 0.2, .class_weights = four},
       z,
       c,
       at::cross_entropy_loss(z, c, w4, Mean, -100, 0.2)},
      {"maps", {}, maps, map_classes, at::cross_entropy_loss(maps, map_classes)},
      {"maps, weighted", {.class_weights = four}, maps, map_classes, at::cross_entropy_loss(maps, map_classes, w4)},
      {"probabilities", {}, z, p, at::cross_entropy_loss(z, p)},
      {"probabilities, weighted, smoothed",
       {.label_smoothing = 0.1, .class_weights = four},
       z,
       p,
       at::cross_entropy_loss(z, p, w4, Mean, -100, 0.1)},
      {"binary", {.kind = LossKind::kBinaryCrossEntropy}, z, labels, at::binary_cross_entropy_with_logits(z, labels)},
      {"binary, weighted",
       {.kind = LossKind::kBinaryCrossEntropy, .class_weights = four, .positive_weights = {2, 1, 3, 0.5}},
       z,
       labels,
       at::binary_cross_entropy_with_logits(z, labels, w4, at::tensor({2.0, 1.0, 3.0, 0.5}, at::kDouble))},
      {"binary, smoothed",
       {.kind = LossKind::kBinaryCrossEntropy, .label_smoothing = 0.2},
       z,
       labels,
       at::binary_cross_entropy_with_logits(z, labels * 0.8 + 0.1)},
      {"mse", {.kind = LossKind::kMeanSquaredError}, z, t, at::mse_loss(z, t)},
      {"mae", {.kind = LossKind::kMeanAbsoluteError}, z, t, at::l1_loss(z, t)},
      {"huber", {.kind = LossKind::kHuber, .delta = 0.7}, z, t, at::huber_loss(z, t, Mean, 0.7)},
      {"hinge", {.kind = LossKind::kHinge}, z, labels * 2 - 1, at::relu(1 - (labels * 2 - 1) * z).mean()},
      {"hinge of classes", {.kind = LossKind::kHinge}, z, c, at::multi_margin_loss(z, c)},
      {"kl", {.kind = LossKind::kKlDivergence}, z, p, at::kl_div(at::log_softmax(z, 1), p, at::Reduction::Sum) / 6},
  };
}

TEST(Losses, AreTorchs) {
  for (const LossCase& c : cases()) {
    EXPECT_NEAR(value(c.options, c.outputs, c.targets), c.expected.item<double>(), 1e-12) << c.name;
  }
}

TEST(Losses, GradientsMatchDifferenceQuotients) {
  constexpr double h = 1e-6;
  for (LossCase c : cases()) {
    for (const bool weighted : {false, true}) {
      const at::Tensor w = weighted ? at::arange(c.outputs.size(0), at::kDouble) + 0.5 : at::Tensor();
      const at::Tensor outputs = c.outputs.clone().set_requires_grad(true);
      compute_loss(c.options, outputs, c.targets, w).backward();
      const at::NoGradGuard no_grad;
      const at::Tensor flat = outputs.detach().view(-1), gradient = outputs.grad().reshape(-1);
      for (std::int64_t i = 0; i < flat.numel(); ++i) {
        double& x = flat.data_ptr<double>()[i];
        const double old = x;
        x = old + h;
        const double above = value(c.options, outputs, c.targets, w);
        x = old - h;
        const double below = value(c.options, outputs, c.targets, w);
        x = old;
        EXPECT_NEAR(gradient[i].item<double>(), (above - below) / (2 * h), 1e-7) << c.name << " " << i;
      }
    }
  }
}

// Logits (1, 2, 3) of class 2: softmax 0.090031, 0.244728, 0.665241; −log 0.665241 = 0.407606. By hand as the mean of
// −Σ t log(clip(softmax, 1e-10, 1)).
TEST(Losses, CrossEntropyByHand) {
  const at::Tensor z = at::tensor({1.0, 2.0, 3.0}, at::kDouble).view({1, 3});
  EXPECT_NEAR(value({}, z, at::tensor({2}, at::kLong)), 0.407606, 1e-6);
  const at::Tensor logits = numbers({8, 5}), one_hot = at::eye(5, at::kDouble).index_select(0, some_classes({8}, 5));
  const at::Tensor by_hand = -(one_hot * at::softmax(logits, 1).clamp(1e-10, 1.0).log()).sum(1).mean();
  EXPECT_NEAR(value({}, logits, one_hot), by_hand.item<double>(), 1e-12);
  EXPECT_NEAR(value({}, logits, one_hot.argmax(1)), by_hand.item<double>(), 1e-12);
}

// From logits the loss is exact where a probability would round to 0 or 1.
TEST(Losses, AreStableForLargeLogits) {
  const at::Tensor z = at::tensor({1000.0f, -1000.0f}).view({1, 2});
  EXPECT_EQ(value({}, z, at::tensor({0}, at::kLong)), 0.0);
  EXPECT_EQ(value({}, z, at::tensor({1}, at::kLong)), 2000.0);
  EXPECT_EQ(value({.kind = LossKind::kBinaryCrossEntropy}, z, at::tensor({0.0f, 1.0f}).view({1, 2})), 1000.0);
}

// max(0, 1 − t z) of z = 0.5, −2, 3 and t = 1, 1, −1: 0.5, 3, 4
TEST(Losses, HingeByHand) {
  const at::Tensor z = at::tensor({0.5, -2.0, 3.0}, at::kDouble).view({3, 1}),
                   t = at::tensor({1.0, 1.0, -1.0}, at::kDouble).view({3, 1});
  EXPECT_NEAR(value({.kind = LossKind::kHinge}, z, t), 2.5, 1e-12);
  // classes: scores (1, 2, 0.5) of class 0: max(0, 1 − 1 + 2) + max(0, 1 − 1 + 0.5) = 2.5, over 3
  EXPECT_NEAR(value({.kind = LossKind::kHinge}, at::tensor({1.0, 2.0, 0.5}, at::kDouble).view({1, 3}),
                    at::tensor({0}, at::kLong)),
              2.5 / 3, 1e-12);
}

// Example weights of whole numbers are repetitions of the example, for every loss.
TEST(Losses, ExampleWeightsAreRepetitions) {
  for (const LossCase& c : cases()) {
    if (c.outputs.size(0) != 6) continue;
    const at::Tensor repeated = at::tensor({0, 1, 1, 3, 3, 3, 5}, at::kLong);
    const at::Tensor weights = at::tensor({1.0, 2.0, 0.0, 3.0, 0.0, 1.0}, at::kDouble);
    EXPECT_NEAR(value(c.options, c.outputs, c.targets, weights),
                value(c.options, c.outputs.index_select(0, repeated), c.targets.index_select(0, repeated)), 1e-12)
        << c.name;
  }
}

TEST(Losses, TotalIsTheWeightedSumOverOutputs) {
  const std::vector<at::Tensor> outputs{numbers({6, 4}), numbers({6, 2}, 3)};
  const std::vector<at::Tensor> targets{some_classes({6}, 4), numbers({6, 2}, 4)};
  const std::vector<LossOptions> options{{.weight = 0.25}, {.kind = LossKind::kMeanSquaredError, .weight = 2.0}};
  EXPECT_NEAR(total_loss(options, outputs, targets).item<double>(),
              0.25 * at::cross_entropy_loss(outputs[0], targets[0]).item<double>() +
                  2.0 * at::mse_loss(outputs[1], targets[1]).item<double>(),
              1e-12);
  EXPECT_THROW(total_loss(options, outputs, std::span(targets).first(1)), InvalidArgument);
  try {
    total_loss(options, outputs, std::vector{targets[0], targets[0]});
    FAIL() << "no error";
  } catch (const ShapeMismatch& error) {
    EXPECT_STREQ(error.what(), "output 1: loss: targets must have shape [6, 2], got [6]");
  }
}

TEST(Losses, RejectTargetsThatDoNotFit) {
  const at::Tensor z = numbers({6, 4});
  EXPECT_THROW(value({}, z, some_classes({5}, 4)), ShapeMismatch);
  EXPECT_THROW(value({}, z, at::full({6}, 4, at::kLong)), InvalidArgument);
  EXPECT_THROW(value({}, z, at::full({6}, -100, at::kLong)), InvalidArgument);
  EXPECT_THROW(value({}, z, at::zeros({6, 3}, at::kDouble)), ShapeMismatch);
  EXPECT_THROW(value({.class_weights = {1, 2}}, z, some_classes({6}, 4)), InvalidArgument);
  // (6, 1) and (6) would broadcast to (6, 6)
  EXPECT_THROW(value({.kind = LossKind::kMeanSquaredError}, numbers({6, 1}), numbers({6})), ShapeMismatch);
  EXPECT_THROW(value({.kind = LossKind::kBinaryCrossEntropy}, z, at::full({6, 4}, 2.0, at::kDouble)), InvalidArgument);
  EXPECT_THROW(value({.kind = LossKind::kHinge}, z, at::zeros({6, 4}, at::kDouble)), InvalidArgument);
  EXPECT_THROW(value({}, z, some_classes({6}, 4), at::zeros({6}, at::kDouble)), InvalidArgument);
  EXPECT_THROW(value({}, z, some_classes({6}, 4), at::ones({5}, at::kDouble)), ShapeMismatch);
}

}  // namespace
}  // namespace ludus::nn
