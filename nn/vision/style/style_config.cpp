#include "nn/vision/style/style_config.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/format.h"
#include "base/text.h"
#include "nn/training/config_tables.h"
#include "nn/vision/zoo/vgg.h"
#include "nn/vision/zoo/zoo.h"
#include "runs/toml_values.h"

namespace ludus::vision {
namespace {

// [run]: what is recorded beside the settings.
struct RunFields {
  std::uint64_t seed = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("seed", self.seed, "random seed; text, since it may need 64 bits");
  }
};

// The layers of a network whose features are compared, and what their losses weigh.
struct Layers {
  std::vector<std::string> content, style;
  std::vector<double> content_weights, style_weights;
};

// Gatys, Ecker and Bethge 2016 take conv4_2 and the first convolution of each block of VGG19; the deeper weigh more.
const std::vector<double> kVggWeights{0.5, 1.0, 1.5, 3.0, 4.0};
// The features of SqueezeNet are larger, the more so in the middle: with these weights each style layer contributes
// about as much at the start, and content and style have the proportions that they have in VGG19.
// Those of torchvision are the weights of Stanford's CS231n, converted to the losses here.
const std::vector<double> kSqueezenetContent{4.0};
const std::vector<double> kSqueezenetStyle{2e-4, 6e-5, 3e-5, 3e-5, 1.3e-4};

const std::map<std::string, Layers, std::less<>>& default_layers() {
  static const std::map<std::string, Layers, std::less<>> layers{
      {"vgg19_features", {{"conv4_2"}, {"conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"}, {1.0}, kVggWeights}},
      {"vgg19",
       {{"features.21"},
        {"features.0", "features.5", "features.10", "features.19", "features.28"},
        {1.0},
        kVggWeights}},
      {"vgg16",
       {{"features.19"},
        {"features.0", "features.5", "features.10", "features.17", "features.24"},
        {1.0},
        kVggWeights}},
      {"squeezenet1_1",
       {{"features.3.concatenate"},
        {"features.0", "features.4.concatenate", "features.6.concatenate", "features.7.concatenate"},
        {5e6},
        {8e4, 2e3, 48.0, 4.0}}},
      {"squeezenet1_1_caffe",
       {{"fire4.concatenate"},
        {"conv1", "fire2.concatenate", "fire3.concatenate", "fire4.concatenate", "fire5.concatenate"},
        kSqueezenetContent,
        kSqueezenetStyle}}};
  return layers;
}

// The weights of the layers, 1 without any.
std::vector<double> weights_of(const std::vector<double>& weights, std::size_t count, std::string_view setting) {
  if (weights.empty()) return std::vector<double>(count, 1.0);
  if (weights.size() != count) {
    throw InvalidArgument(
        formatted("style: {} must have one weight for each of the {} layers, got {}", setting, count, weights.size()));
  }
  for (const double weight : weights) {
    if (weight >= 0 && std::isfinite(weight)) continue;
    throw InvalidArgument(formatted("style: {} must be finite and at least 0, got {}", setting, weight));
  }
  return weights;
}

// Throws, with all names, unless the network has that layer.
void require_layer(const nn::Description& network, std::string_view layer) {
  std::vector<std::string> names;
  for (const nn::Node& node : network.nodes) names.push_back(node.name);
  if (std::find(names.begin(), names.end(), layer) != names.end()) return;
  throw InvalidArgument(
      formatted("style: network {} has no layer \"{}\"; it has {}", network.name, layer, joined(names)));
}

// Only what the outputs need.
nn::Description up_to(const nn::Description& network, std::vector<std::string> outputs) {
  std::vector<std::string> needed = outputs;
  std::vector<nn::Node> kept;
  for (auto node = network.nodes.rbegin(); node != network.nodes.rend(); ++node) {
    if (std::find(needed.begin(), needed.end(), node->name) == needed.end()) continue;
    needed.insert(needed.end(), node->inputs.begin(), node->inputs.end());
    kept.push_back(*node);
  }
  nn::Description part{.name = network.name, .inputs = network.inputs};
  part.nodes.assign(kept.rbegin(), kept.rend());
  part.outputs = std::move(outputs);
  return part;
}

// Replaces the pools of other kinds. A window at the edge averages what lies inside the image, as its maximum does.
void set_pooling(nn::Description& network, std::string_view pooling) {
  using nn::layers::AveragePool2d;
  using nn::layers::MaxPool2d;
  for (nn::Node& node : network.nodes) {
    if (const auto* pool = std::get_if<MaxPool2d>(&node.layer); pool && pooling == "average") {
      node.layer = AveragePool2d{.kernel_size = pool->kernel_size,
                                 .stride = pool->stride,
                                 .padding = pool->padding,
                                 .ceil_mode = pool->ceil_mode,
                                 .count_include_pad = false};
    } else if (const auto* mean = std::get_if<AveragePool2d>(&node.layer); mean && pooling == "max") {
      node.layer = MaxPool2d{.kernel_size = mean->kernel_size,
                             .stride = mean->stride,
                             .padding = mean->padding,
                             .ceil_mode = mean->ceil_mode};
    }
  }
}

double default_learning_rate(std::string_view optimizer) {
  // L-BFGS finds the length of its steps itself
  return optimizer == nn::kLbfgs ? 1.0 : kPixelLearningRate;
}

// After settings have changed: the default learning rate follows the optimiser.
void follow_optimizer(StyleConfig& config, const std::string& previous) {
  if (config.learning_rate.initial != default_learning_rate(previous)) return;
  config.learning_rate.initial = default_learning_rate(config.optimizer.name);
}

}  // namespace

