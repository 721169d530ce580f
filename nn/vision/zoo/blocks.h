// Pieces that several networks of the zoo have in common. Private to nn/vision/zoo.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nn/model/description.h"

namespace ludus::vision::zoo {

using nn::Activation;
using nn::Description;
using nn::Padding;
namespace layers = nn::layers;

// Names of a convolution with batch normalisation and its activation, as a checkpoint has them.
struct ConvNames {
  std::string conv;
  std::string norm;
};

// Appends convolution without bias, batch normalisation and activation; returns the name of the last.
inline std::string add_conv_norm(Description& network, const std::string& from, const ConvNames& names, nn::Layer conv,
                                 Activation activation, const layers::BatchNorm& norm = {}) {
  network.add(std::move(conv), {from}, names.conv);
  network.add(norm, {names.conv}, names.norm);
  if (activation == Activation::kNone) return names.norm;
  return network.add(layers::ActivationLayer{.function = activation}, {names.norm}, names.norm + ".activation");
}

// A square convolution without bias; padded as in torch, so that stride 1 keeps the extents.
inline layers::Conv2d square_conv(std::int64_t channels, std::int64_t kernel, std::int64_t stride = 1) {
  return {.out_channels = channels,
          .kernel_size = {kernel},
          .stride = {stride},
          .padding = Padding::of({(kernel - 1) / 2}),
          .bias = false};
}

}  // namespace ludus::vision::zoo
