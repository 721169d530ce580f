#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/embedding.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/modules/pooling.h>
#include <torch/nn/modules/rnn.h>
#include <torch/nn/modules/upsampling.h>

#include "base/value_io.h"
#include "nn/core/init.h"
#include "nn/model/build.h"
#include "tests/nn/layers/layer_examples.h"

namespace ludus::nn {
namespace {

// A network of one layer, called "layer", in double.
std::unique_ptr<Model> network_of(const Layer& layer, const std::vector<Shape>& inputs, std::uint64_t seed = 1) {
  Description d;
  std::vector<std::string> names;
  const DType dtype = std::holds_alternative<layers::Embedding>(layer) ? DType::kInt64 : DType::kFloat32;
  for (const Shape& input : inputs) names.push_back(d.add_input("in" + std::to_string(names.size()), input, dtype));
  d.outputs = {d.add(layer, names, "layer")};
  Generator random(seed);
  return std::make_unique<Model>(d, random, ModelOptions{.dtype = DType::kFloat64});
}

std::vector<std::int64_t> batch_sizes(const Shape& shape, std::int64_t rows) {
  std::vector<std::int64_t> sizes{rows};
  sizes.insert(sizes.end(), shape.begin(), shape.end());
  return sizes;
}

// Normal numbers that require gradients, or indices for an embedding.
std::vector<at::Tensor> random_inputs(const Model& model, std::int64_t rows = 3) {
  at::Generator generator = make_generator(7);
  std::vector<at::Tensor> inputs;
  for (const InputSpec& spec : model.description().inputs) {
    if (spec.dtype == DType::kInt64) {
      const auto& embedding = std::get<layers::Embedding>(model.description().nodes[0].layer);
      inputs.push_back(at::randint(embedding.vocabulary, batch_sizes(spec.shape, rows), generator, at::kLong));
    } else {
      inputs.push_back(
          at::empty(batch_sizes(spec.shape, rows), at::kDouble).normal_(0, 1, generator).set_requires_grad(true));
    }
  }
  return inputs;
}

std::string describe(const Layer& layer) {
  return std::string(kind_of(layer)) + " " + ludus::to_json(layer_fields(layer));
}

TEST(LayerForward, OutputHasTheDescribedShape) {
  for (const auto& example : testing::layer_examples()) {
    const auto model = network_of(example.layer, example.inputs);
    for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
      const at::Tensor y = model->forward(random_inputs(*model), mode)[0];
      EXPECT_EQ(y.sizes(), at::IntArrayRef(batch_sizes(example.output, 3))) << describe(example.layer);
    }
  }
}

// dL/dv against [L(v + h) − L(v − h)] / 2h for every element v of the inputs and the parameters, L = Σ c ∘ y. In double
// with h = 1e-6 the quotient is exact to about 1e-9.
TEST(LayerForward, GradientsMatchDifferenceQuotients) {
  constexpr double h = 1e-6;
  for (const auto& example : testing::layer_examples()) {
    const auto model = network_of(example.layer, example.inputs);
    const Generator before = model->random();
    const std::vector<at::Tensor> inputs = random_inputs(*model);
    for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
      at::Tensor c;
      const auto loss = [&] {
        model->random() = before;  // the same elements are dropped
        const at::Tensor y = model->forward(inputs, mode)[0];
        if (!c.defined()) c = at::empty(y.sizes(), at::kDouble).normal_(0, 1, make_generator(8));
        return (c * y).sum();
      };
      if (model->parameters().size() > 0) model->parameters().zero_gradients();
      for (const at::Tensor& input : inputs) input.mutable_grad().reset();
      loss().backward();

      std::vector<std::pair<at::Tensor, at::Tensor>> pairs;  // values and gradients, as flat views
      for (const at::Tensor& input : inputs) {
        if (input.requires_grad()) pairs.emplace_back(input.detach().view(-1), input.grad().reshape({-1}));
      }
      if (model->parameters().size() > 0) {
        pairs.emplace_back(model->parameters().values(), model->parameters().gradients().clone());
      }
      ASSERT_FALSE(pairs.empty());
      const at::NoGradGuard no_grad;
      double worst = 0;
      for (auto& [values, gradients] : pairs) {
        for (std::int64_t i = 0; i < values.numel(); ++i) {
          double& value = values.data_ptr<double>()[i];
          const double old = value;
          value = old + h;
          const double above = loss().item<double>();
          value = old - h;
          const double below = loss().item<double>();
          value = old;
          double expected = (above - below) / (2 * h);
          if (const auto* embedding = std::get_if<layers::Embedding>(&example.layer)) {
            if (i / embedding->features == embedding->padding_index.value_or(-1)) expected = 0;  // gets no gradient
          }
          worst =
              std::max(worst, std::fabs(expected - gradients[i].item<double>()) / std::max(1.0, std::fabs(expected)));
        }
      }
      EXPECT_LT(worst, 1e-6) << describe(example.layer) << (mode == Mode::kTrain ? ", training" : ", inference");
    }
  }
}

