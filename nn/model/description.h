// A network as data: layers, how they are connected, and the shapes of the inputs. It can be written, read, shown,
// compared and sent; nn/model/build.h makes a model of it. This header does not include torch.
//
//   Description mlp = sequential(Shape{4}, {layers::Dense{.units = 8, .activation = Activation::kRelu},
//                                           layers::Dense{.units = 2}});
//
//   Description heads{.name = "heads"};
//   const std::string image = heads.add_input("image", Shape{3, 128, 128});
//   const std::string features = heads.add(layers::GlobalAveragePool{}, {image});
//   heads.outputs = {heads.add(layers::Dense{.units = 4}, {features}, "weather"),
//                    heads.add(layers::Dense{.units = 13}, {features}, "ground")};
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nn/layers/layer.h"

namespace ludus::nn {

/// An input of a network.
struct InputSpec {
  std::string name = "input";
  Shape shape = {};               // of one example, without the batch; kFree extents are known with the data
  DType dtype = DType::kFloat32;  // kInt64 for indices

  friend bool operator==(const InputSpec&, const InputSpec&) = default;
};

/// A layer in its place.
struct Node {
  std::string name;  // of letters, digits, "_", "-" and "."; the prefix of its parameters' names
  Layer layer;
  std::vector<std::string> inputs;  // names of inputs and of earlier nodes
  double l1 = 0.0;                  // penalty l1 Σ |w| over the weights of the layer, biases excluded
  double l2 = 0.0;                  // penalty l2 Σ w² / 2 over the same weights

  friend bool operator==(const Node&, const Node&) = default;
};

struct Description {
  std::string name = "model";
  std::vector<InputSpec> inputs = {};
  std::vector<Node> nodes = {};           // every node after its inputs
  std::vector<std::string> outputs = {};  // names of nodes or inputs

  /// Appends an input and returns its name.
  std::string add_input(std::string input_name, Shape shape, DType dtype = DType::kFloat32);

  /// Appends a layer and returns its name: `node_name`, or the kind, numbered from the second on: "dense", "dense_1".
  /// Without `from`, its input is the previous layer, or the first input.
  std::string add(Layer layer, std::vector<std::string> from = {}, std::string node_name = "");

  /// Returns the node of this name. Throws InvalidArgument with a suggestion.
  const Node& node(std::string_view node_name) const;

  friend bool operator==(const Description&, const Description&) = default;
};

/// Returns a network in which every layer's input is the previous layer.
Description sequential(Shape input, std::vector<Layer> layers, std::string name = "model");

/// The shapes of a network, for one example.
struct NetworkShapes {
  std::vector<Shape> nodes;                     // output of every node
  std::vector<std::vector<Shape>> node_inputs;  // inputs of every node
  std::vector<Shape> outputs;                   // of the network
};

/// Computes all shapes. `input_shapes` take the place of the declared ones; empty: the declared ones. Throws
/// InvalidArgument for a description that is not valid (names, connections, settings, the number of shapes) and
/// ShapeMismatch naming the layer and both shapes.
NetworkShapes network_shapes(const Description& description, std::span<const Shape> input_shapes = {});

/// Returns the shapes of the outputs for one example.
std::vector<Shape> output_shapes(const Description& description, std::span<const Shape> input_shapes = {});

/// A parameter or buffer of a network, by its full name, such as "dense_1.weight".
struct NetworkParameter {
  std::string name;
  std::size_t node = 0;  // index of its node
  ParameterSpec spec;
};

/// Returns all parameters and buffers, node by node.
std::vector<NetworkParameter> network_parameters(const Description& description);

/// Returns the number of parameters, buffers not counted.
std::int64_t parameter_count(const Description& description);

/// Converts to JSON and back: {"name", "inputs": [{"name", "shape", "dtype"}], "layers": [{"kind", "name", "inputs",
/// and the settings of the kind}], "outputs"}. Reading, "name", the "inputs" of a layer (the previous layer), "outputs"
/// (the last layer), "dtype" (float32) and every setting may be left out. Throws InvalidArgument, UnknownField (with a
/// suggestion) or TypeMismatch, and FileError for text that is not JSON.
Value to_value(const Description& description);
Description description_from_value(const Value& value);
std::string to_json(const Description& description);
Description description_from_json(std::string_view text);

/// Write and read a description alone. Throw as write_atomically() and read_text(); load_description() names the file
/// in every message.
void save_description(const std::filesystem::path& path, const Description& description);
Description load_description(const std::filesystem::path& path);

}  // namespace ludus::nn
