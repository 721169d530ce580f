#include "nn/networks/feature_extractor.h"

#include <ATen/ATen.h>

#include <cmath>
#include <string>

#include "base/format.h"
#include "nn/layers/activation.h"

namespace ludus::nn {
namespace {

constexpr Activation kActivation = Activation::kRelu;  // as published, whatever the activation of the MLP

// Encodes integers (n x count) as (n x count * classes) of 0 and 1.
at::Tensor one_hot(const at::Tensor& numbers, const FeaturePart& part) {
  const at::Tensor index = (numbers - static_cast<double>(part.start)).to(at::kLong);
  return at::one_hot(index, part.classes).to(numbers.scalar_type()).flatten(1);
}

}  // namespace

ImageEncoder::ImageEncoder(const FeaturePart& part, std::int64_t outputs, Initialisation initialisation,
                           at::Generator& generator)
    : part_(part) {
  const double gain = std::sqrt(2.0);
  Shape shape{part.frames * part.channels, part.height, part.width};
  for (const auto& [kernels, size, stride] : kImageConvolutions) {
    const Conv2dOptions options{.in_channels = shape[0],
                                .out_channels = kernels,
                                .kernel_size = size,
                                .stride = stride,
                                .initialisation = initialisation,
                                .gain = gain};
    convolutions_.push_back(
        register_module("conv" + std::to_string(convolutions_.size()), std::make_shared<Conv2d>(options, generator)));
    shape = options.output_shape(shape);
  }
  const LinearOptions options{.inputs = static_cast<std::int64_t>(shape.elements()),
                              .outputs = outputs,
                              .initialisation = initialisation,
                              .gain = gain};
  dense_ = register_module("dense", std::make_shared<Linear>(options, generator));
}

at::Tensor ImageEncoder::conv_forward(const at::Tensor& planes) const {
  at::Tensor x = planes;
  for (const auto& convolution : convolutions_) x = activate(convolution->forward(x), kActivation);
  return x;
}

at::Tensor ImageEncoder::forward(const at::Tensor& pixels) const {
  // (n, frames, height, width, channels) → (n, frames * channels, height, width)
  const at::Tensor planes = pixels.reshape({pixels.size(0), part_.frames, part_.height, part_.width, part_.channels})
                                .permute({0, 1, 4, 2, 3})
                                .reshape({pixels.size(0), part_.frames * part_.channels, part_.height, part_.width})
                                .div(255.0);
  return activate(dense_->forward(conv_forward(planes).flatten(1)), kActivation);
}

FeatureExtractor::FeatureExtractor(const FeatureOptions& options, Initialisation initialisation,
                                   at::Generator& generator)
    : options_(options) {
  options_.validate();
  const auto images = std::make_shared<torch::nn::Module>();
  for (const FeaturePart& part : options_.parts) {
    if (part.kind != FeaturePart::Kind::kImage) continue;
    images_.push_back(images->register_module(
        std::to_string(images_.size()),
        std::make_shared<ImageEncoder>(part, options_.image_outputs(), initialisation, generator)));
  }
  if (!images_.empty()) register_module("images", images);
}

at::Tensor FeatureExtractor::forward(const at::Tensor& rows) const {
  if (rows.dim() != 2 || rows.size(1) != options_.row_size()) {
    throw InvalidArgument(formatted("feature extractor: the input must have shape (n, {}), got {}", options_.row_size(),
                                    c10::str(rows.sizes())));
  }
  if (options_.is_plain()) return rows;

  std::vector<at::Tensor> features;
  std::int64_t offset = 0;
  std::size_t image = 0;
  for (const FeaturePart& part : options_.parts) {
    const at::Tensor columns = rows.narrow(1, offset, part.count);
    offset += part.count;
    switch (part.kind) {
      case FeaturePart::Kind::kNumbers: features.push_back(columns); break;
      case FeaturePart::Kind::kOneHot: features.push_back(one_hot(columns, part)); break;
      case FeaturePart::Kind::kImage: features.push_back(images_[image++]->forward(columns)); break;
    }
  }
  return features.size() == 1 ? features[0] : at::cat(features, 1);
}

}  // namespace ludus::nn