// Our layer and torch's module with the same parameters, by name: output, gradients of inputs and parameters, buffers.
template <class Forward>
void expect_like_torch(const Layer& layer, const Shape& input_shape, torch::nn::Module& module, Forward torch_forward) {
  const auto model = network_of(layer, {input_shape});
  {
    const at::NoGradGuard no_grad;
    for (const auto& item : module.named_parameters()) {
      ASSERT_EQ(model->parameter("layer." + item.key()).sizes(), item.value().sizes()) << describe(layer) << item.key();
      at::Tensor parameter = item.value();
      parameter.set_data(model->parameter("layer." + item.key()).detach().clone());
    }
    for (const auto& item : module.named_buffers()) {
      at::Tensor buffer = item.value();
      buffer.set_data(model->parameter("layer." + item.key()).clone());
    }
  }
  std::size_t count = 0;
  for (const auto& item : module.named_parameters()) count += item.value().defined() ? 1 : 0;
  EXPECT_EQ(count, model->parameters().layout().size()) << describe(layer);

  for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
    module.train(mode == Mode::kTrain);
    const std::vector<at::Tensor> inputs = random_inputs(*model, 4);
    const at::Tensor theirs_in = inputs[0].detach().clone().set_requires_grad(inputs[0].requires_grad());
    const at::Tensor ours = model->forward(inputs, mode)[0], theirs = torch_forward(theirs_in);
    ASSERT_EQ(ours.sizes(), theirs.sizes()) << describe(layer);
    EXPECT_TRUE(at::allclose(ours, theirs, 1e-10, 1e-12)) << describe(layer);

    const at::Tensor c = at::empty(ours.sizes(), at::kDouble).normal_(0, 1, make_generator(9));
    if (model->parameters().size() > 0) model->parameters().zero_gradients();
    module.zero_grad();
    (c * ours).sum().backward();
    (c * theirs).sum().backward();
    if (inputs[0].requires_grad()) {
      EXPECT_TRUE(at::allclose(inputs[0].grad(), theirs_in.grad(), 1e-9, 1e-11)) << describe(layer);
    }
    for (const auto& item : module.named_parameters()) {
      EXPECT_TRUE(at::allclose(model->parameter("layer." + item.key()).grad(), item.value().grad(), 1e-9, 1e-11))
          << describe(layer) << item.key();
    }
    for (const auto& item : module.named_buffers()) {
      EXPECT_TRUE(at::allclose(model->parameter("layer." + item.key()),
                               item.value().to(model->parameter("layer." + item.key()).scalar_type())))
          << describe(layer) << item.key();
    }
  }
}

template <class Holder>
void expect_like(const Layer& layer, const Shape& input, Holder module) {
  expect_like_torch(layer, input, *module, [&](const at::Tensor& x) { return module->forward(x); });
}

using namespace layers;  // NOLINT

