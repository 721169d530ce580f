#include "nn/model/description.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/fields.h"
#include "base/file.h"
#include "base/format.h"
#include "base/value_io.h"

namespace ludus::nn {
namespace {

// A description of more parameters is a mistake: 2^40 floats are 4 TiB.
constexpr std::int64_t kMaxParameters = std::int64_t{1} << 40;

std::string label(const Node& node) {
  return formatted("layer \"{}\" ({})", node.name, kind_of(node.layer));
}

void check_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  };
  if (name.empty() || name.size() > 200 || !std::all_of(name.begin(), name.end(), allowed)) {
    throw InvalidArgument(formatted(
        "the name of an input or layer must be 1 to 200 letters, digits, \"_\", \"-\" and \".\", got \"{}\"", name));
  }
}

std::int64_t checked_elements(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent != 0 && count > kMaxParameters / extent) {
      throw InvalidArgument(
          formatted("a parameter must have at most {} elements, got shape {}", kMaxParameters, shape.to_string()));
    }
    count *= extent;
  }
  return count;
}

// The weights that a penalty applies to: those of two or more dimensions, which leaves out biases and scales.
bool has_penalised_weight(const std::vector<ParameterSpec>& specs) {
  return std::any_of(specs.begin(), specs.end(),
                     [](const ParameterSpec& spec) { return !spec.buffer && spec.shape.rank() >= 2; });
}

// ---- JSON ----------------------------------------------------------------------------------------------------------

// Throws unless `dict` has known keys only.
void check_keys(const Dict& dict, std::span<const std::string> known, std::string_view owner) {
  for (const auto& [key, value] : dict) {
    if (std::find(known.begin(), known.end(), key) == known.end()) throw_unknown_field(owner, key, known);
  }
}

// Reads an optional entry into `field`.
template <class T>
void read_entry(const Dict& dict, std::string_view key, T& field, std::string_view owner) {
  const Value* value = dict.find(key);
  if (!value) return;
  try {
    read_field(*value, field);
  } catch (const InputError& error) {
    throw_bad_field(owner, key, error.what());
  }
}

const Value& required(const Dict& dict, std::string_view key, std::string_view owner) {
  const Value* value = dict.find(key);
  if (!value) throw InvalidArgument(formatted("{}: \"{}\" is missing", owner, key));
  return *value;
}

List extents_to_list(const Shape& shape) {
  List list;
  for (const std::int64_t extent : shape) list.emplace_back(extent == kFree ? std::int64_t{-1} : extent);
  return list;
}

Shape shape_from_value(const Value& value) {
  std::vector<std::int64_t> extents;
  for (const Value& extent : value.as_list()) {
    extents.push_back(extent.as_int());
    if (extents.back() != -1) layers::check_range("each extent of a shape", extents.back(), 1);
    if (extents.back() == -1) extents.back() = kFree;
  }
  return layers::make_shape(extents);
}

InputSpec input_from_value(const Value& value) {
  static const std::vector<std::string> kKeys{"name", "shape", "dtype"};
  const Dict& dict = value.as_dict();
  InputSpec input;
  check_keys(dict, kKeys, "an input");
  read_entry(dict, "name", input.name, "an input");
  const std::string owner = formatted("input \"{}\"", input.name);
  const Value& shape = required(dict, "shape", owner);
  try {
    input.shape = shape_from_value(shape);
    if (const Value* dtype = dict.find("dtype")) input.dtype = dtype_of(dtype->as_string());
  } catch (Error& error) {
    error.prepend(owner);
    throw;
  }
  return input;
}

Value node_to_value(const Node& node) {
  Dict dict{{"kind", Value(kind_of(node.layer))}, {"name", node.name}, {"inputs", ludus::show_field(node.inputs)}};
  for (auto& [key, value] : layer_fields(node.layer)) dict[key] = value;
  if (node.l1 != 0.0) dict["l1"] = node.l1;
  if (node.l2 != 0.0) dict["l2"] = node.l2;
  return dict;
}

