#include "nn/model/build.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nn/core/gradient_step.h"
#include "nn/core/init.h"
#include "nn/core/tensor_io.h"
#include "nn/layers/mlp.h"
#include "nn/model/losses.h"

namespace ludus::nn {
namespace {

Model make_model(const Description& description, std::uint64_t seed = 1, const ModelOptions& options = {}) {
  Generator random(seed);
  return Model(description, random, options);
}

at::Tensor normal(std::vector<std::int64_t> sizes, std::uint64_t seed = 2) {
  return at::empty(sizes, at::kFloat).normal_(0, 1, make_generator(seed));
}

void set_parameter(const Model& model, std::string_view name, const std::vector<float>& values) {
  const at::NoGradGuard no_grad;
  at::Tensor parameter = model.parameter(name);
  parameter.copy_(at::tensor(values, at::kFloat).view(parameter.sizes()));
}

Description mlp_description() {
  return sequential(Shape{4}, {layers::Dense{.units = 16, .activation = Activation::kTanh}, layers::Dense{.units = 8},
                               layers::ActivationLayer{.function = Activation::kRelu6}, layers::Dense{.units = 3}});
}

// w = 0.3, b = −0.3, x = 1, 2, 3, 4
TEST(Model, LineByHand) {
  Model model = make_model(sequential(Shape{1}, {layers::Dense{.units = 1}}, "line"));
  set_parameter(model, "dense.weight", {0.3f});
  set_parameter(model, "dense.bias", {-0.3f});
  const at::Tensor y = model.predict(at::tensor({1.0f, 2.0f, 3.0f, 4.0f}).view({4, 1}));
  EXPECT_TRUE(at::allclose(y.view(-1), at::tensor({0.0f, 0.3f, 0.6f, 0.9f}), 1e-6, 1e-7)) << y;
}

TEST(Model, ChainOfDenseLayersGivesTheNumbersOfTorchsOperators) {
  Model fused = make_model(mlp_description()), plain = make_model(mlp_description(), 1, {.fused = false});
  ASSERT_TRUE(at::equal(fused.parameters().values(), plain.parameters().values()));
  const at::Tensor x = normal({32, 4});
  const auto gradients = [&](Model& model) {
    model.parameters().zero_gradients();
    const at::Tensor y = model.forward(x, Mode::kTrain);
    y.square().sum().backward();
    return std::pair(y.detach(), model.parameters().gradients().clone());
  };
  const auto [y, dy] = gradients(fused);
  const auto [expected, dexpected] = gradients(plain);
  EXPECT_TRUE(at::allclose(y, expected, 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(dy, dexpected, 1e-4, 1e-5));
}

// One autograd node for the whole chain, and the bits of the MLP of agents with the same parameters.
TEST(Model, ChainOfDenseLayersIsTheFusedMlp) {
  Model model = make_model(
      sequential(Shape{4}, {layers::Dense{.units = 16, .activation = Activation::kRelu}, layers::Dense{.units = 3}}));
  at::Generator generator = make_generator(1);
  const Mlp mlp({.inputs = 4, .hidden = {16}, .outputs = 3}, generator);
  {
    const at::NoGradGuard no_grad;
    for (const auto& item : mlp.named_parameters()) {
      const std::string name = item.key();
      at::Tensor parameter = model.parameter((name[7] == '0' ? "dense." : "dense_1.") + name.substr(9));
      parameter.copy_(item.value());
    }
  }
  const at::Tensor x = normal({32, 4}), y = model.forward(x, Mode::kTrain);
  EXPECT_TRUE(at::equal(y, mlp.forward(x)));
  EXPECT_EQ(y.grad_fn()->name(), mlp.forward(x).grad_fn()->name());
}

// A dense output that two layers read, or that is an output itself, is computed although its activation follows.
TEST(Model, ChainsEndWhereAValueIsReadTwice) {
  Description d;
  d.add_input("x", Shape{3});
  const std::string a = d.add(layers::Dense{.units = 4}, {"x"}, "a");
  const std::string r = d.add(layers::ActivationLayer{}, {a}, "r");
  const std::string b = d.add(layers::Dense{.units = 4}, {r}, "b");
  const std::string sum = d.add(layers::Add{}, {a, b}, "sum");
  const std::string c = d.add(layers::Dense{.units = 2}, {sum}, "c");
  d.outputs = {c, d.add(layers::ActivationLayer{.function = Activation::kTanh}, {c}, "t"), b};
  Model fused = make_model(d), plain = make_model(d, 1, {.fused = false});
  const at::Tensor x = normal({5, 3});
  const std::vector<at::Tensor> outputs = fused.predict(at::TensorList(x)), expected = plain.predict(at::TensorList(x));
  ASSERT_EQ(outputs.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(at::allclose(outputs[i], expected[i], 1e-5, 1e-6)) << i;

  // by torch's operators
  const at::Tensor ya = at::linear(x, fused.parameter("a.weight"), fused.parameter("a.bias"));
  const at::Tensor yb = at::linear(ya.relu(), fused.parameter("b.weight"), fused.parameter("b.bias"));
  const at::Tensor yc = at::linear(ya + yb, fused.parameter("c.weight"), fused.parameter("c.bias"));
  EXPECT_TRUE(at::allclose(outputs[0], yc, 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(outputs[1], yc.tanh(), 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(outputs[2], yb, 1e-5, 1e-6));
}

TEST(Model, ASeedGivesTheSameModel) {
  const Model a = make_model(mlp_description(), 3), b = make_model(mlp_description(), 3),
              c = make_model(mlp_description(), 4);
  EXPECT_TRUE(at::equal(a.parameters().values(), b.parameters().values()));
  EXPECT_FALSE(at::equal(a.parameters().values(), c.parameters().values()));
  EXPECT_TRUE(a.random() == b.random());
}

TEST(Model, InputsThatDoNotFitAreNamed) {
  Model model = make_model(mlp_description());
  const auto message = [&](const at::Tensor& x) -> std::string {
    try {
      model.predict(x);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message(at::zeros({2, 5})), "input \"input\" must have shape (batch, 4), got [2, 5]");
  EXPECT_EQ(message(at::zeros({4})), "input \"input\" must have shape (batch, 4), got [4]");
  EXPECT_EQ(message(at::zeros({2, 4}, at::kDouble)),
            "input \"input\" must be of type Float, got Double; convert it first");
  EXPECT_THROW(model.predict(std::vector<at::Tensor>{}), InvalidArgument);
  EXPECT_THROW(make_model(mlp_description(), 1, {.dtype = DType::kInt64}), InvalidArgument);
  Description two = mlp_description();
  two.outputs = {"dense", "dense_2"};
  Model heads = make_model(two);
  EXPECT_THROW(heads.predict(at::zeros({2, 4})), InvalidArgument);
  EXPECT_EQ(heads.predict(std::vector{at::zeros({2, 4})}).size(), 2u);
}

TEST(Model, FreeExtentsTakeAnyData) {
  Description d = sequential(Shape{3, kFree, kFree}, {layers::Conv2d{.out_channels = 4}, layers::GlobalAveragePool{}});
  Model model = make_model(d);
  for (const std::int64_t extent : {3, 8}) {
    EXPECT_EQ(model.predict(normal({2, 3, extent, 5})).sizes(), (std::vector<std::int64_t>{2, 4}));
  }
  try {
    model.predict(normal({2, 3, 2, 5}));
    FAIL() << "no error";
  } catch (const ShapeMismatch& error) {
    EXPECT_STREQ(error.what(),
                 "layer \"conv2d\" (conv2d): the input must have shape with 3 positions or more, padding "
                 "included, in dimension 0, got (3, 2, 5)");
  }
  EXPECT_THROW(model.predict(normal({2, 3, 0, 5})), ShapeMismatch);
}

TEST(Model, NetworkWithoutParametersRuns) {
  Model model = make_model(sequential(Shape{1, 4, 4}, {layers::MaxPool2d{}, layers::Flatten{}}));
  EXPECT_EQ(model.predict(normal({2, 1, 4, 4})).sizes(), (std::vector<std::int64_t>{2, 4}));
  EXPECT_TRUE(model.state().empty());
  EXPECT_EQ(model.summary().total, 0);
}

double train_step(Model& model, Optimizer& optimizer, const at::Tensor& x) {
  const at::Tensor loss = model.forward(x, Mode::kTrain).square().mean();
  return gradient_step(model.parameters(), optimizer, loss, {.learning_rate = 0.01});
}

// Weight decay and momentum would move frozen parameters, were they only without gradient.
TEST(Model, FrozenParametersStayAsTheyAre) {
  Model model = make_model(mlp_description());
  EXPECT_EQ(model.freeze("dense.*"), 2u);
  EXPECT_EQ(model.freeze("dense_2.bias"), 1u);
  EXPECT_EQ(model.summary().frozen, 80 + 3);
  EXPECT_EQ(model.summary().total, 80 + 136 + 27);
  AdamW adam(model.parameters(), {.weight_decay = 0.1});
  Sgd sgd(model.parameters(), {.momentum = 0.9, .weight_decay = 0.1});
  RmsProp rmsprop(model.parameters(), {.weight_decay = 0.1, .momentum = 0.5, .centered = true});
  Adagrad adagrad(model.parameters(), {.weight_decay = 0.1});
  const NamedArrays before = model.state();
  for (int step = 0; step < 3; ++step) {
    for (Optimizer* optimizer : std::initializer_list<Optimizer*>{&adam, &sgd, &rmsprop, &adagrad}) {
      train_step(model, *optimizer, normal({8, 4}));
    }
  }
  const NamedArrays after = model.state();
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::string& name = before[i].first;
    const bool frozen = name.starts_with("dense.") || name == "dense_2.bias";
    EXPECT_EQ(before[i].second == after[i].second, frozen) << name;
  }

  EXPECT_EQ(model.unfreeze("*"), 6u);
  train_step(model, adam, normal({8, 4}));
  EXPECT_FALSE(model.state()[0].second == after[0].second);
  EXPECT_EQ(model.summary().frozen, 0);
}

TEST(Model, FreezingNothingOrEverythingIsAnError) {
  Model model = make_model(mlp_description());
  try {
    model.freeze("conv*");
    FAIL() << "no error";
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("dense_1.weight"), std::string::npos) << error.what();
  }
  Sgd sgd(model.parameters());
  model.freeze("*");
  EXPECT_THROW(train_step(model, sgd, normal({8, 4})), InvalidArgument);
}

// The numbers of a frozen part are those of the trained whole: Adam with a frozen half takes the steps of Adam without
// it.
TEST(Model, TrainablePartLearnsAsIfAlone) {
  const Description tail = sequential(Shape{3}, {layers::Dense{.units = 2}});
  Description whole = sequential(Shape{3}, {layers::Dense{.units = 3}, layers::Dense{.units = 2}});
  Model a = make_model(whole), b = make_model(tail);
  a.freeze("dense.*");
  const at::Tensor x = normal({16, 3});
  const at::Tensor features = at::linear(x, a.parameter("dense.weight"), a.parameter("dense.bias"));
  {
    const at::NoGradGuard no_grad;
    b.parameter("dense.weight").copy_(a.parameter("dense_1.weight"));
    b.parameter("dense.bias").copy_(a.parameter("dense_1.bias"));
  }
  Adam adam_a(a.parameters()), adam_b(b.parameters());
  for (int step = 0; step < 5; ++step) {
    train_step(a, adam_a, x);
    train_step(b, adam_b, features);
  }
  EXPECT_TRUE(at::allclose(a.parameter("dense_1.weight"), b.parameter("dense.weight"), 1e-5, 1e-6));
}

Description normalised() {
  return sequential(Shape{3}, {layers::BatchNorm{}, layers::Dense{.units = 2}});
}

TEST(Model, RunningStatisticsAreState) {
  Model model = make_model(normalised());
  const at::Tensor x = normal({64, 3}) * 2 + 5;
  model.forward(x, Mode::kTrain);
  // 0.9 · 0 + 0.1 · mean, 0.9 · 1 + 0.1 · unbiased variance
  EXPECT_TRUE(at::allclose(model.parameter("batch_norm.running_mean"), 0.1 * x.mean(0), 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(model.parameter("batch_norm.running_var"), 0.9 + 0.1 * x.var(0), 1e-5, 1e-6));
  EXPECT_EQ(model.parameter("batch_norm.num_batches_tracked").item<std::int64_t>(), 1);

  Model other = make_model(normalised(), 2);
  other.load_state(model.state());
  EXPECT_TRUE(at::equal(other.predict(x), model.predict(x)));
  EXPECT_EQ(other.state(), model.state());
}

TEST(Model, FrozenBatchNormalisationKeepsItsStatistics) {
  Model model = make_model(normalised());
  model.freeze("batch_norm.*");
  const at::Tensor x = normal({64, 3}) * 2 + 5;
  const NamedArrays before = model.state();
  EXPECT_TRUE(at::equal(model.forward(x, Mode::kTrain), model.forward(x, Mode::kInfer)));
  EXPECT_EQ(model.state(), before);
}

// Weights [[1, −2], [−3, 4]]: Σ |w| = 10, Σ w² / 2 = 15. The bias is not penalised.
TEST(Model, RegularisersAre5And7Point5) {
  Description d = sequential(Shape{2}, {layers::Dense{.units = 2}});
  const auto penalty = [&](double l1, double l2) {
    d.nodes[0].l1 = l1;
    d.nodes[0].l2 = l2;
    Model model = make_model(d);
    set_parameter(model, "dense.weight", {1, -2, -3, 4});
    set_parameter(model, "dense.bias", {100, 100});
    return model.penalty().item<double>();
  };
  EXPECT_EQ(penalty(0.5, 0), 5.0);
  EXPECT_EQ(penalty(0, 0.5), 7.5);
  EXPECT_EQ(penalty(0.5, 0.5), 12.5);
  EXPECT_EQ(penalty(0, 0), 0.0);

  // d/dw (0.5 |w| + 0.25 w²) = 0.5 sign(w) + 0.5 w
  d.nodes[0].l1 = d.nodes[0].l2 = 0.5;
  Model model = make_model(d);
  set_parameter(model, "dense.weight", {1, -2, -3, 4});
  model.penalty().backward();
  EXPECT_TRUE(
      at::allclose(model.parameter("dense.weight").grad(), at::tensor({1.0f, -1.5f, -2.0f, 2.5f}).view({2, 2})));
}

TEST(Model, SummaryIsThatOfTheDescription) {
  Model model = make_model(mlp_description());
  EXPECT_EQ(model.summary().to_string(), summarize(mlp_description()).to_string());
}

TEST(Model, UnknownParameterGetsASuggestion) {
  const Model model = make_model(mlp_description());
  try {
    model.parameter("dense.wight");
    FAIL() << "no error";
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("Did you mean `dense.weight`?"), std::string::npos) << error.what();
  }
}

// A convolutional network, dropout included: 60 steps halve the loss, and the same seed gives the same bits.
TEST(Model, TrainsReproducibly) {
  const Description d = sequential(
      Shape{1, 8, 8}, {layers::Conv2d{.out_channels = 4, .padding = Padding::same(), .activation = Activation::kRelu},
                       layers::MaxPool2d{}, layers::BatchNorm{}, layers::Flatten{}, layers::Dropout{.rate = 0.2},
                       layers::Dense{.units = 2}});
  const at::Tensor x = normal({64, 1, 8, 8});
  const at::Tensor classes = x.sum(at::IntArrayRef{1, 2, 3}).gt(0).to(at::kLong);
  const auto train = [&](double& first, double& last) {
    Model model = make_model(d);
    Adam adam(model.parameters());
    for (int step = 0; step < 60; ++step) {
      last = gradient_step(model.parameters(), adam, compute_loss({}, model.forward(x, Mode::kTrain), classes),
                           {.learning_rate = 0.01});
      if (step == 0) first = last;
    }
    return model.state();
  };
  double first = 0, last = 0, again = 0;
  const NamedArrays state = train(first, last);
  EXPECT_LT(last, first / 2);
  EXPECT_EQ(train(first, again), state);
  EXPECT_EQ(again, last);
}

}  // namespace
}  // namespace ludus::nn