TEST(LayerForward, DenseAndConvolutionsAreTorchs) {
  expect_like(Dense{.units = 5}, Shape{2, 3}, torch::nn::Linear(3, 5));
  expect_like(Dense{.units = 5, .bias = false}, Shape{3},
              torch::nn::Linear(torch::nn::LinearOptions(3, 5).bias(false)));
  expect_like(Conv1d{.out_channels = 4,
                     .kernel_size = {3},
                     .stride = {2},
                     .padding = Padding::of({2}),
                     .dilation = {2},
                     .groups = 2},
              Shape{2, 9},
              torch::nn::Conv1d(torch::nn::Conv1dOptions(2, 4, 3).stride(2).padding(2).dilation(2).groups(2)));
  expect_like(Conv2d{.out_channels = 6,
                     .kernel_size = {3, 2},
                     .stride = {2, 1},
                     .padding = Padding::of({1, 2}),
                     .dilation = {1, 2},
                     .groups = 3},
              Shape{3, 7, 6},
              torch::nn::Conv2d(
                  torch::nn::Conv2dOptions(3, 6, {3, 2}).stride({2, 1}).padding({1, 2}).dilation({1, 2}).groups(3)));
  // at stride 1 torch has "same", too
  expect_like(Conv2d{.out_channels = 2, .kernel_size = {3, 4}, .padding = Padding::same()}, Shape{3, 7, 6},
              torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 2, {3, 4}).padding(torch::kSame)));
  expect_like(DepthwiseConv1d{.multiplier = 2}, Shape{3, 7},
              torch::nn::Conv1d(torch::nn::Conv1dOptions(3, 6, 3).groups(3)));
  expect_like(DepthwiseConv2d{.multiplier = 2, .kernel_size = {3}, .stride = {2}, .bias = false}, Shape{3, 7, 6},
              torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 6, 3).stride(2).groups(3).bias(false)));
  expect_like(ConvTranspose1d{.out_channels = 4,
                              .kernel_size = {4},
                              .stride = {3},
                              .padding = Padding::of({1}),
                              .output_padding = {2},
                              .groups = 2},
              Shape{2, 5},
              torch::nn::ConvTranspose1d(
                  torch::nn::ConvTranspose1dOptions(2, 4, 4).stride(3).padding(1).output_padding(2).groups(2)));
  expect_like(ConvTranspose2d{.out_channels = 4,
                              .kernel_size = {3, 2},
                              .stride = {2, 3},
                              .padding = Padding::of({1, 0}),
                              .dilation = {2, 1}},
              Shape{2, 4, 3},
              torch::nn::ConvTranspose2d(
                  torch::nn::ConvTranspose2dOptions(2, 4, {3, 2}).stride({2, 3}).padding({1, 0}).dilation({2, 1})));
}

TEST(LayerForward, PoolingAndUpsamplingAreTorchs) {
  expect_like(MaxPool1d{.kernel_size = {3}, .stride = {{2}}, .padding = Padding::of({1})}, Shape{2, 8},
              torch::nn::MaxPool1d(torch::nn::MaxPool1dOptions(3).stride(2).padding(1)));
  expect_like(MaxPool2d{.kernel_size = {3, 2},
                        .stride = {{2, 2}},
                        .padding = Padding::of({1, 1}),
                        .dilation = {2, 1},
                        .ceil_mode = true},
              Shape{2, 8, 7},
              torch::nn::MaxPool2d(
                  torch::nn::MaxPool2dOptions({3, 2}).stride({2, 2}).padding({1, 1}).dilation({2, 1}).ceil_mode(true)));
  expect_like(AveragePool1d{.kernel_size = {3}, .stride = {{2}}, .padding = Padding::of({1})}, Shape{2, 8},
              torch::nn::AvgPool1d(torch::nn::AvgPool1dOptions(3).stride(2).padding(1)));
  for (const bool count : {true, false}) {
    expect_like(
        AveragePool2d{.kernel_size = {3, 2},
                      .stride = {{2, 2}},
                      .padding = Padding::of({1, 1}),
                      .ceil_mode = true,
                      .count_include_pad = count},
        Shape{2, 8, 7},
        torch::nn::AvgPool2d(
            torch::nn::AvgPool2dOptions({3, 2}).stride({2, 2}).padding({1, 1}).ceil_mode(true).count_include_pad(
                count)));
  }
  expect_like(GlobalAveragePool{.keep_dimensions = true}, Shape{3, 4, 5}, torch::nn::AdaptiveAvgPool2d(1));
  expect_like(GlobalMaxPool{.keep_dimensions = true}, Shape{3, 4, 5}, torch::nn::AdaptiveMaxPool2d(1));
  expect_like(
      Upsample{.scale = {2, 3}}, Shape{2, 3, 4},
      torch::nn::Upsample(torch::nn::UpsampleOptions().scale_factor(std::vector<double>{2, 3}).mode(torch::kNearest)));
  expect_like(Upsample{.scale = {2, 3}, .mode = "linear"}, Shape{2, 3, 4},
              torch::nn::Upsample(torch::nn::UpsampleOptions()
                                      .scale_factor(std::vector<double>{2, 3})
                                      .mode(torch::kBilinear)
                                      .align_corners(false)));
  expect_like(
      Upsample{.scale = {3}, .mode = "linear"}, Shape{2, 4},
      torch::nn::Upsample(
          torch::nn::UpsampleOptions().scale_factor(std::vector<double>{3}).mode(torch::kLinear).align_corners(false)));
}

