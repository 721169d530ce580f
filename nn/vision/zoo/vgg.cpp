#include "nn/vision/zoo/vgg.h"

#include <array>

#include "base/format.h"
#include "nn/vision/zoo/blocks.h"

namespace ludus::vision::zoo {
namespace {

constexpr std::array<std::int64_t, 5> kChannels{64, 128, 256, 512, 512};
using Depths = std::array<int, 5>;  // convolutions of each block
constexpr Depths kD{2, 2, 3, 3, 3}, kE{2, 2, 4, 4, 4};

// torchvision counts convolutions, ReLUs and pools.
Description features(std::string name, const Depths& depths) {
  Description network{.name = std::move(name)};
  network.add_input("image", Shape{3, 224, 224});
  int index = 0;
  for (std::size_t block = 0; block < kChannels.size(); ++block) {
    for (int i = 0; i < depths[block]; ++i, index += 2) {
      network.add(layers::Conv2d{.out_channels = kChannels[block],
                                 .kernel_size = {3},
                                 .padding = Padding::of({1}),
                                 .activation = Activation::kRelu},
                  {}, formatted("features.{}", index));
    }
    network.outputs = {network.add(layers::MaxPool2d{}, {}, formatted("features.{}", index++))};
  }
  return network;
}

Description vgg(std::string name, const Depths& depths, std::int64_t classes) {
  Description network = features(std::move(name), depths);
  network.add(layers::Flatten{}, {}, "flatten");
  for (const char* dense : {"classifier.0", "classifier.3"}) {
    network.add(layers::Dense{.units = 4096, .activation = Activation::kRelu}, {}, dense);
    network.add(layers::Dropout{.rate = 0.5});
  }
  network.outputs = {network.add(layers::Dense{.units = classes}, {}, "classifier.6")};
  return network;
}

}  // namespace

Description vgg16(std::int64_t classes) {
  return vgg("vgg16", kD, classes);
}
Description vgg19(std::int64_t classes) {
  return vgg("vgg19", kE, classes);
}
Description vgg16_features() {
  return features("vgg16_features", kD);
}

Description vgg19_features(const Vgg19FeaturesOptions& options) {
  Description network{.name = "vgg19_features"};
  network.add_input("image", Shape{3, options.height, options.width});
  for (std::size_t block = 0; block < kE.size(); ++block) {
    for (int i = 0; i < kE[block]; ++i) {
      network.add(layers::Conv2d{.out_channels = options.channels[block],
                                 .kernel_size = {3},
                                 .padding = Padding::of({1}),
                                 .activation = Activation::kRelu},
                  {}, formatted("conv{}_{}", block + 1, i + 1));
    }
    if (block + 1 == kE.size()) break;
    const std::string pool = formatted("pool{}", block + 1);
    if (options.average_pool) {
      network.add(layers::AveragePool2d{.padding = Padding::same()}, {}, pool);
    } else {
      network.add(layers::MaxPool2d{.padding = Padding::same()}, {}, pool);
    }
  }
  network.outputs = options.outputs;
  return network;
}

}  // namespace ludus::vision::zoo
