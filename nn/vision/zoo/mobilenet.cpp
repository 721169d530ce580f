#include "nn/vision/zoo/mobilenet.h"

#include <array>

#include "base/format.h"
#include "nn/vision/zoo/blocks.h"

namespace ludus::vision::zoo {
namespace {

// Table 2 of the paper: expansion, channels, repetitions, stride of the first.
struct Stage {
  std::int64_t expansion, channels, repetitions, stride;
};
constexpr std::array<Stage, 7> kStages{
    {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}}};
constexpr std::int64_t kStem = 32, kHead = 1280;

// Calls block(index, in channels, stage, stride) for each of the 17 blocks.
template <class Block>
void for_each_block(Block block) {
  std::int64_t channels = kStem, index = 0;
  for (const Stage& stage : kStages) {
    for (std::int64_t i = 0; i < stage.repetitions; ++i) {
      block(index++, channels, stage, i == 0 ? stage.stride : 1);
      channels = stage.channels;
    }
  }
}

}  // namespace

Description mobilenet_v1(std::int64_t classes) {
  // channels and strides of the 13 blocks, table 1 of the paper
  static constexpr std::array<std::array<std::int64_t, 2>, 13> kBlocks{{{64, 1},
                                                                        {128, 2},
                                                                        {128, 1},
                                                                        {256, 2},
                                                                        {256, 1},
                                                                        {512, 2},
                                                                        {512, 1},
                                                                        {512, 1},
                                                                        {512, 1},
                                                                        {512, 1},
                                                                        {512, 1},
                                                                        {1024, 2},
                                                                        {1024, 1}}};
  const layers::BatchNorm norm{.epsilon = 1e-3, .momentum = 0.01};
  Description network{.name = "mobilenet_v1"};
  std::string x = network.add_input("image", Shape{3, 224, 224});
  x = add_conv_norm(
      network, x, {"conv1", "conv1_bn"},
      layers::Conv2d{
          .out_channels = kStem, .kernel_size = {3}, .stride = {2}, .padding = Padding::same(), .bias = false},
      Activation::kRelu6, norm);
  for (std::size_t i = 0; i < kBlocks.size(); ++i) {
    const auto [channels, stride] = kBlocks[i];
    const std::string depthwise = formatted("conv_dw_{}", i + 1), pointwise = formatted("conv_pw_{}", i + 1);
    x = add_conv_norm(network, x, {depthwise, depthwise + "_bn"},
                      layers::DepthwiseConv2d{.stride = {stride}, .padding = Padding::same(), .bias = false},
                      Activation::kRelu6, norm);
    x = add_conv_norm(network, x, {pointwise, pointwise + "_bn"}, square_conv(channels, 1), Activation::kRelu6, norm);
  }
  x = network.add(layers::GlobalAveragePool{.keep_dimensions = true}, {x});
  x = network.add(layers::Dropout{.rate = 1e-3}, {x});
  x = network.add(layers::Conv2d{.out_channels = classes, .kernel_size = {1}}, {x}, "conv_preds");
  network.outputs = {network.add(layers::Flatten{}, {x}, "logits")};
  return network;
}

Description mobilenet_v2(std::int64_t classes) {
  Description network{.name = "mobilenet_v2"};
  std::string x = network.add_input("image", Shape{3, 224, 224});
  x = add_conv_norm(network, x, {"features.0.0", "features.0.1"}, square_conv(kStem, 3, 2), Activation::kRelu6);
  for_each_block([&](std::int64_t index, std::int64_t channels, const Stage& stage, std::int64_t stride) {
    const std::string block = formatted("features.{}.conv", index + 1), input = x;
    int part = 0;
    const auto names = [&] {
      const std::string name = formatted("{}.{}", block, part++);
      return ConvNames{name + ".0", name + ".1"};
    };
    if (stage.expansion > 1) {
      x = add_conv_norm(network, x, names(), square_conv(channels * stage.expansion, 1), Activation::kRelu6);
    }
    x = add_conv_norm(network, x, names(),
                      layers::DepthwiseConv2d{.stride = {stride}, .padding = Padding::of({1}), .bias = false},
                      Activation::kRelu6);
    x = add_conv_norm(network, x, {formatted("{}.{}", block, part), formatted("{}.{}", block, part + 1)},
                      square_conv(stage.channels, 1), Activation::kNone);
    if (stride == 1 && channels == stage.channels) {
      x = network.add(layers::Add{}, {input, x}, formatted("features.{}.add", index + 1));
    }
  });
  x = add_conv_norm(network, x, {"features.18.0", "features.18.1"}, square_conv(kHead, 1), Activation::kRelu6);
  x = network.add(layers::GlobalAveragePool{}, {x}, "pool");
  x = network.add(layers::Dropout{.rate = 0.2}, {x});
  network.outputs = {network.add(layers::Dense{.units = classes}, {x}, "classifier.1")};
  return network;
}

Description mobilenet_v2_folded(std::int64_t classes) {
  const auto conv = [](std::int64_t channels, std::int64_t kernel, std::int64_t stride, Activation activation) {
    return layers::Conv2d{.out_channels = channels,
                          .kernel_size = {kernel},
                          .stride = {stride},
                          .padding = Padding::same(),
                          .activation = activation};
  };
  Description network{.name = "mobilenet_v2_folded"};
  std::string x = network.add_input("image", Shape{3, 224, 224});
  x = network.add(conv(kStem, 3, 2, Activation::kRelu6), {x}, "stem");
  for_each_block([&](std::int64_t index, std::int64_t channels, const Stage& stage, std::int64_t stride) {
    const std::string block = formatted("block{}", index), input = x;
    if (stage.expansion > 1) {
      x = network.add(conv(channels * stage.expansion, 1, 1, Activation::kRelu6), {x}, formatted("{}.expand", block));
    }
    x = network.add(
        layers::DepthwiseConv2d{.stride = {stride}, .padding = Padding::same(), .activation = Activation::kRelu6}, {x},
        formatted("{}.depthwise", block));
    x = network.add(conv(stage.channels, 1, 1, Activation::kNone), {x}, formatted("{}.project", block));
    if (stride == 1 && channels == stage.channels) {
      x = network.add(layers::Add{}, {input, x}, formatted("{}.add", block));
    }
  });
  x = network.add(conv(kHead, 1, 1, Activation::kRelu6), {x}, "head");
  x = network.add(layers::GlobalAveragePool{.keep_dimensions = true}, {x}, "pool");
  x = network.add(conv(classes, 1, 1, Activation::kNone), {x}, "classifier");
  network.outputs = {network.add(layers::Flatten{}, {x}, "logits")};
  return network;
}

}  // namespace ludus::vision::zoo
