/// @file
/// A network with weights and manifest that classifies images. This header does not include torch.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nn/core/device.h"
#include "nn/model/description.h"
#include "nn/vision/transforms.h"

namespace ludus::vision::zoo {

/// A class that a network names for an image.
struct Prediction {
  std::int64_t index = 0;
  std::string label;  // of the manifest; "" without labels
  double probability = 0.0;
};

class Classifier {
 public:
  /// Builds the network and loads its weights, float16 widened to float32. Throws InvalidArgument if the network does
  /// not take one image of the manifest's size or its first output is not a vector of classes, as many as there are
  /// labels; CorruptCheckpoint naming the file if arrays are missing or have another shape; and as nn::restore().
  Classifier(nn::Description description, Manifest manifest, const std::filesystem::path& weights,
             const nn::Device& device = {});
  ~Classifier();
  Classifier(Classifier&&) noexcept;
  Classifier& operator=(Classifier&&) noexcept;

  const Manifest& manifest() const { return manifest_; }
  std::int64_t classes() const { return classes_; }
  /// Returns the names of the arrays of the file that the network does not have.
  const std::vector<std::string>& unused_weights() const { return unused_weights_; }

  /// Returns what the network computes for inputs of shape (N, channels, height, width), made by preprocess(): float32
  /// of shape (N, classes). Throws nn::ShapeMismatch for another shape.
  Array forward(const Array& inputs);
  /// Returns forward() as probabilities: its softmax, unless the manifest says that the output is probabilities.
  Array probabilities(const Array& inputs);

  /// Returns the `top` most probable classes of an image, the most probable first. Throws as preprocess(), and
  /// InvalidArgument unless 1 <= top <= classes() and the outputs are finite.
  std::vector<Prediction> classify(const Array& image, std::int64_t top);

 private:
  struct Network;
  Manifest manifest_;
  std::int64_t classes_ = 0;
  std::vector<std::string> unused_weights_;
  std::unique_ptr<Network> network_;
};

/// Returns the `top` largest of the probabilities with their labels, the largest first, equal ones by index.
std::vector<Prediction> best_of(std::span<const float> probabilities, std::int64_t top, const Manifest& manifest);

}  // namespace ludus::vision::zoo
