#include "nn/model/fold_batch_norm.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <type_traits>

#include "base/format.h"

namespace ludus::nn {
namespace {

using ArraysByName = std::map<std::string, Array>;

// The arrays of the network. The count of batches, which only training reads, may be missing. Throws InvalidArgument if
// another is missing or has another shape.
ArraysByName arrays_of(const Description& description, const NamedArrays& parameters) {
  const ArraysByName all(parameters.begin(), parameters.end());
  ArraysByName arrays;
  for (const NetworkParameter& parameter : network_parameters(description)) {
    const auto place = all.find(parameter.name);
    if (place == all.end() && parameter.name.ends_with(".num_batches_tracked")) {
      arrays.emplace(parameter.name, Array(parameter.spec.dtype, parameter.spec.shape));
      continue;
    }
    if (place == all.end()) {
      throw InvalidArgument(
          formatted("the array \"{}\" of network \"{}\" is missing", parameter.name, description.name));
    }
    if (!(place->second.shape() == parameter.spec.shape)) {
      throw InvalidArgument(formatted("the array \"{}\" of network \"{}\" must have shape {}, got {}", parameter.name,
                                      description.name, parameter.spec.shape.to_string(),
                                      place->second.shape().to_string()));
    }
    arrays.insert(*place);
  }
  return arrays;
}

template <class L>
constexpr bool kIsLinear =
    std::is_same_v<L, layers::Dense> || std::is_same_v<L, layers::Conv1d> || std::is_same_v<L, layers::Conv2d> ||
    std::is_same_v<L, layers::DepthwiseConv1d> || std::is_same_v<L, layers::DepthwiseConv2d>;

// Whether a layer computes w · u + b with the output channels first in w and in its output; then gives it a bias.
bool give_bias(Layer& layer, const Shape& output) {
  return std::visit(
      [&]<class L>(L& linear) {
        if constexpr (kIsLinear<L>) {
          if (linear.activation != Activation::kNone) return false;
          if (std::is_same_v<L, layers::Dense> && output.rank() != 1) return false;
          linear.bias = true;
          return true;
        } else {
          return false;
        }
      },
      layer);
}

// How many nodes read each node or input; outputs count, too.
std::map<std::string, int> count_readers(const Description& description) {
  std::map<std::string, int> readers;
  for (const Node& node : description.nodes) {
    for (const std::string& input : node.inputs) ++readers[input];
  }
  for (const std::string& output : description.outputs) ++readers[output];
  return readers;
}

// w ← γ / √(σ² + ε) w,   b ← γ / √(σ² + ε) (b - μ) + β
void fold_arrays(ArraysByName& arrays, const std::string& linear, const std::string& norm,
                 const layers::BatchNorm& options) {
  const Array mean = arrays.at(norm + ".running_mean"), variance = arrays.at(norm + ".running_var");
  Array& stored_weight = arrays.at(linear + ".weight");
  const DType dtype = stored_weight.dtype();
  Array weight = stored_weight.cast(DType::kFloat64);
  const std::size_t channels = mean.size(), row = weight.size() / channels;
  const auto stored_bias = arrays.find(linear + ".bias");
  Array bias(DType::kFloat64, Shape{static_cast<std::int64_t>(channels)});
  for (std::size_t c = 0; c < channels; ++c) {
    const double gamma = options.affine ? arrays.at(norm + ".weight").get(c) : 1.0;
    const double beta = options.affine ? arrays.at(norm + ".bias").get(c) : 0.0;
    const double scale = gamma / std::sqrt(variance.get(c) + options.epsilon);
    const double before = stored_bias == arrays.end() ? 0.0 : stored_bias->second.get(c);
    bias.data<double>()[c] = scale * (before - mean.get(c)) + beta;
    for (double& w : weight.data<double>().subspan(c * row, row)) w *= scale;
  }
  stored_weight = weight.cast(dtype);
  arrays[linear + ".bias"] = bias.cast(dtype);
}

}  // namespace

FoldedNetwork fold_batch_norm(const Description& description, const NamedArrays& parameters) {
  const NetworkShapes shapes = network_shapes(description);
  ArraysByName arrays = arrays_of(description, parameters);
  const std::map<std::string, int> readers = count_readers(description);
  const auto is_output = [&](const std::string& name) {
    return std::find(description.outputs.begin(), description.outputs.end(), name) != description.outputs.end();
  };

  FoldedNetwork result{.description = description};
  std::vector<Node>& nodes = result.description.nodes;
  nodes.clear();
  std::map<std::string, std::string> replaced;  // a folded node, and the node that computes its output
  std::map<std::string, std::size_t> places;    // of every node that stays
  for (std::size_t i = 0; i < description.nodes.size(); ++i) {
    Node node = description.nodes[i];
    for (std::string& input : node.inputs) {
      if (const auto place = replaced.find(input); place != replaced.end()) input = place->second;
    }
    const auto* norm = std::get_if<layers::BatchNorm>(&node.layer);
    if (norm && !is_output(node.name)) {
      const std::string& from = node.inputs.front();
      const auto place = places.find(from);
      // the layer before it has one reader, this node: the name is not that of an earlier folded node
      if (place != places.end() && description.nodes[i].inputs.front() == from && readers.at(from) == 1 &&
          give_bias(nodes[place->second].layer, shapes.nodes[i])) {
        fold_arrays(arrays, from, node.name, *norm);
        replaced[node.name] = from;
        result.folded.push_back(node.name);
        continue;
      }
    }
    places[node.name] = nodes.size();
    nodes.push_back(std::move(node));
  }
  for (const NetworkParameter& parameter : network_parameters(result.description)) {
    result.parameters.emplace_back(parameter.name, arrays.at(parameter.name));
  }
  return result;
}

}  // namespace ludus::nn