// Appends the node to `description`, which names it and finds its input where the JSON does not.
void add_node(Description& description, const Value& value, std::size_t index) {
  const std::string place = formatted("layer {}", index + 1);
  Dict settings = value.as_dict();
  std::string kind, name;
  std::vector<std::string> inputs;
  double l1 = 0.0, l2 = 0.0;
  required(settings, "kind", place);
  read_entry(settings, "kind", kind, place);
  Layer layer = make_layer(kind);
  read_entry(settings, "name", name, place);
  const std::string owner =
      name.empty() ? formatted("{} ({})", place, kind) : formatted("layer \"{}\" ({})", name, kind);
  read_entry(settings, "inputs", inputs, owner);
  read_entry(settings, "l1", l1, owner);
  read_entry(settings, "l2", l2, owner);
  for (const char* key : {"kind", "name", "inputs", "l1", "l2"}) settings.erase(key);
  set_layer_fields(layer, settings, owner);
  description.add(std::move(layer), std::move(inputs), std::move(name));
  description.nodes.back().l1 = l1;
  description.nodes.back().l2 = l2;
}

}  // namespace

std::string Description::add_input(std::string input_name, Shape shape, DType dtype) {
  inputs.push_back({.name = std::move(input_name), .shape = shape, .dtype = dtype});
  return inputs.back().name;
}

std::string Description::add(Layer layer, std::vector<std::string> from, std::string node_name) {
  if (node_name.empty()) {
    const auto taken = [&](const std::string& candidate) {
      return std::any_of(nodes.begin(), nodes.end(), [&](const Node& node) { return node.name == candidate; }) ||
             std::any_of(inputs.begin(), inputs.end(), [&](const InputSpec& input) { return input.name == candidate; });
    };
    node_name = kind_of(layer);
    for (int number = 1; taken(node_name); ++number) node_name = formatted("{}_{}", kind_of(layer), number);
  }
  if (from.empty()) {
    if (nodes.empty() && inputs.empty()) {
      throw InvalidArgument(formatted("layer \"{}\": the network has no input yet; add one first", node_name));
    }
    from = {nodes.empty() ? inputs.front().name : nodes.back().name};
  }
  nodes.push_back({.name = std::move(node_name), .layer = std::move(layer), .inputs = std::move(from)});
  return nodes.back().name;
}

const Node& Description::node(std::string_view node_name) const {
  std::vector<std::string> names;
  for (const Node& candidate : nodes) {
    if (candidate.name == node_name) return candidate;
    names.push_back(candidate.name);
  }
  throw InvalidArgument(
      formatted("network \"{}\" has no layer \"{}\".{}", name, node_name, did_you_mean(node_name, names)));
}

Description sequential(Shape input, std::vector<Layer> layers, std::string name) {
  Description description{.name = std::move(name)};
  description.add_input("input", input);
  for (Layer& layer : layers) description.add(std::move(layer));
  description.outputs = {description.nodes.empty() ? "input" : description.nodes.back().name};
  return description;
}

NetworkShapes network_shapes(const Description& description, std::span<const Shape> input_shapes) {
  if (description.inputs.empty()) throw InvalidArgument("a network must have an input; add one");
  if (description.outputs.empty()) throw InvalidArgument("a network must have an output; name one in outputs");
  if (!input_shapes.empty() && input_shapes.size() != description.inputs.size()) {
    throw InvalidArgument(formatted("network \"{}\" must get {} input shapes, got {}", description.name,
                                    description.inputs.size(), input_shapes.size()));
  }

  std::unordered_map<std::string, Shape> shapes;
  std::vector<std::string> names;
  const auto define = [&](const std::string& name, const Shape& shape) {
    check_name(name);
    if (!shapes.emplace(name, shape).second) {
      throw InvalidArgument(formatted("the name \"{}\" must be unique, and two inputs or layers have it", name));
    }
    names.push_back(name);
  };
  const auto look_up = [&](const std::string& name, const std::string& user) {
    const auto place = shapes.find(name);
    if (place == shapes.end()) {
      throw InvalidArgument(
          formatted("{}: \"{}\" must be an input or an earlier layer.{}", user, name, did_you_mean(name, names)));
    }
    return place->second;
  };

  for (std::size_t i = 0; i < description.inputs.size(); ++i) {
    const InputSpec& input = description.inputs[i];
    for (const std::int64_t extent : input_shapes.empty() ? input.shape : input_shapes[i]) {
      if (extent > kMaxExtent) {
        throw InvalidArgument(
            formatted("input \"{}\": each extent must be at most {}, got {}", input.name, kMaxExtent, extent));
      }
    }
    define(input.name, input_shapes.empty() ? input.shape : input_shapes[i]);
  }
  NetworkShapes result;
  for (const Node& node : description.nodes) {
    std::vector<Shape> inputs;
    for (const std::string& input : node.inputs) inputs.push_back(look_up(input, label(node)));
    Shape output;
    try {
      output = output_shape(node.layer, inputs);
      layers::check_range("l1", node.l1, 0.0, 1e6);
      layers::check_range("l2", node.l2, 0.0, 1e6);
      const std::vector<ParameterSpec> specs = parameters_of(node.layer, inputs);
      for (const ParameterSpec& spec : specs) checked_elements(spec.shape);
      if ((node.l1 > 0.0 || node.l2 > 0.0) && !has_penalised_weight(specs)) {
        throw InvalidArgument("l1 and l2 must be 0 for a layer without a weight of two or more dimensions");
      }
    } catch (Error& error) {
      error.prepend(label(node));
      throw;
    }
    define(node.name, output);
    result.nodes.push_back(output);
    result.node_inputs.push_back(std::move(inputs));
  }
  for (const std::string& output : description.outputs) {
    result.outputs.push_back(look_up(output, formatted("outputs of network \"{}\"", description.name)));
  }
  return result;
}

