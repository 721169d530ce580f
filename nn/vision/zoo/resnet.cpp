#include "nn/vision/zoo/resnet.h"

#include <array>

#include "base/format.h"
#include "nn/vision/zoo/blocks.h"

namespace ludus::vision::zoo {
namespace {

struct Convolution {
  std::int64_t channels, kernel, stride;
};

// x + f(x), then ReLU; the sum's x goes through a 1 x 1 convolution where the shape changes.
std::string add_block(Description& network, const std::string& input, const std::string& name,
                      const std::vector<Convolution>& convolutions, bool changes_shape, std::int64_t stride) {
  std::string x = input;
  for (std::size_t i = 0; i < convolutions.size(); ++i) {
    const auto [channels, kernel, step] = convolutions[i];
    const bool last = i + 1 == convolutions.size();
    x = add_conv_norm(network, x, {formatted("{}.conv{}", name, i + 1), formatted("{}.bn{}", name, i + 1)},
                      square_conv(channels, kernel, step), last ? Activation::kNone : Activation::kRelu);
  }
  std::string shortcut = input;
  if (changes_shape) {
    shortcut = add_conv_norm(network, input, {formatted("{}.downsample.0", name), formatted("{}.downsample.1", name)},
                             square_conv(convolutions.back().channels, 1, stride), Activation::kNone);
  }
  x = network.add(layers::Add{}, {x, shortcut}, formatted("{}.add", name));
  return network.add(layers::ActivationLayer{}, {x}, name);
}

Description resnet(std::string name, const std::array<int, 4>& depths, bool bottleneck, std::int64_t classes) {
  Description network{.name = std::move(name)};
  std::string x = network.add_input("image", Shape{3, 224, 224});
  x = add_conv_norm(network, x, {"conv1", "bn1"}, square_conv(64, 7, 2), Activation::kRelu);
  x = network.add(layers::MaxPool2d{.kernel_size = {3}, .stride = {{2}}, .padding = Padding::of({1})}, {x}, "maxpool");
  const std::int64_t expansion = bottleneck ? 4 : 1;
  std::int64_t before = 64;
  for (std::size_t stage = 0; stage < depths.size(); ++stage) {
    const std::int64_t width = std::int64_t{64} << stage;
    for (int i = 0; i < depths[stage]; ++i) {
      const std::int64_t stride = stage > 0 && i == 0 ? 2 : 1;
      const std::vector<Convolution> convolutions =
          bottleneck ? std::vector<Convolution>{{width, 1, 1}, {width, 3, stride}, {expansion * width, 1, 1}}
                     : std::vector<Convolution>{{width, 3, stride}, {width, 3, 1}};
      x = add_block(network, x, formatted("layer{}.{}", stage + 1, i), convolutions,
                    stride != 1 || before != expansion * width, stride);
      before = expansion * width;
    }
  }
  x = network.add(layers::GlobalAveragePool{}, {x}, "avgpool");
  network.outputs = {network.add(layers::Dense{.units = classes}, {x}, "fc")};
  return network;
}

}  // namespace

Description resnet18(std::int64_t classes) {
  return resnet("resnet18", {2, 2, 2, 2}, false, classes);
}
Description resnet50(std::int64_t classes) {
  return resnet("resnet50", {3, 4, 6, 3}, true, classes);
}

}  // namespace ludus::vision::zoo
