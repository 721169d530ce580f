#include "nn/vision/zoo/classifier.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/format.h"
#include "nn/core/tensor_io.h"
#include "nn/core/torch_compat.h"
#include "nn/vision/zoo/published_weights.h"

namespace ludus::vision::zoo {

struct Classifier::Network {
  nn::Model model;
  at::Device device;
};

Classifier::Classifier(nn::Description description, Manifest manifest, const std::filesystem::path& weights,
                       const nn::Device& device)
    : manifest_(checked(manifest, "manifest")) {
  const ludus::Shape input{manifest_.channels(), manifest_.size[0], manifest_.size[1]};
  if (description.inputs.size() != 1 || !(description.inputs.front().shape == input)) {
    throw InvalidArgument(
        formatted("network \"{}\" must have one input of the manifest's shape {}, got {}; change one of "
                  "them",
                  description.name, nn::to_text(input),
                  description.inputs.size() == 1 ? nn::to_text(description.inputs.front().shape)
                                                 : formatted("{}", description.inputs.size())));
  }
  // an auxiliary classifier, which only training uses, is a second output
  const ludus::Shape output = nn::output_shapes(description).front();
  if (output.rank() != 1) {
    throw InvalidArgument(formatted("the first output of network \"{}\" must be a vector of classes, got shape {}",
                                    description.name, nn::to_text(output)));
  }
  classes_ = output[0];
  if (!manifest_.labels.empty() && static_cast<std::int64_t>(manifest_.labels.size()) != classes_) {
    throw InvalidArgument(formatted("network \"{}\" has {} classes and the manifest {} labels; give one for each class",
                                    description.name, classes_, manifest_.labels.size()));
  }
  Generator random(0);  // its numbers are replaced
  network_ = std::make_unique<Network>(
      Network{nn::Model(std::move(description), random, {.device = device}), nn::to_torch(device)});
  unused_weights_ = load_published_weights(network_->model, weights, network_->model.description().name);
}

Classifier::~Classifier() = default;
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&&) noexcept = default;

Array Classifier::forward(const Array& inputs) {
  return nn::to_array(network_->model.predict(at::TensorList{nn::to_tensor(inputs).to(network_->device)}).front());
}

Array Classifier::probabilities(const Array& inputs) {
  Array outputs = forward(inputs);
  if (manifest_.output == "probabilities") return outputs;
  const at::Tensor probabilities = at::softmax(nn::to_tensor(outputs).to(at::kDouble), -1);
  return nn::to_array(probabilities.to(at::kFloat));
}

std::vector<Prediction> Classifier::classify(const Array& image, std::int64_t top) {
  if (top < 1 || top > classes_) {
    throw InvalidArgument(formatted("the number of best classes must be between 1 and {}, got {}", classes_, top));
  }
  const Array images[] = {image};
  const Array outputs = probabilities(preprocess(images, manifest_));
  const auto values = outputs.data<float>();
  if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
    throw InvalidArgument(formatted(
        "the outputs of network \"{}\" must be finite, got NaN or infinity; check its weights and its manifest",
        network_->model.description().name));
  }
  return best_of(values, top, manifest_);
}

std::vector<Prediction> best_of(std::span<const float> probabilities, std::int64_t top, const Manifest& manifest) {
  std::vector<std::int64_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), 0);
  const auto value = [&](std::int64_t i) { return probabilities[static_cast<std::size_t>(i)]; };
  const auto count = std::min<std::ptrdiff_t>(top, static_cast<std::ptrdiff_t>(order.size()));
  std::partial_sort(order.begin(), order.begin() + count, order.end(), [&](std::int64_t a, std::int64_t b) {
    return value(a) > value(b) || (value(a) == value(b) && a < b);
  });
  std::vector<Prediction> best;
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const std::int64_t index = order[static_cast<std::size_t>(i)];
    best.push_back(
        {.index = index, .label = manifest.label_of(index), .probability = static_cast<double>(value(index))});
  }
  return best;
}

}  // namespace ludus::vision::zoo