std::vector<Shape> output_shapes(const Description& description, std::span<const Shape> input_shapes) {
  return network_shapes(description, input_shapes).outputs;
}

std::vector<NetworkParameter> network_parameters(const Description& description) {
  const NetworkShapes shapes = network_shapes(description);
  std::vector<NetworkParameter> parameters;
  for (std::size_t i = 0; i < description.nodes.size(); ++i) {
    const Node& node = description.nodes[i];
    for (ParameterSpec& spec : parameters_of(node.layer, shapes.node_inputs[i])) {
      parameters.push_back({.name = node.name + "." + spec.name, .node = i, .spec = std::move(spec)});
    }
  }
  return parameters;
}

std::int64_t parameter_count(const Description& description) {
  std::int64_t count = 0;
  for (const NetworkParameter& parameter : network_parameters(description)) {
    if (!parameter.spec.buffer) count += checked_elements(parameter.spec.shape);
  }
  return count;
}

Value to_value(const Description& description) {
  List inputs, nodes;
  for (const InputSpec& input : description.inputs) {
    inputs.push_back(
        Dict{{"name", input.name}, {"shape", extents_to_list(input.shape)}, {"dtype", name_of(input.dtype)}});
  }
  for (const Node& node : description.nodes) nodes.push_back(node_to_value(node));
  return Dict{{"name", description.name},
              {"inputs", std::move(inputs)},
              {"layers", std::move(nodes)},
              {"outputs", ludus::show_field(description.outputs)}};
}

Description description_from_value(const Value& value) {
  static const std::vector<std::string> kKeys{"name", "inputs", "layers", "outputs"};
  const std::string owner = "the description of a network";
  if (!value.is_dict()) {
    throw TypeMismatch(formatted("{} must be a JSON object with inputs and layers, got {}", owner, value.describe()));
  }
  const Dict& dict = value.as_dict();
  check_keys(dict, kKeys, owner);
  Description description;
  read_entry(dict, "name", description.name, owner);
  try {
    for (const Value& input : required(dict, "inputs", owner).as_list()) {
      description.inputs.push_back(input_from_value(input));
    }
    const List& nodes = required(dict, "layers", owner).as_list();
    for (std::size_t i = 0; i < nodes.size(); ++i) add_node(description, nodes[i], i);
  } catch (TypeMismatch& error) {
    error.prepend(owner);
    throw;
  }
  read_entry(dict, "outputs", description.outputs, owner);
  if (!dict.contains("outputs") && !description.nodes.empty()) description.outputs = {description.nodes.back().name};
  network_shapes(description);
  return description;
}

std::string to_json(const Description& description) {
  return ludus::to_json(to_value(description), 2);
}

Description description_from_json(std::string_view text) {
  return description_from_value(from_json(text));
}

void save_description(const std::filesystem::path& path, const Description& description) {
  write_atomically(path, to_json(description) + "\n");
}

Description load_description(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  try {
    return description_from_json(text);
  } catch (Error& error) {
    error.prepend(path.string());
    throw;
  }
}

}  // namespace ludus::nn
