#include "nn/vision/transfer/feature_network.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/format.h"
#include "base/text.h"
#include "nn/model/formats.h"
#include "nn/vision/zoo/zoo.h"

namespace ludus::vision {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifestFile = "manifest.json";  // beside the model of a run

void check_input(const ImageNetwork& network) {
  const ludus::Shape image{network.manifest.channels(), network.manifest.size[0], network.manifest.size[1]};
  const std::vector<nn::InputSpec>& inputs = network.description.inputs;
  if (inputs.size() == 1 && inputs.front().shape == image) return;
  throw InvalidArgument(formatted(
      "network \"{}\" must have one input of the manifest's shape {}, got {}; change one of them", network.name,
      nn::to_text(image), inputs.size() == 1 ? nn::to_text(inputs.front().shape) : formatted("{}", inputs.size())));
}

// Index of each node by its name; inputs of the network have none.
std::map<std::string, std::size_t, std::less<>> indices_of(const nn::Description& network) {
  std::map<std::string, std::size_t, std::less<>> indices;
  for (std::size_t i = 0; i < network.nodes.size(); ++i) indices.emplace(network.nodes[i].name, i);
  return indices;
}

// Which nodes the values of these names depend on.
std::vector<bool> needed_for(const nn::Description& network, const std::string& name) {
  const auto indices = indices_of(network);
  std::vector<bool> needed(network.nodes.size(), false);
  if (const auto at = indices.find(name); at != indices.end()) needed[at->second] = true;
  for (std::size_t i = network.nodes.size(); i-- > 0;) {
    if (!needed[i]) continue;
    for (const std::string& input : network.nodes[i].inputs) {
      if (const auto at = indices.find(input); at != indices.end()) needed[at->second] = true;
    }
  }
  return needed;
}

// The input of the last layer with parameters that the first output depends on, dropout left out.
std::string bottleneck_of(const nn::Description& network) {
  const std::vector<bool> needed = needed_for(network, network.outputs.front());
  std::size_t last = network.nodes.size();
  for (const nn::NetworkParameter& parameter : nn::network_parameters(network)) {
    if (needed[parameter.node]) last = parameter.node;
  }
  if (last == network.nodes.size()) {
    throw InvalidArgument(formatted("network \"{}\" must have a layer with parameters, got none", network.name));
  }
  std::string features = network.nodes[last].inputs.front();
  const auto indices = indices_of(network);
  for (auto at = indices.find(features); at != indices.end(); at = indices.find(features)) {
    if (!std::holds_alternative<nn::layers::Dropout>(network.nodes[at->second].layer)) break;
    features = network.nodes[at->second].inputs.front();
  }
  return features;
}

// `name`, or with the first number that no node or input has.
std::string free_name(const nn::Description& network, const std::string& name) {
  std::set<std::string> taken;
  for (const nn::InputSpec& input : network.inputs) taken.insert(input.name);
  for (const nn::Node& node : network.nodes) taken.insert(node.name);
  std::string candidate = name;
  for (int number = 1; taken.contains(candidate); ++number) candidate = formatted("{}_{}", name, number);
  return candidate;
}

}  // namespace

ImageNetwork read_image_network(const std::string& model, const std::string& weights, const std::string& manifest) {
  ImageNetwork network{.name = model, .description = {}, .manifest = {}, .weights = weights};
  const bool is_description = fs::path(model).extension() == ".json";
  const bool is_model = fs::is_directory(model) || fs::path(model).extension() == ".safetensors";
  if (is_description || is_model) {
    network.description = nn::read_description(model);
    fs::path file = manifest;
    if (is_model) {
      const fs::path stored = nn::model_path(model);
      if (weights.empty()) network.weights = stored;
      if (manifest.empty()) file = stored.parent_path() / kManifestFile;
    }
    if (file.empty()) {
      throw InvalidArgument(
          formatted("{}: a network in a file needs its preprocessing and labels; name them with --manifest", model));
    }
    network.manifest = load_manifest(file);
  } else {
    const zoo::Entry& entry = zoo::zoo_entry(model);
    network.description = entry.describe();
    network.manifest = manifest.empty() ? entry.manifest() : load_manifest(manifest);
  }
  check_input(network);
  return network;
}

FeatureNetwork feature_network(const nn::Description& network, const std::string& layer) {
  if (!layer.empty()) network.node(layer);
  FeatureNetwork features;
  features.layer = layer.empty() ? bottleneck_of(network) : layer;
  const std::vector<bool> needed = needed_for(network, features.layer);
  features.description = {.name = network.name, .inputs = network.inputs};
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    if (needed[i]) features.description.nodes.push_back(network.nodes[i]);
  }
  features.description.outputs = {features.layer};

  ludus::Shape shape = nn::output_shapes(features.description).front();
  if (shape.rank() > 1) {
    // (channels, height, width): the mean over space; anything else as it is
    const std::string name = free_name(features.description, "features");
    const nn::Layer last =
        shape.rank() == 3 ? nn::Layer(nn::layers::GlobalAveragePool{}) : nn::Layer(nn::layers::Flatten{});
    features.description.outputs = {features.description.add(last, {features.layer}, name)};
    shape = nn::output_shapes(features.description).front();
  }
  features.width = shape[0];
  return features;
}

HeadedNetwork with_head(const FeatureNetwork& features, std::int64_t classes, double dropout) {
  HeadedNetwork network{.description = features.description, .head = {}};
  std::string x = network.description.add(nn::layers::LayerNorm{.affine = false}, network.description.outputs,
                                          free_name(network.description, "head_norm"));
  if (dropout > 0) {
    x = network.description.add(nn::layers::Dropout{.rate = dropout}, {x},
                                free_name(network.description, "head_dropout"));
  }
  network.head =
      network.description.add(nn::layers::Dense{.units = classes}, {x}, free_name(network.description, "new_head"));
  network.description.outputs = {network.head};
  return network;
}

std::vector<std::string> last_layers(const nn::Description& network, std::int64_t count) {
  std::vector<bool> has_parameters(network.nodes.size(), false), has_weights(network.nodes.size(), false);
  for (const nn::NetworkParameter& parameter : nn::network_parameters(network)) {
    if (parameter.spec.buffer) continue;
    has_parameters[parameter.node] = true;
    if (parameter.spec.shape.rank() >= 2) has_weights[parameter.node] = true;
  }
  // the convolution or dense layer that a node computes or normalises, counted from 1; 0: none
  const auto indices = indices_of(network);
  std::vector<std::int64_t> layer_of(network.nodes.size(), 0);
  std::int64_t layers = 0;
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    if (has_weights[i]) {
      layer_of[i] = ++layers;
      continue;
    }
    const auto before = indices.find(network.nodes[i].inputs.front());
    if (before != indices.end()) layer_of[i] = layer_of[before->second];
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    if (has_parameters[i] && (count >= layers || layer_of[i] > layers - count)) {
      names.push_back(network.nodes[i].name);
    }
  }
  return names;
}

}  // namespace ludus::vision