TEST(LayerForward, NormalisationIsTorchs) {
  expect_like(BatchNorm{.epsilon = 1e-3, .momentum = 0.3}, Shape{3, 4, 5},
              torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(3).eps(1e-3).momentum(0.3)));
  expect_like(BatchNorm{.affine = false}, Shape{3},
              torch::nn::BatchNorm1d(torch::nn::BatchNorm1dOptions(3).affine(false)));
  expect_like(LayerNorm{}, Shape{3, 5}, torch::nn::LayerNorm(torch::nn::LayerNormOptions({5})));
  expect_like(LayerNorm{.dimensions = 2, .epsilon = 1e-3}, Shape{2, 3, 5},
              torch::nn::LayerNorm(torch::nn::LayerNormOptions({3, 5}).eps(1e-3)));
  expect_like(GroupNorm{.groups = 2}, Shape{4, 3, 2}, torch::nn::GroupNorm(torch::nn::GroupNormOptions(2, 4)));
}

TEST(LayerForward, EmbeddingAndRecurrentLayersAreTorchs) {
  expect_like(Embedding{.vocabulary = 6, .features = 3}, Shape{5}, torch::nn::Embedding(6, 3));
  expect_like(Embedding{.vocabulary = 6, .features = 3, .padding_index = 1}, Shape{5},
              torch::nn::Embedding(torch::nn::EmbeddingOptions(6, 3).padding_idx(1)));
  for (const bool both : {false, true}) {
    for (const std::int64_t count : {1, 2}) {
      torch::nn::GRU gru(torch::nn::GRUOptions(3, 4).num_layers(count).bidirectional(both).batch_first(true));
      torch::nn::LSTM lstm(torch::nn::LSTMOptions(3, 4).num_layers(count).bidirectional(both).batch_first(true));
      expect_like_torch(Gru{{.units = 4, .layers = count, .bidirectional = both, .return_sequence = true}}, Shape{5, 3},
                        *gru, [&](const at::Tensor& x) { return std::get<0>(gru->forward(x)); });
      expect_like_torch(Lstm{{.units = 4, .layers = count, .bidirectional = both, .return_sequence = true}},
                        Shape{5, 3}, *lstm, [&](const at::Tensor& x) { return std::get<0>(lstm->forward(x)); });
      // the last hidden state of the last layer, both directions beside each other
      const auto last = [&](const at::Tensor& h) { return both ? at::cat({h[-2], h[-1]}, 1) : h[-1]; };
      expect_like_torch(Gru{{.units = 4, .layers = count, .bidirectional = both}}, Shape{5, 3}, *gru,
                        [&](const at::Tensor& x) { return last(std::get<1>(gru->forward(x))); });
      expect_like_torch(Lstm{{.units = 4, .layers = count, .bidirectional = both}}, Shape{5, 3}, *lstm,
                        [&](const at::Tensor& x) { return last(std::get<0>(std::get<1>(lstm->forward(x)))); });
    }
  }
}

