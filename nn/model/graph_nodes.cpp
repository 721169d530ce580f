#include "nn/model/graph_nodes.h"

#include <algorithm>
#include <utility>

#include "base/value_io.h"

namespace ludus::nn {
namespace {

std::string scoped(std::string name) {
  std::replace(name.begin(), name.end(), '.', '/');
  return name;
}

std::vector<std::int64_t> batch_shape(const Shape& shape) {
  std::vector<std::int64_t> extents{-1};
  for (const std::int64_t extent : shape) extents.push_back(extent == kFree ? -1 : extent);
  return extents;
}

}  // namespace

std::vector<runs::GraphNode> graph_nodes(const Description& description) {
  const NetworkShapes shapes = network_shapes(description);
  std::vector<runs::GraphNode> nodes;
  for (const InputSpec& input : description.inputs) {
    nodes.push_back({.name = scoped(input.name),
                     .op = "Placeholder",
                     .output_shape = batch_shape(input.shape),
                     .attributes = {{"dtype", std::string(ludus::name_of(input.dtype))}}});
  }
  for (std::size_t n = 0; n < description.nodes.size(); ++n) {
    const Node& node = description.nodes[n];
    runs::GraphNode shown{.name = scoped(node.name),
                          .op = std::string(kind_of(node.layer)),
                          .output_shape = batch_shape(shapes.nodes[n])};
    for (const std::string& input : node.inputs) shown.inputs.push_back(scoped(input));
    for (const auto& [setting, value] : layer_fields(node.layer)) {
      shown.attributes.emplace_back(setting, value.is_string() ? value.as_string() : to_json(value));
    }
    nodes.push_back(std::move(shown));
  }
  return nodes;
}

}  // namespace ludus::nn