void StyleConfig::set(std::string_view key, const Value& value) {
  const std::string previous = optimizer.name;
  nn::set_setting(*this, key, value);
  if (key == "optimizer.name") follow_optimizer(*this, previous);
}

void StyleConfig::set_from_toml(std::string_view text, const std::string& name) {
  const Dict tables = runs::parse_toml(text, name);
  const std::string previous = optimizer.name;
  nn::set_tables(*this, tables, name, {"run"});
  const Value* rate = tables.find("learning_rate");
  if (!rate || !rate->as_dict().contains("initial")) follow_optimizer(*this, previous);
  if (const Value* entries = tables.find("run")) {
    RunFields run;
    assign_fields(run, entries->as_dict(), formatted("{}, [run]", name));
    seed = run.seed;
  }
}

void StyleConfig::check() const {
  nn::check_tables(*this);
  learning_rate.check();
  if (style.steps % style.image_every != 0) {
    throw InvalidArgument(formatted("style: steps must be a multiple of image_every, {}, got {}; set the other as well",
                                    style.image_every, style.steps));
  }
  if (style.content_weight == 0 && style.style_weight == 0 && style.total_variation == 0) {
    throw InvalidArgument("style: content_weight, style_weight or total_variation must be above 0, got 0 for all");
  }
}

std::string StyleConfig::to_toml() const {
  return nn::config_text(*this, RunFields{.seed = seed},
                         "a style transfer by ludus; resume it with `ludus style --resume` and this folder");
}

StyleConfig StyleConfig::from_toml(std::string_view text, const std::string& name) {
  return nn::read_config<StyleConfig>(text, name);
}

StyleNetwork style_network(const StyleConfig& config, ImageSize size, const std::vector<std::int64_t>& channels) {
  const StyleSettings& settings = config.style;
  StyleNetwork network;
  nn::Description whole;
  if (settings.network == "vgg19_features") {
    zoo::Vgg19FeaturesOptions options;
    if (!channels.empty()) std::copy(channels.begin(), channels.end(), options.channels.begin());
    whole = zoo::vgg19_features(options);
    network.manifest = {.scale = 255, .mean = {123.68, 116.779, 103.939}};
  } else {
    const zoo::Entry& entry = zoo::zoo_entry(settings.network);
    whole = entry.describe();
    network.manifest = entry.manifest();
  }
  whole.inputs[0].shape = {network.manifest.channels(), size.height, size.width};

  std::vector<std::string> content = settings.content_layers, style = settings.style_layers;
  std::vector<double> content_weights = settings.content_layer_weights, style_weights = settings.style_layer_weights;
  if (const auto place = default_layers().find(settings.network); place != default_layers().end()) {
    if (content.empty() && content_weights.empty()) content_weights = place->second.content_weights;
    if (style.empty() && style_weights.empty()) style_weights = place->second.style_weights;
    if (content.empty()) content = place->second.content;
    if (style.empty()) style = place->second.style;
  }
  if (content.empty() || style.empty()) {
    throw InvalidArgument(
        formatted("style: network {} has no default layers; set content_layers and style_layers", settings.network));
  }
  network.content_weights = weights_of(content_weights, content.size(), "content_layer_weights");
  network.style_weights = weights_of(style_weights, style.size(), "style_layer_weights");

  std::vector<std::string> outputs = content;
  outputs.insert(outputs.end(), style.begin(), style.end());
  for (const std::string& name : outputs) require_layer(whole, name);
  network.description = up_to(whole, outputs);
  set_pooling(network.description, settings.pooling);
  const nn::NetworkShapes shapes = nn::network_shapes(network.description);
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    if (shapes.outputs[k].rank() == 3) continue;
    throw InvalidArgument(formatted("style: a layer must have features (channels, height, width), got {} of layer {}",
                                    shapes.outputs[k].to_string(), outputs[k]));
  }
  return network;
}

}  // namespace ludus::vision