TEST(LayerForward, ActivationsAreTorchs) {
  const auto function = [](Activation f) { return ActivationLayer{.function = f}; };
  const Shape shape{40};
  expect_like(function(Activation::kRelu), shape, torch::nn::ReLU());
  expect_like(function(Activation::kLeakyRelu), shape, torch::nn::LeakyReLU());
  expect_like(function(Activation::kTanh), shape, torch::nn::Tanh());
  expect_like(function(Activation::kSigmoid), shape, torch::nn::Sigmoid());
  expect_like(function(Activation::kRelu6), shape, torch::nn::ReLU6());
  expect_like(function(Activation::kSelu), shape, torch::nn::SELU());
  expect_like(function(Activation::kSoftplus), shape, torch::nn::Softplus());
  expect_like(function(Activation::kSoftsign), shape, torch::nn::Softsign());
  expect_like(function(Activation::kHardTanh), shape, torch::nn::Hardtanh());
  expect_like(function(Activation::kLogSigmoid), shape, torch::nn::LogSigmoid());
  expect_like(function(Activation::kGelu), shape, torch::nn::GELU());
  expect_like(function(Activation::kSilu), shape, torch::nn::SiLU());
  expect_like(function(Activation::kMish), shape, torch::nn::Mish());
  expect_like(function(Activation::kTanhShrink), shape, torch::nn::Tanhshrink());
  expect_like(function(Activation::kSoftShrink), shape, torch::nn::Softshrink());
  expect_like(function(Activation::kHardShrink), shape, torch::nn::Hardshrink());
  expect_like(layers::LeakyRelu{.slope = 0.2}, shape,
              torch::nn::LeakyReLU(torch::nn::LeakyReLUOptions().negative_slope(0.2)));
  expect_like(Prelu{.per_channel = true}, Shape{3, 4}, torch::nn::PReLU(torch::nn::PReLUOptions().num_parameters(3)));
  expect_like(Prelu{}, Shape{3, 4}, torch::nn::PReLU());
  expect_like(Softmax{}, Shape{3, 4}, torch::nn::Softmax(-1));
  expect_like(Softmax{.axis = 0}, Shape{3, 4}, torch::nn::Softmax(1));
  expect_like(LogSoftmax{}, Shape{3, 4}, torch::nn::LogSoftmax(-1));
}

at::Tensor run(const Layer& layer, const at::Tensor& x, const std::vector<double>& weight = {}) {
  const auto model =
      network_of(layer, {Shape(std::span<const std::int64_t>(x.sizes().data() + 1, x.sizes().size() - 1))});
  if (!weight.empty()) {
    const at::NoGradGuard no_grad;
    at::Tensor parameter = model->parameter("layer.weight");
    parameter.copy_(at::tensor(weight, at::kDouble).view(parameter.sizes()));
  }
  return model->predict(x);
}

// 4 positions, kernel (1, 10, 100), stride 2: TensorFlow pads (2 - 1) 2 + 3 - 4 = 1 position, behind the data:
// 1 + 20 + 300, 3 + 40 + 0. 5 positions: 2 positions, one at each side: 10 + 200, 2 + 30 + 400, 4 + 50.
TEST(LayerForward, SamePaddingIsTensorFlows) {
  const Conv1d conv{.out_channels = 1, .kernel_size = {3}, .stride = {2}, .padding = Padding::same(), .bias = false};
  EXPECT_TRUE(at::equal(run(conv, at::tensor({1, 2, 3, 4}, at::kDouble).view({1, 1, 4}), {1, 10, 100}),
                        at::tensor({321, 43}, at::kDouble).view({1, 1, 2})));
  EXPECT_TRUE(at::equal(run(conv, at::tensor({1, 2, 3, 4, 5}, at::kDouble).view({1, 1, 5}), {1, 10, 100}),
                        at::tensor({210, 432, 54}, at::kDouble).view({1, 1, 3})));
  // padding is not counted in a mean, and never is a maximum
  const at::Tensor x = at::tensor({-1, -2, -3}, at::kDouble).view({1, 1, 3});
  EXPECT_TRUE(at::equal(run(AveragePool1d{.padding = Padding::same()}, x),
                        at::tensor({-1.5, -3.0}, at::kDouble).view({1, 1, 2})));
  EXPECT_TRUE(
      at::equal(run(MaxPool1d{.padding = Padding::same()}, x), at::tensor({-1, -3}, at::kDouble).view({1, 1, 2})));
}

