#include "nn/networks/feature_extractor.h"

#include <ATen/ATen.h>

#include <array>
#include <cmath>
#include <string>

#include "nn/core/init.h"

namespace ludus::nn {
namespace {

struct Convolution {
  std::int64_t kernels, size, stride;
};
constexpr std::array<Convolution, 3> kConvolutions{{{32, 8, 4}, {64, 4, 2}, {64, 3, 1}}};

// The integers of a column block (n x count) as (n x count * classes) of 0 and 1.
at::Tensor one_hot(const at::Tensor& numbers, const FeaturePart& part) {
  const at::Tensor index = (numbers - static_cast<double>(part.start)).to(at::kLong);
  return at::one_hot(index, part.classes).to(numbers.scalar_type()).flatten(1);
}

}  // namespace

FeatureExtractor::FeatureExtractor(const FeatureOptions& options, Initialisation initialisation, at::Generator& generator)
    : options_(options) {
  options_.validate();
  const auto images = std::make_shared<torch::nn::Module>();

  for (const FeaturePart& part : options_.parts) {
    if (part.kind != FeaturePart::Kind::kImage) continue;
    const auto module = images->register_module(std::to_string(images_.size()), std::make_shared<torch::nn::Module>());
    Image layers;

    const auto add = [&](const std::string& name, const std::vector<std::int64_t>& sizes, std::int64_t stride) {
      const auto own = module->register_module(name, std::make_shared<torch::nn::Module>());
      at::Tensor weight = own->register_parameter("weight", at::zeros(sizes, at::kFloat));
      at::Tensor bias = own->register_parameter("bias", at::zeros({sizes[0]}, at::kFloat));
      if (initialisation == Initialisation::kUniform) {
        // torch's own: uniform in ±1/sqrt(fan_in), weights and biases
        const double bound = 1.0 / std::sqrt(static_cast<double>(weight.numel() / sizes[0]));
        init_uniform(weight, bound, generator);
        init_uniform(bias, bound, generator);
      } else {
        init_orthogonal(weight, std::sqrt(2.0), generator);
      }
      layers.push_back({weight, bias, stride});
    };

    std::int64_t planes = part.frames * part.channels;
    std::int64_t height = part.height, width = part.width;
    for (std::size_t i = 0; i < kConvolutions.size(); ++i) {
      const Convolution& c = kConvolutions[i];
      add("conv" + std::to_string(i), {c.kernels, planes, c.size, c.size}, c.stride);
      planes = c.kernels;
      height = (height - c.size) / c.stride + 1;
      width = (width - c.size) / c.stride + 1;
    }
    add("dense", {options_.image_outputs(), planes * height * width}, 0);
    images_.push_back(std::move(layers));
  }
  if (!images_.empty()) register_module("images", images);
}

at::Tensor FeatureExtractor::see(const at::Tensor& pixels, const FeaturePart& part, const Image& image) const {
  // (n, frames, height, width, channels) → (n, frames * channels, height, width)
  at::Tensor x = pixels.reshape({pixels.size(0), part.frames, part.height, part.width, part.channels})
                     .permute({0, 1, 4, 2, 3})
                     .reshape({pixels.size(0), part.frames * part.channels, part.height, part.width})
                     .div(255.0);
  for (std::size_t i = 0; i + 1 < image.size(); ++i) {
    x = at::relu(at::conv2d(x, image[i].weight, image[i].bias, image[i].stride));
  }
  return at::relu(at::linear(x.flatten(1), image.back().weight, image.back().bias));
}

at::Tensor FeatureExtractor::forward(const at::Tensor& rows) const {
  if (rows.dim() != 2 || rows.size(1) != options_.row_size()) {
    throw InvalidArgument("the network takes rows of " + std::to_string(options_.row_size()) +
                          " numbers, and the input given has the shape " + c10::str(rows.sizes()));
  }
  if (options_.is_plain()) return rows;

  std::vector<at::Tensor> found;
  std::int64_t offset = 0;
  std::size_t image = 0;
  for (const FeaturePart& part : options_.parts) {
    const at::Tensor own = rows.narrow(1, offset, part.count);
    offset += part.count;
    switch (part.kind) {
      case FeaturePart::Kind::kNumbers: found.push_back(own); break;
      case FeaturePart::Kind::kOneHot: found.push_back(one_hot(own, part)); break;
      case FeaturePart::Kind::kImage: found.push_back(see(own, part, images_[image++])); break;
    }
  }
  return found.size() == 1 ? found[0] : at::cat(found, 1);
}

}  // namespace ludus::nn
