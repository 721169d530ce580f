#include "nn/vision/style/style.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/checkpoint.h"
#include "base/error.h"
#include "base/safetensors.h"
#include "nn/core/tensor_io.h"
#include "nn/core/torch_compat.h"
#include "nn/model/build.h"
#include "tests/nn/vision/vision_files.h"
#include "tests/support/scratch.h"

namespace ludus::vision {
namespace {

using test_support::Scratch;

// --- losses

TEST(StyleLosses, ByHand) {
  // two channels of two positions: F = [1 2; 3 4], F Fᵀ / 2 = [5 11; 11 25] / 2
  const at::Tensor features = at::tensor({1.0, 2.0, 3.0, 4.0}).view({1, 2, 1, 2});
  const at::Tensor gram = gram_matrix(features);
  EXPECT_TRUE(gram.equal(at::tensor({2.5, 5.5, 5.5, 12.5}).view({2, 2}))) << gram;
  // (1 + 4 + 9 + 16) / (4 · 4)
  EXPECT_DOUBLE_EQ(content_loss(features, at::zeros_like(features)).item<double>(), 30.0 / 16);
  // (1.5² + 2 · 5.5² + 11.5²) / (4 · 4)
  EXPECT_DOUBLE_EQ(style_loss(gram, at::eye(2, at::kDouble)).item<double>(), (2.25 + 60.5 + 132.25) / 16);
  // downwards 3² + 4², to the right 1² + 2², of four pairs
  EXPECT_DOUBLE_EQ(total_variation(at::tensor({0.0, 1.0, 3.0, 5.0}).view({1, 1, 2, 2})).item<double>(), 30.0 / 4);
}

TEST(StyleLosses, StyleIsThatOfThePaper) {
  // Σ (G − A)² / (2 N M)² of Gram matrices that are not divided by M
  const at::Tensor f = at::arange(24, at::kDouble).view({1, 3, 2, 4}), a = f.sqrt();
  const auto rows = [](const at::Tensor& x) { return x.flatten(2).squeeze(0); };
  const at::Tensor difference = rows(f).mm(rows(f).t()) - rows(a).mm(rows(a).t());
  const double expected = difference.square().sum().item<double>() / (4.0 * 9 * 64);
  EXPECT_NEAR(style_loss(gram_matrix(f), gram_matrix(a)).item<double>(), expected, 1e-9 * expected);
}

// Gram matrices that others computed from the features of a small VGG19.
TEST(StyleLosses, GramMatricesAreThoseOfTheReference) {
  const auto data = test_support::data_folder();
  if (!data) GTEST_SKIP() << "skipped: no data";
  const TensorFile reference = read_safetensors(*data / "formats/mat/vgg19_mini_reference.safetensors");
  for (const char* layer : {"conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"}) {
    const at::Tensor features = nn::to_tensor(to_array(reference.at(std::string("out.") + layer)));
    const at::Tensor expected = nn::to_tensor(to_array(reference.at(std::string("gram.") + layer)));
    const auto positions = static_cast<double>(features.size(2) * features.size(3));
    const double error = (gram_matrix(features) * positions - expected).abs().max().item<double>();
    EXPECT_LE(error, 1e-5 * expected.abs().max().item<double>()) << layer;
  }
}

// --- the transfer of a small network

constexpr ImageSize kSize{.height = 6, .width = 8};

Array image_of(std::uint64_t seed, ImageSize size = kSize) {
  Generator random(seed);
  Array image(DType::kUInt8, Shape{size.height, size.width, 3});
  for (std::size_t i = 0; i < image.size(); ++i) image.set(i, std::floor(random.uniform(0, 256)));
  return image;
}

class StyleTransferTest : public ::testing::Test {
 protected:
  StyleTransferTest() : model_(description(), random_) {
    network_.description = model_.description();
    network_.manifest = {.channel_order = "bgr", .scale = 255, .mean = {104, 117, 123}, .std = {64}};
    network_.content_weights = {2.0};
    network_.style_weights = {3.0, 0.5};
    config_.seed = 7;
    config_.style.steps = 8;
    config_.style.image_every = 4;
    config_.style.content_weight = 0.7;
    config_.style.total_variation = 0.3;
  }

