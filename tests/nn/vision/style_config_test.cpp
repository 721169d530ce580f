#include "nn/vision/style/style_config.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"

namespace ludus::vision {
namespace {

constexpr ImageSize kSize{.height = 64, .width = 80};

template <class Call>
void expect_message(const Call& call, const std::string& words) {
  try {
    call();
    FAIL() << "not refused: " << words;
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

StyleConfig config_of(const std::string& network, const std::string& pooling = "network") {
  StyleConfig config;
  config.style.network = network;
  config.style.pooling = pooling;
  return config;
}

template <class Pool>
std::vector<Pool> pools_of(const StyleNetwork& network) {
  std::vector<Pool> pools;
  for (const nn::Node& node : network.description.nodes) {
    if (const auto* pool = std::get_if<Pool>(&node.layer)) pools.push_back(*pool);
  }
  return pools;
}

TEST(StyleConfig, PoolsAreThoseOfTheNetworkOrAllOfOneKind) {
  using nn::layers::AveragePool2d;
  using nn::layers::MaxPool2d;
  const auto network = [](const std::string& name, const std::string& pooling) {
    return style_network(config_of(name, pooling), kSize);
  };
  EXPECT_EQ(pools_of<MaxPool2d>(network("squeezenet1_1_caffe", "network")).size(), 2u);
  EXPECT_TRUE(pools_of<AveragePool2d>(network("squeezenet1_1_caffe", "max")).empty());
  const auto means = pools_of<AveragePool2d>(network("squeezenet1_1_caffe", "average"));
  ASSERT_EQ(means.size(), 2u);
  EXPECT_EQ(means[0].kernel_size, std::vector<std::int64_t>{3});
  EXPECT_EQ(means[0].stride, std::vector<std::int64_t>{2});
  EXPECT_TRUE(means[0].ceil_mode);
  EXPECT_FALSE(means[0].count_include_pad);
  // VGG19 of MatConvNet has average pools, as in the paper
  EXPECT_EQ(pools_of<AveragePool2d>(network("vgg19_features", "network")).size(), 4u);
  const auto maxima = pools_of<MaxPool2d>(network("vgg19_features", "max"));
  ASSERT_EQ(maxima.size(), 4u);
  EXPECT_EQ(maxima[0].padding, nn::Padding::same());
}

TEST(StyleConfig, LayersAndWeightsAreThoseOfTheNetworkUnlessSet) {
  StyleConfig config = config_of("vgg19_features");
  StyleNetwork network = style_network(config, kSize);
  EXPECT_EQ(network.description.outputs,
            (std::vector<std::string>{"conv4_2", "conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"}));
  EXPECT_EQ(network.content_weights, std::vector<double>{1});
  EXPECT_EQ(network.style_weights, (std::vector<double>{0.5, 1, 1.5, 3, 4}));
  EXPECT_EQ(network.description.nodes.back().name, "conv5_1");  // nothing behind the last layer
  // layers that are set weigh 1; weights alone are those of the default layers
  config.style.style_layers = {"conv1_2", "conv2_2"};
  EXPECT_EQ(style_network(config, kSize).style_weights, (std::vector<double>{1, 1}));
  config.style.style_layers = {};
  config.style.style_layer_weights = {1, 2, 3, 4, 5};
  EXPECT_EQ(style_network(config, kSize).style_weights, (std::vector<double>{1, 2, 3, 4, 5}));
  for (const char* name : {"vgg16", "vgg19", "squeezenet1_1", "squeezenet1_1_caffe"}) {
    EXPECT_GE(style_network(config_of(name), kSize).style_weights.size(), 4u) << name;
  }
}

TEST(StyleConfig, NamesWhatDoesNotFit) {
  StyleConfig config = config_of("squeezenet1_1_caff");
  const auto network = [&] { style_network(config, kSize); };
  expect_message(network, "squeezenet1_1_caffe");
  config = config_of("resnet18");
  expect_message(network, "network resnet18 has no default layers; set content_layers and style_layers");
  config = config_of("squeezenet1_1_caffe");
  config.style.style_layers = {"fire2.concat"};
  expect_message(network, "fire2.concatenate");
  config.style.style_layers = {"logits"};
  expect_message(network, "must have features (channels, height, width)");
  config.style.style_layers = {"conv1"};
  config.style.style_layer_weights = {1, 2};
  expect_message(network, "style_layer_weights must have one weight for each of the 1 layers, got 2");
  config.style.style_layer_weights = {-1};
  expect_message(network, "style_layer_weights must be finite and at least 0, got -1");

  StyleConfig numbers;
  numbers.style.steps = 50;
  expect_message([&] { numbers.check(); }, "steps must be a multiple of image_every, 20, got 50");
  numbers.style.steps = 300;
  numbers.style.content_weight = numbers.style.style_weight = 0;
  expect_message([&] { numbers.check(); }, "content_weight, style_weight or total_variation must be above 0");
  numbers.style.total_variation = 1;
  EXPECT_NO_THROW(numbers.check());
}

TEST(StyleConfig, TheDefaultLearningRateFollowsTheOptimizer) {
  StyleConfig config;
  EXPECT_EQ(config.learning_rate.initial, 1.0);
  config.set("optimizer.name", "adam");
  EXPECT_EQ(config.learning_rate.initial, kPixelLearningRate);
  config.set("learning_rate.initial", 0.5);
  config.set("optimizer.name", "lbfgs");
  EXPECT_EQ(config.learning_rate.initial, 0.5);
  config = {};
  config.set_from_toml("[optimizer]\nname = 'adam'\n", "a.toml");
  EXPECT_EQ(config.learning_rate.initial, kPixelLearningRate);
  config = {};
  config.set_from_toml("[optimizer]\nname = 'adam'\n[learning_rate]\ninitial = 1.0\n", "a.toml");
  EXPECT_EQ(config.learning_rate.initial, 1.0);
}

TEST(StyleConfig, TomlHoldsEverything) {
  StyleConfig config;
  config.seed = 12345678901234567890u;
  config.style.style_layers = {"conv1"};
  config.style.style_layer_weights = {0.25};
  config.set("optimizer.name", "adam");
  const StyleConfig copy = StyleConfig::from_toml(config.to_toml(), "config.toml");
  EXPECT_EQ(copy.to_toml(), config.to_toml());
  EXPECT_EQ(copy.seed, config.seed);
  EXPECT_EQ(copy.learning_rate.initial, kPixelLearningRate);
  expect_message([] { StyleConfig::from_toml("[style]\nstep = 3\n", "c.toml"); }, "step");
}

}  // namespace
}  // namespace ludus::vision
