/// @file
/// The complete configuration of a style transfer, sufficient to repeat it. Saved as config.toml in the run folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "nn/model/description.h"
#include "nn/training/learning_rate.h"
#include "nn/training/optimizer_options.h"
#include "nn/vision/transforms.h"

namespace ludus::vision {

/// The options of a style transfer. A line in `fields` is an option of `ludus style` (--content-weight), and the key in
/// [style] of config.toml and of --set (content_weight).
struct StyleSettings {
  std::string content = "";
  std::string style = "";
  std::string network = "squeezenet1_1_caffe";
  std::string weights = "";
  std::int64_t size = 512;
  std::vector<std::string> content_layers = {};
  std::vector<std::string> style_layers = {};
  std::vector<double> content_layer_weights = {};
  std::vector<double> style_layer_weights = {};
  double content_weight = 0.01;
  double style_weight = 1.0;
  double total_variation = 0.0;
  std::string pooling = "network";
  std::string start = "mix";
  double noise = 0.6;
  std::int64_t steps = 300;
  std::int64_t image_every = 20;
  std::int64_t keep_checkpoints = 3;
  std::int64_t threads = 1;
  std::string device = "auto";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("content", self.content, "photograph whose content is kept");
    visit("style", self.style, "image whose style is transferred");
    visit("network", self.network, "network of the zoo whose features are compared (default: squeezenet1_1_caffe)");
    visit("weights", self.weights, "its weights: safetensors, or .mat of MatConvNet for vgg19_features");
    visit("size", self.size, between(16, 8192), "longer side of the result, in pixels (default: 512)");
    visit("content_layers", self.content_layers, "layers for the content (default: those of the network)");
    visit("style_layers", self.style_layers, "layers for the style (default: those of the network)");
    visit("content_layer_weights", self.content_layer_weights,
          "a weight for each content layer (default: those of the network; 1 for layers that are set)");
    visit("style_layer_weights", self.style_layer_weights,
          "a weight for each style layer (default: those of the network; 1 for layers that are set)");
    visit("content_weight", self.content_weight, between(0, 1e12), "weight of the content loss (default: 0.01)");
    visit("style_weight", self.style_weight, between(0, 1e12), "weight of the style loss (default: 1)");
    visit("total_variation", self.total_variation, between(0, 1e12),
          "weight of the mean squared difference of neighbouring pixels (default: 0)");
    visit("pooling", self.pooling, one_of("network", "max", "average"),
          "pooling layers: those of the network, or all of this kind (default: network)");
    visit("start", self.start, one_of("content", "noise", "mix"), "image at the start (default: mix)");
    visit("noise", self.noise, between(0, 1), "share of noise in a mix (default: 0.6)");
    visit("steps", self.steps, between(1, 1'000'000), "steps of the optimiser (default: 300)");
    visit("image_every", self.image_every, at_least(1), "steps between images and checkpoints (default: 20)");
    visit("keep_checkpoints", self.keep_checkpoints, at_least(1), "number of newest checkpoints to keep (default: 3)");
    visit("threads", self.threads, between(1, 1024), "threads of an operation (default: 1)");
    visit("device", self.device, "auto, cpu or cuda");
  }
};

/// The learning rate of Adam and its like: 2 of the 255 levels of a pixel.
inline constexpr double kPixelLearningRate = 2.0 / 255;

struct StyleConfig {
  std::uint64_t seed = 0;
  StyleSettings style;
  nn::OptimizerOptions optimizer = {.name = "lbfgs"};
  nn::LearningRate learning_rate = {.initial = 1.0};

  template <class Self, class Visit>
  static void tables(Self& self, Visit&& visit) {
    visit("style", self.style);
    visit("optimizer", self.optimizer);
    visit("learning_rate", self.learning_rate);
  }

  /// Sets one setting: "steps" of [style], "optimizer.name". Choosing an optimiser also sets its default learning rate
  /// (kPixelLearningRate; 1 for lbfgs), unless another one was set. Throws UnknownField with a suggestion,
  /// InvalidArgument or TypeMismatch.
  void set(std::string_view key, const Value& value);
  /// Sets everything that a TOML text names, as in config.toml, and the learning rate likewise. `name` is used in
  /// messages.
  void set_from_toml(std::string_view text, const std::string& name);

  /// Checks all ranges, and that something is to be minimised. Throws InvalidArgument.
  void check() const;

  std::string to_toml() const;
  static StyleConfig from_toml(std::string_view text, const std::string& name);
};

/// The network of a style transfer as data.
struct StyleNetwork {
  nn::Description description;  ///< from the image to the layers, contents first, for images of the size
  Manifest manifest;            ///< how intensities become its input
  std::vector<double> content_weights, style_weights;
};

/// Returns the network of the configuration up to its layers, for images of this size, with the pooling that is set.
/// `channels`: of the blocks of vgg19_features; empty: the published ones. Throws InvalidArgument for a network or
/// layers that do not exist, for weights of layers that do not fit, and for images that are too small.
StyleNetwork style_network(const StyleConfig& config, ImageSize size, const std::vector<std::int64_t>& channels = {});

}  // namespace ludus::vision