  static nn::Description description() {
    using namespace nn::layers;
    nn::Description network{.name = "small"};
    network.add_input("image", Shape{3, nn::kFree, nn::kFree});
    const auto conv = [&](std::int64_t channels, const char* name) {
      network.add(Conv2d{.out_channels = channels,
                         .kernel_size = {3},
                         .padding = nn::Padding::of({1}),
                         .activation = nn::Activation::kTanh},
                  {}, name);
    };
    conv(4, "first");
    network.add(MaxPool2d{});
    conv(5, "second");
    network.outputs = {"second", "first", "second"};
    return network;
  }

  StyleTransfer transfer(const Array& content) { return StyleTransfer(model_, network_, content, style_, config_); }
  StyleTransfer transfer() { return transfer(content_); }

  // In double precision, (1, 3, height, width).
  static at::Tensor pixels(const Array& image) {
    return nn::to_tensor(to_float(image)).to(at::kDouble).permute({2, 0, 1}).unsqueeze(0).contiguous();
  }
  static at::Tensor pixels(const StyleTransfer& transfer) {
    const Scratch folder;
    transfer.save_model(folder / "image.safetensors");
    return nn::to_tensor(Checkpoint::load(folder / "image.safetensors").array("image")).to(at::kDouble);
  }

  // The features of both layers, computed without nn::Model and in double precision.
  std::pair<at::Tensor, at::Tensor> features(const at::Tensor& image) const {
    const auto weight = [&](const char* name) { return model_.parameter(name).to(at::kDouble); };
    const at::Tensor mean = at::tensor({104.0, 117.0, 123.0}).view({1, 3, 1, 1});
    const at::Tensor input = (255 * image.flip({1}) - mean) / 64;
    const at::Tensor first = at::conv2d(input, weight("first.weight"), weight("first.bias"), 1, 1).tanh();
    return {first, at::conv2d(at::max_pool2d(first, 2), weight("second.weight"), weight("second.bias"), 1, 1).tanh()};
  }
  // 0.7 · 2 content + 3 style(first layer) + 0.5 style(second layer) + 0.3 variation; the outputs say which is first
  at::Tensor total_loss(const at::Tensor& image) const {
    const auto [first, second] = features(image);
    const auto [style_first, style_second] = features(pixels(style_));
    const at::Tensor content = content_loss(second, features(pixels(content_)).second);
    return 0.7 * 2 * content + 3 * style_loss(gram_matrix(first), gram_matrix(style_first)) +
           0.5 * style_loss(gram_matrix(second), gram_matrix(style_second)) + 0.3 * total_variation(image);
  }
  at::Tensor gradient(const at::Tensor& image) const {
    const at::Tensor leaf = image.detach().clone().requires_grad_(true);
    total_loss(leaf).backward();
    return leaf.grad();
  }

