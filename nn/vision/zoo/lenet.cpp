#include "nn/vision/zoo/lenet.h"

#include "nn/vision/zoo/blocks.h"

namespace ludus::vision::zoo {

Description lenet5(std::int64_t classes) {
  Description network{.name = "lenet5"};
  network.add_input("image", Shape{1, 28, 28});
  network.add(
      layers::Conv2d{
          .out_channels = 6, .kernel_size = {5}, .padding = Padding::of({2}), .activation = Activation::kTanh},
      {}, "c1");
  network.add(layers::AveragePool2d{}, {}, "s2");
  network.add(layers::Conv2d{.out_channels = 16, .kernel_size = {5}, .activation = Activation::kTanh}, {}, "c3");
  network.add(layers::AveragePool2d{}, {}, "s4");
  network.add(layers::Flatten{}, {}, "flatten");
  network.add(layers::Dense{.units = 120, .activation = Activation::kTanh}, {}, "c5");
  network.add(layers::Dense{.units = 84, .activation = Activation::kTanh}, {}, "f6");
  network.outputs = {network.add(layers::Dense{.units = classes}, {}, "output")};
  return network;
}

Description lenet5_wide(std::int64_t classes) {
  Description network{.name = "lenet5_wide"};
  network.add_input("image", Shape{1, 28, 28});
  for (const auto& [name, channels] : {std::pair("conv1", 32), std::pair("conv2", 64)}) {
    network.add(
        layers::Conv2d{
            .out_channels = channels, .kernel_size = {5}, .padding = Padding::same(), .activation = Activation::kRelu},
        {}, name);
    network.add(layers::MaxPool2d{});
  }
  network.add(layers::Flatten{}, {}, "flatten");
  network.add(layers::Dense{.units = 512, .activation = Activation::kRelu}, {}, "fc1");
  network.outputs = {network.add(layers::Dense{.units = classes}, {}, "fc2")};
  return network;
}

Description mnist_convnet(std::int64_t classes) {
  const nn::Initializer glorot{.kind = nn::Initializer::Kind::kGlorotUniform};
  const nn::Initializer zeros = nn::Initializer::zeros();
  Description network{.name = "mnist_convnet"};
  network.add_input("image", Shape{1, 28, 28});
  for (const auto& [name, channels] : {std::pair("conv1", 20), std::pair("conv2", 40)}) {
    network.add(layers::Conv2d{.out_channels = channels,
                               .kernel_size = {5},
                               .activation = Activation::kRelu,
                               .weight_init = glorot,
                               .bias_init = zeros},
                {}, name);
    network.add(layers::MaxPool2d{});
  }
  network.add(layers::Flatten{}, {}, "flatten");
  for (const char* name : {"fc1", "fc2"}) {
    network.add(layers::Dense{.units = 256, .activation = Activation::kRelu, .weight_init = glorot, .bias_init = zeros},
                {}, name);
    network.add(layers::Dropout{.rate = 0.5});
  }
  network.outputs = {
      network.add(layers::Dense{.units = classes, .weight_init = glorot, .bias_init = zeros}, {}, "output")};
  return network;
}

}  // namespace ludus::vision::zoo
