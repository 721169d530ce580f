#include "nn/model/exported_policy.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/format.h"

namespace ludus::nn {
namespace {

// The shape of the input of the network for a part of an observation.
Shape input_shape(const FeaturePart& part) {
  switch (part.kind) {
    case FeaturePart::Kind::kNumbers: return {part.count};
    case FeaturePart::Kind::kOneHot: return {part.count * part.classes};
    case FeaturePart::Kind::kImage: return {part.frames * part.channels, part.height, part.width};
  }
  return {};
}

}  // namespace

std::size_t ActionDecoder::output_size() const {
  if (kind != Kind::kArgmax) return action_size();
  return static_cast<std::size_t>(std::accumulate(classes.begin(), classes.end(), std::int64_t{0}));
}

PolicyGraph::PolicyGraph(FeatureOptions features, const NamedArrays& state) : state_(&state) {
  policy_.features = std::move(features);
  policy_.network.name = "policy";
}

const Array& PolicyGraph::array(const std::string& name) const {
  const auto entry = std::find_if(state_->begin(), state_->end(), [&](const auto& e) { return e.first == name; });
  if (entry == state_->end()) throw InvalidArgument(formatted("policy graph: there is no parameter \"{}\"", name));
  return entry->second;
}

std::string PolicyGraph::layer_name(const std::string& prefix, std::size_t i) {
  return formatted("{}layers.{}", prefix, i);
}

std::size_t PolicyGraph::layer_count(const std::string& prefix) const {
  std::size_t count = 0;
  const auto has_layer = [&] {
    const std::string name = layer_name(prefix, count) + ".weight";
    return std::any_of(state_->begin(), state_->end(), [&](const auto& e) { return e.first == name; });
  };
  while (has_layer()) ++count;
  if (count == 0) throw InvalidArgument(formatted("policy graph: there is no layer \"{}layers.0\"", prefix));
  return count;
}

std::string PolicyGraph::add_features(const std::string& prefix) {
  const FeatureOptions& features = policy_.features;
  Description& network = policy_.network;
  if (features.is_plain()) return network.add_input("observation", Shape{features.row_size()});

  std::vector<std::string> nodes;
  std::size_t images = 0;
  for (std::size_t i = 0; i < features.parts.size(); ++i) {
    const FeaturePart& part = features.parts[i];
    std::string node = network.add_input(formatted("observation_{}", i), input_shape(part));
    if (part.kind == FeaturePart::Kind::kImage) node = add_image(formatted("{}images.{}.", prefix, images++), node);
    nodes.push_back(std::move(node));
  }
  return nodes.size() == 1 ? nodes[0] : network.add(layers::Concatenate{.axis = 0}, nodes);
}

std::string PolicyGraph::add_image(const std::string& prefix, const std::string& input) {
  std::string node = input;
  for (std::size_t i = 0; i < std::size(kImageConvolutions); ++i) {
    const auto& [kernels, size, stride] = kImageConvolutions[i];
    const std::string name = formatted("{}conv{}", prefix, i);
    node = policy_.network.add(
        layers::Conv2d{
            .out_channels = kernels, .kernel_size = {size}, .stride = {stride}, .activation = Activation::kRelu},
        {node}, name);
    policy_.parameters.emplace_back(name + ".weight", array(name + ".weight"));
    policy_.parameters.emplace_back(name + ".bias", array(name + ".bias"));
  }
  const std::string name = formatted("{}dense", prefix);
  return add_dense(name, array(name + ".weight"), array(name + ".bias"), Activation::kRelu,
                   add(layers::Flatten{}, {node}));
}

std::string PolicyGraph::add_mlp(const std::string& prefix, Activation activation, Activation output_activation,
                                 const std::string& input) {
  return add_mlp(prefix, activation, output_activation, input, [](Array&, Array&) {});
}

std::string PolicyGraph::add_dense(const std::string& name, Array weight, std::optional<Array> bias,
                                   Activation activation, const std::string& input) {
  const std::string node = policy_.network.add(
      layers::Dense{.units = weight.shape()[0], .bias = bias.has_value(), .activation = activation}, {input}, name);
  policy_.parameters.emplace_back(node + ".weight", std::move(weight));
  if (bias) policy_.parameters.emplace_back(node + ".bias", *std::move(bias));
  return node;
}

std::string PolicyGraph::add(Layer layer, std::vector<std::string> inputs) {
  return policy_.network.add(std::move(layer), std::move(inputs));
}

ExportedPolicy PolicyGraph::finish(const std::string& output, ActionDecoder action) {
  policy_.network.outputs = {output};
  policy_.action = std::move(action);
  return std::move(policy_);
}

ExportedPolicy table_policy(std::int64_t first_state, std::span<const std::int64_t> actions, std::int64_t first_action,
                            std::int64_t num_actions) {
  const auto states = static_cast<std::int64_t>(actions.size());
  Array weight(DType::kFloat32, Shape{num_actions, states});
  for (std::size_t s = 0; s < actions.size(); ++s) {
    const auto row = static_cast<std::size_t>(actions[s] - first_action);
    weight.data<float>()[row * actions.size() + s] = 1.0f;
  }
  const NamedArrays none;
  PolicyGraph graph(
      {.parts = {{.kind = FeaturePart::Kind::kOneHot, .count = 1, .classes = states, .start = first_state}}}, none);
  const std::string input = graph.add_features("");
  return graph.finish(graph.add_dense("table", std::move(weight), {}, Activation::kNone, input),
                      {.kind = ActionDecoder::Kind::kArgmax, .classes = {num_actions}, .start = {first_action}});
}

}  // namespace ludus::nn