// A transposed convolution is the gradient of the convolution with the same kernel.
TEST(LayerForward, SameTransposedConvolutionIsTheGradientOfSameConvolution) {
  for (const std::int64_t kernel : {1, 2, 3, 4, 5}) {
    for (const std::int64_t stride : {1, 2, 3}) {
      const Conv2d conv{
          .out_channels = 2, .kernel_size = {kernel}, .stride = {stride}, .padding = Padding::same(), .bias = false};
      const ConvTranspose2d transposed{
          .out_channels = 3, .kernel_size = {kernel}, .stride = {stride}, .padding = Padding::same(), .bias = false};
      const auto forward = network_of(conv, {Shape{3, 4 * stride, 5 * stride}});
      const auto backward = network_of(transposed, {Shape{2, 4, 5}});
      backward->parameters().values().copy_(forward->parameters().values());
      const std::vector<at::Tensor> x = random_inputs(*forward, 2), y = random_inputs(*backward, 2);
      forward->forward(x, Mode::kInfer)[0].backward(y[0].detach());
      EXPECT_TRUE(at::allclose(x[0].grad(), backward->predict(y[0]), 1e-10, 1e-12)) << kernel << ", stride " << stride;
    }
  }
}

// (1, 2; 3, 4) with a weight (10, 100) of each column; of each row; and one weight
TEST(LayerForward, AffineBroadcastsFromTheRight) {
  const at::Tensor x = at::tensor({1, 2, 3, 4}, at::kDouble).view({1, 2, 2});
  const auto expect = [&](const std::vector<std::int64_t>& shape, const std::vector<double>& weight,
                          const std::vector<double>& expected) {
    EXPECT_TRUE(
        at::equal(run(Affine{.shape = shape, .bias = false}, x, weight).view(-1), at::tensor(expected, at::kDouble)));
  };
  expect({2}, {10, 100}, {10, 200, 30, 400});
  expect({2, 1}, {10, 100}, {10, 20, 300, 400});
  expect({}, {10}, {10, 20, 30, 40});
  const auto both = network_of(Affine{}, {Shape{2, 2}});
  {
    const at::NoGradGuard no_grad;
    both->parameter("layer.weight").fill_(2);
    both->parameter("layer.bias").fill_(-1);
  }
  EXPECT_TRUE(at::equal(both->predict(x).view(-1), at::tensor({1, 3, 5, 7}, at::kDouble)));
}

// (1, 2; 3, 4) with a row before, a column before and two columns after
TEST(LayerForward, PadAddsElementsBeforeAndAfter) {
  const at::Tensor x = at::tensor({1, 2, 3, 4}, at::kDouble).view({1, 2, 2});
  EXPECT_TRUE(at::equal(run(Pad{.before = {1, 1}, .after = {0, 2}, .value = 9}, x).view(-1),
                        at::tensor({9, 9, 9, 9, 9, 9, 1, 2, 9, 9, 9, 3, 4, 9, 9}, at::kDouble)));
}

// A share of 0.4 is dropped: 2000 ± 6 · sqrt(5000 · 0.24) of 5000, the others are scaled by 1 / 0.6.
TEST(LayerForward, DropoutDropsInTrainingOnly) {
  const auto model = network_of(Dropout{.rate = 0.4}, {Shape{5000}});
  const at::Tensor x = at::ones({1, 5000}, at::kDouble);
  EXPECT_TRUE(at::equal(model->forward(x, Mode::kInfer), x));
  const Generator before = model->random();
  const at::Tensor y = model->forward(x, Mode::kTrain);
  const double dropped = y.eq(0).sum().item<double>();
  EXPECT_NEAR(dropped, 2000, 208);
  EXPECT_TRUE(at::allclose(y.masked_select(y.ne(0)),
                           at::full({5000 - static_cast<std::int64_t>(dropped)}, 1 / 0.6, at::kDouble)));
  EXPECT_FALSE(at::equal(model->forward(x, Mode::kTrain), y));
  model->random() = before;
  EXPECT_TRUE(at::equal(model->forward(x, Mode::kTrain), y));
}

TEST(LayerForward, IndicesOutsideTheTableAreRejected) {
  const auto model = network_of(Embedding{.vocabulary = 3, .features = 2}, {Shape{2}});
  try {
    model->predict(at::tensor({0, 3}, at::kLong).view({1, 2}));
    FAIL() << "no error";
  } catch (const ShapeMismatch& error) {
    EXPECT_STREQ(error.what(), "layer \"layer\" (embedding): the indices must be in [0, 2], got 3");
  }
  EXPECT_THROW(model->predict(at::zeros({1, 2}, at::kDouble)), ShapeMismatch);
}

}  // namespace
}  // namespace ludus::nn