  Generator random_{5};
  nn::Model model_;
  StyleNetwork network_;
  StyleConfig config_;
  const Array content_ = image_of(1), style_ = image_of(2, {.height = 10, .width = 6});
};

TEST_F(StyleTransferTest, TheGradientIsThatOfFiniteDifferences) {
  const at::Tensor image = pixels(image_of(3)), derivative = gradient(image).flatten();
  constexpr double kStep = 1e-6;
  for (const std::int64_t k : {0, 17, 47, 48, 95, 143}) {
    at::Tensor above = image.clone(), below = image.clone();
    above.view({-1})[k] += kStep;
    below.view({-1})[k] -= kStep;
    const double expected = (total_loss(above) - total_loss(below)).item<double>() / (2 * kStep);
    EXPECT_NEAR(derivative[k].item<double>(), expected, 1e-6 * (1 + std::abs(expected))) << k;
  }
}

TEST_F(StyleTransferTest, DescendsTheGradientOfTheTotalLoss) {
  constexpr double kRate = 0.05;
  config_.set("optimizer.name", "sgd");
  config_.learning_rate.initial = kRate;
  config_.style.steps = config_.style.image_every = 1;
  StyleTransfer once = transfer();
  const at::Tensor start = pixels(once);
  EXPECT_NEAR(once.losses().total.item<double>(), total_loss(start).item<double>(), 1e-5);
  once.run();
  const at::Tensor step = pixels(once) - start, expected = -kRate * gradient(start);
  EXPECT_LE((step - expected).abs().max().item<double>(), 1e-3 * expected.abs().max().item<double>() + 1e-7);
  EXPECT_NEAR(once.history().at(0).at("train/loss"), total_loss(start).item<double>(), 1e-5);
}

TEST_F(StyleTransferTest, BeginsWithContentNoiseOrAMix) {
  constexpr double kAmplitude = 20.0 / 255;
  config_.style.start = "content";
  EXPECT_EQ(transfer().image(), content_);
  config_.style.start = "noise";
  const at::Tensor noise = pixels(transfer());
  EXPECT_LE((noise - 0.5).abs().max().item<double>(), kAmplitude + 1e-6);
  EXPECT_GT(noise.std().item<double>(), 0.5 * kAmplitude);
  config_.style.start = "mix";
  config_.style.noise = 0.25;
  const at::Tensor mix = 0.25 * noise + 0.75 * pixels(content_);
  EXPECT_LE((pixels(transfer()) - mix).abs().max().item<double>(), 1e-6);
  config_.seed = 8;
  EXPECT_GT((pixels(transfer()) - mix).abs().max().item<double>(), 1e-3);
}

// The pairs of changes of L-BFGS last from step to step: gradient descent would be far from the minimum still.
TEST_F(StyleTransferTest, LbfgsFindsTheContent) {
  config_.style.start = "noise";
  config_.style.style_weight = config_.style.total_variation = 0;
  config_.style.steps = config_.style.image_every = 60;
  StyleTransfer whole = transfer();
  const double start = whole.losses().total.item<double>();
  whole.run();
  EXPECT_LT(whole.losses().total.item<double>(), 1e-3 * start);
  EXPECT_FALSE(whole.losses().style.defined());
}

TEST_F(StyleTransferTest, IsResumedExactlyInMidEpoch) {
  for (const char* optimizer : {"lbfgs", "adam"}) {
    SCOPED_TRACE(optimizer);
    config_.set("optimizer.name", optimizer);
    StyleTransfer whole = transfer();
    whole.run();
    StyleTransfer part = transfer();
    int steps = 0;
    part.run([&] { return ++steps == 3; });
    ASSERT_EQ(part.progress().step, 3);
    Checkpoint middle;
    part.save(middle);
    StyleTransfer resumed = transfer();
    resumed.load(middle);
    resumed.run();
    Checkpoint expected, actual;
    whole.save(expected);
    resumed.save(actual);
    EXPECT_EQ(first_difference(expected, actual).value_or("none"), "none");
    EXPECT_EQ(resumed.image(), whole.image());

    // not with another photograph
    StyleTransfer other = transfer(image_of(9));
    const Array before = other.image();
    try {
      other.load(middle);
      FAIL() << "loaded";
    } catch (const CorruptCheckpoint& error) {
      EXPECT_NE(std::string(error.what()).find("images and weights must be those of the run's start"),
                std::string::npos)
          << error.what();
    }
    EXPECT_EQ(other.image(), before);
  }
}

// Windows at the edge average what lies inside: neither padding nor the rest of a window counts as zeros.
TEST(StyleNetworks, AveragePoolsOfOnesAreOnes) {
  for (const auto& [name, layer] :
       {std::pair("resnet18", "layer1.0.conv1"), {"squeezenet1_1_caffe", "fire2.squeeze1x1"}}) {
    SCOPED_TRACE(name);
    StyleConfig config;
    config.style.network = name;
    config.style.pooling = "average";
    config.style.content_layers = config.style.style_layers = {layer};
    const StyleNetwork network = style_network(config, {.height = 64, .width = 64});
    const auto pool =
        std::find_if(network.description.nodes.begin(), network.description.nodes.end(),
                     [](const auto& node) { return std::holds_alternative<nn::layers::AveragePool2d>(node.layer); });
    ASSERT_NE(pool, network.description.nodes.end());
    Generator random(1);
    nn::Model model(nn::sequential(Shape{1, 8, 8}, {pool->layer}), random);
    const at::Tensor means = model.predict(at::ones({1, 1, 8, 8}));
    EXPECT_EQ(means.size(2), 4);
    EXPECT_TRUE(means.equal(at::ones_like(means))) << means;
  }
}

}  // namespace
}  // namespace ludus::vision
