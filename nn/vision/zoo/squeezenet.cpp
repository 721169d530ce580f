#include "nn/vision/zoo/squeezenet.h"

#include "base/format.h"
#include "nn/vision/zoo/blocks.h"

namespace ludus::vision::zoo {
namespace {

struct FireNames {
  std::string module;
  std::string squeeze;
};

// A fire module: 1 x 1 to few channels, from them 1 x 1 and 3 x 3, joined.
std::string add_fire(Description& network, const std::string& from, const FireNames& names, std::int64_t squeezed,
                     std::int64_t expanded) {
  const std::string& name = names.module;
  const std::string squeeze =
      network.add(layers::Conv2d{.out_channels = squeezed, .kernel_size = {1}, .activation = Activation::kRelu}, {from},
                  formatted("{}.{}", name, names.squeeze));
  const std::string one =
      network.add(layers::Conv2d{.out_channels = expanded, .kernel_size = {1}, .activation = Activation::kRelu},
                  {squeeze}, formatted("{}.expand1x1", name));
  const std::string three = network.add(
      layers::Conv2d{
          .out_channels = expanded, .kernel_size = {3}, .padding = Padding::of({1}), .activation = Activation::kRelu},
      {squeeze}, formatted("{}.expand3x3", name));
  return network.add(layers::Concatenate{}, {one, three}, formatted("{}.concatenate", name));
}

struct Names {
  std::string network, first, squeeze, last;
  std::array<std::string, 8> fires;
};

Description squeezenet(const Names& names, std::int64_t classes) {
  static constexpr std::array<std::int64_t, 8> kSqueezed{16, 16, 32, 32, 48, 48, 64, 64};
  const layers::MaxPool2d pool{.kernel_size = {3}, .stride = {{2}}, .ceil_mode = true};
  Description network{.name = names.network};
  const std::string image = network.add_input("image", Shape{3, 224, 224});
  network.add(layers::Conv2d{.out_channels = 64, .kernel_size = {3}, .stride = {2}, .activation = Activation::kRelu},
              {image}, names.first);
  std::string x = network.add(pool);
  for (std::size_t i = 0; i < names.fires.size(); ++i) {
    x = add_fire(network, x, {.module = names.fires[i], .squeeze = names.squeeze}, kSqueezed[i], 4 * kSqueezed[i]);
    if (i == 1 || i == 3) x = network.add(pool, {x});
  }
  x = network.add(layers::Dropout{.rate = 0.5}, {x});
  x = network.add(layers::Conv2d{.out_channels = classes, .kernel_size = {1}, .activation = Activation::kRelu}, {x},
                  names.last);
  network.outputs = {network.add(layers::GlobalAveragePool{}, {x}, "logits")};
  return network;
}

}  // namespace

Description squeezenet1_1(std::int64_t classes) {
  return squeezenet({.network = "squeezenet1_1",
                     .first = "features.0",
                     .squeeze = "squeeze",
                     .last = "classifier.1",
                     .fires = {"features.3", "features.4", "features.6", "features.7", "features.9", "features.10",
                               "features.11", "features.12"}},
                    classes);
}

Description squeezenet1_1_caffe(std::int64_t classes) {
  return squeezenet({.network = "squeezenet1_1_caffe",
                     .first = "conv1",
                     .squeeze = "squeeze1x1",
                     .last = "conv10",
                     .fires = {"fire2", "fire3", "fire4", "fire5", "fire6", "fire7", "fire8", "fire9"}},
                    classes);
}

}  // namespace ludus::vision::zoo
