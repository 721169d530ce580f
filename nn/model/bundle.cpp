#include "nn/model/bundle.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/fields.h"
#include "base/format.h"
#include "base/safetensors.h"
#include "base/value_io.h"

namespace ludus::nn {
namespace {

constexpr std::int64_t kVersion = 1;
// A network whose layers deliver more numbers for one example is a mistake, or meant to exhaust the memory.
constexpr std::int64_t kMaxActivations = std::int64_t{1} << 34;

constexpr std::string_view kOutputKinds[] = {"numbers", "classes", "labels"};
constexpr std::string_view kMethods[] = {"predict", "classify", "regress"};

template <class E, std::size_t N>
E enumerator_of(std::string_view name, const std::string_view (&names)[N], std::string_view what) {
  const auto place = std::find(std::begin(names), std::end(names), name);
  if (place == std::end(names)) {
    const std::vector<std::string> all(std::begin(names), std::end(names));
    throw InvalidArgument(
        formatted("{} must be one of {}, got \"{}\".{}", what, joined(all), name, did_you_mean(name, all)));
  }
  return static_cast<E>(place - std::begin(names));
}

// The number of elements, nothing if an extent is free.
std::optional<std::int64_t> known_elements(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent == kFree) return {};
    if (count > kMaxActivations / extent) return kMaxActivations + 1;
    count *= extent;
  }
  return count;
}

void check_numbers(const std::vector<double>& numbers, const InputSpec& input, const char* what, bool may_be_zero) {
  const std::optional<std::int64_t> elements = known_elements(input.shape);
  const auto count = static_cast<std::int64_t>(numbers.size());
  const bool is_by_channel = elements && input.shape.rank() > 1 && count == input.shape[0];
  if (count > 1 && !is_by_channel && (!elements || *elements != count)) {
    throw InvalidArgument(
        formatted("input \"{}\": {} must have one number, {}or one for each element of shape {}, got {}", input.name,
                  what, input.shape.rank() > 1 ? "one for each channel, " : "", to_text(input.shape), numbers.size()));
  }
  for (const double number : numbers) {
    if (!std::isfinite(number) || (!may_be_zero && number == 0)) {
      throw InvalidArgument(formatted("input \"{}\": each {} must be a finite number{}, got {}", input.name, what,
                                      may_be_zero ? "" : " other than 0", number));
    }
  }
}

void check_output(const OutputInterface& output, const std::string& name, const Shape& shape) {
  if (output.kind == OutputKind::kNumbers) {
    if (!output.labels.empty()) {
      throw InvalidArgument(
          formatted("output \"{}\": labels must be left out for numbers, got {}", name, output.labels.size()));
    }
    return;
  }
  if (shape.rank() == 0) {
    throw InvalidArgument(
        formatted("output \"{}\": {} must be along a dimension, got shape ()", name, name_of(output.kind)));
  }
  if (!output.labels.empty() && static_cast<std::int64_t>(output.labels.size()) != shape[0]) {
    throw InvalidArgument(formatted("output \"{}\": labels must be {}, one for each of shape {}, got {}", name,
                                    shape[0], to_text(shape), output.labels.size()));
  }
}

void check_signature(const Signature& signature, const Description& description, const ModelInterface& interface) {
  const std::string owner = formatted("signature \"{}\"", signature.name);
  if (signature.name.empty()) throw InvalidArgument("a signature must have a name, got none");
  std::vector<std::string> inputs;
  for (const InputSpec& input : description.inputs) inputs.push_back(input.name);
  for (const std::string& name : signature.inputs) {
    if (std::find(inputs.begin(), inputs.end(), name) == inputs.end()) {
      throw InvalidArgument(
          formatted("{}: \"{}\" must be an input of the network.{}", owner, name, did_you_mean(name, inputs)));
    }
  }
  if (signature.inputs.size() != inputs.size()) {
    throw InvalidArgument(
        formatted("{}: must name each of the inputs {}, got {}", owner, joined(inputs), joined(signature.inputs)));
  }
  if (signature.outputs.empty()) throw InvalidArgument(formatted("{}: must name an output, got none", owner));
  for (const std::string& name : signature.outputs) {
    const auto place = std::find(description.outputs.begin(), description.outputs.end(), name);
    if (place == description.outputs.end()) {
      throw InvalidArgument(formatted("{}: \"{}\" must be an output of the network.{}", owner, name,
                                      did_you_mean(name, description.outputs)));
    }
    const OutputKind kind = interface.outputs[static_cast<std::size_t>(place - description.outputs.begin())].kind;
    const bool fits = signature.method == Signature::Method::kPredict ||
                      (signature.outputs.size() == 1 &&
                       (kind == OutputKind::kNumbers) == (signature.method == Signature::Method::kRegress));
    if (!fits) {
      throw InvalidArgument(formatted("{}: {} must have one output of {}, got {}", owner, name_of(signature.method),
                                      signature.method == Signature::Method::kRegress ? "numbers" : "classes",
                                      joined(signature.outputs)));
    }
  }
}

// ---- JSON

void check_keys(const Dict& dict, const std::vector<std::string>& known, std::string_view owner) {
  for (const auto& [key, value] : dict) {
    if (std::find(known.begin(), known.end(), key) == known.end()) throw_unknown_field(owner, key, known);
  }
}

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

// Calls read(entry, index) for each entry of `dict[key]`, whose keys must be among `names`.
template <class Read>
void read_named(const Dict& dict, std::string_view key, const std::vector<std::string>& names, Read read) {
  const Value* value = dict.find(key);
  if (!value) return;
  for (const auto& [name, entry] : value->as_dict()) {
    const auto place = std::find(names.begin(), names.end(), name);
    if (place == names.end()) throw_unknown_field(formatted("the {} of a model", key), name, names);
    read(entry.as_dict(), static_cast<std::size_t>(place - names.begin()),
         formatted("{} \"{}\"", key.substr(0, key.size() - 1), name));
  }
}

ModelInterface interface_from_value(const Value& value, const Description& description) {
  const Dict& dict = value.as_dict();
  check_keys(dict, {"version", "inputs", "outputs", "signatures"}, "the interface of a model");
  std::int64_t version = kVersion;
  read_entry(dict, "version", version, "the interface of a model");
  if (version != kVersion) {
    throw InvalidArgument(
        formatted("the interface of a model must have version {}, got {}; write it again with this "
                  "program",
                  kVersion, version));
  }
  std::vector<std::string> inputs;
  for (const InputSpec& input : description.inputs) inputs.push_back(input.name);
  ModelInterface interface {
    .inputs = std::vector<InputInterface>(inputs.size()),
    .outputs = std::vector<OutputInterface>(description.outputs.size())
  };
  read_named(dict, "inputs", inputs, [&](const Dict& entry, std::size_t i, const std::string& owner) {
    check_keys(entry, {"shift", "scale", "columns"}, owner);
    read_entry(entry, "shift", interface.inputs[i].shift, owner);
    read_entry(entry, "scale", interface.inputs[i].scale, owner);
    read_entry(entry, "columns", interface.inputs[i].columns, owner);
  });
  read_named(dict, "outputs", description.outputs, [&](const Dict& entry, std::size_t i, const std::string& owner) {
    check_keys(entry, {"kind", "labels"}, owner);
    std::string kind(name_of(OutputKind::kNumbers));
    read_entry(entry, "kind", kind, owner);
    interface.outputs[i].kind = enumerator_of<OutputKind>(kind, kOutputKinds, owner + ": kind");
    read_entry(entry, "labels", interface.outputs[i].labels, owner);
  });
  if (const Value* signatures = dict.find("signatures")) {
    for (const Value& each : signatures->as_list()) {
      const Dict& entry = each.as_dict();
      check_keys(entry, {"name", "method", "inputs", "outputs"}, "a signature");
      Signature signature;
      std::string method(name_of(signature.method));
      read_entry(entry, "name", signature.name, "a signature");
      const std::string owner = formatted("signature \"{}\"", signature.name);
      read_entry(entry, "method", method, owner);
      signature.method = enumerator_of<Signature::Method>(method, kMethods, owner + ": method");
      read_entry(entry, "inputs", signature.inputs, owner);
      read_entry(entry, "outputs", signature.outputs, owner);
      interface.signatures.push_back(std::move(signature));
    }
  }
  return completed(std::move(interface), description);
}

// ---- files

// Throws for a network that would need an absurd amount of memory for a single example.
void check_activations(const Description& description) {
  const NetworkShapes shapes = network_shapes(description);
  for (std::size_t i = 0; i < shapes.nodes.size(); ++i) {
    if (known_elements(shapes.nodes[i]).value_or(0) > kMaxActivations) {
      throw InvalidArgument(formatted("layer \"{}\" must deliver at most {} numbers for an example, got shape {}",
                                      description.nodes[i].name, kMaxActivations, to_text(shapes.nodes[i])));
    }
  }
}

Bundle bundle_in(const TensorReader& reader) {
  const Metadata& metadata = reader.metadata();
  const auto format = metadata.find("format"), text = metadata.find("description");
  if (format == metadata.end() || format->second != kModelFormat || text == metadata.end()) {
    throw CorruptCheckpoint("the file must hold a whole model; describe the network and load or restore its weights");
  }
  Bundle bundle{.description = description_from_json(text->second)};
  check_activations(bundle.description);
  const auto interface = metadata.find(kInterfaceEntry);
  bundle.interface = interface == metadata.end() ? completed({}, bundle.description)
                                                 : interface_from_json(interface->second, bundle.description);

  std::unordered_map<std::string_view, const TensorReader::Entry*> entries;
  for (const TensorReader::Entry& entry : reader.entries()) entries.emplace(entry.name, &entry);
  for (const NetworkParameter& parameter : network_parameters(bundle.description)) {
    const auto place = entries.find(parameter.name);
    if (place == entries.end()) {
      throw CorruptCheckpoint(formatted("the array \"{}\" of the network is missing", parameter.name));
    }
    const TensorReader::Entry& entry = *place->second;
    if (!(entry.shape == parameter.spec.shape)) {
      throw CorruptCheckpoint(formatted("the array \"{}\" must have shape {}, got {}", parameter.name,
                                        parameter.spec.shape.to_string(), entry.shape.to_string()));
    }
    const DType dtype = array_type_of(entry.type);
    if (is_floating(parameter.spec.dtype) ? !is_floating(dtype) : dtype != parameter.spec.dtype) {
      throw CorruptCheckpoint(formatted("the array \"{}\" must be of type {}, got {}", parameter.name,
                                        name_of(parameter.spec.dtype), name_of(dtype)));
    }
    NamedTensor tensor{.name = entry.name, .type = entry.type, .shape = entry.shape, .bytes = {}};
    tensor.bytes.resize(static_cast<std::size_t>(entry.end - entry.begin));
    reader.read(entry, tensor.bytes);
    bundle.weights.emplace_back(parameter.name, to_array(tensor));
  }
  return bundle;
}

Bundle bundle_naming(const TensorReader& reader) {
  try {
    return bundle_in(reader);
  } catch (Error& error) {
    if (std::string_view(error.what()).find(reader.name()) == std::string_view::npos) error.prepend(reader.name());
    throw;
  }
}

}  // namespace

std::string_view name_of(OutputKind kind) {
  return kOutputKinds[static_cast<std::size_t>(kind)];
}

std::string_view name_of(Signature::Method method) {
  return kMethods[static_cast<std::size_t>(method)];
}

Signature default_signature(const Description& description, const ModelInterface& interface) {
  Signature signature{.outputs = description.outputs};
  for (const InputSpec& input : description.inputs) signature.inputs.push_back(input.name);
  if (description.outputs.size() == 1) {
    const OutputKind kind = interface.outputs.empty() ? OutputKind::kNumbers : interface.outputs[0].kind;
    signature.method = kind == OutputKind::kNumbers ? Signature::Method::kRegress : Signature::Method::kClassify;
  }
  return signature;
}

ModelInterface completed(ModelInterface interface, const Description& description) {
  if (interface.inputs.empty()) interface.inputs.resize(description.inputs.size());
  if (interface.outputs.empty()) interface.outputs.resize(description.outputs.size());
  if (interface.inputs.size() != description.inputs.size() || interface.outputs.size() != description.outputs.size()) {
    throw InvalidArgument(formatted(
        "the interface of a model must have {} inputs and {} outputs, as the network has, "
        "got {} and {}",
        description.inputs.size(), description.outputs.size(), interface.inputs.size(), interface.outputs.size()));
  }
  const std::vector<Shape> shapes = output_shapes(description);
  for (std::size_t i = 0; i < interface.inputs.size(); ++i) {
    check_numbers(interface.inputs[i].shift, description.inputs[i], "shift", /*may_be_zero=*/true);
    check_numbers(interface.inputs[i].scale, description.inputs[i], "scale", /*may_be_zero=*/false);
  }
  for (std::size_t i = 0; i < interface.outputs.size(); ++i) {
    check_output(interface.outputs[i], description.outputs[i], shapes[i]);
  }
  if (interface.signatures.empty()) interface.signatures.push_back(default_signature(description, interface));
  std::set<std::string_view> names;
  for (const Signature& signature : interface.signatures) {
    check_signature(signature, description, interface);
    if (!names.insert(signature.name).second) {
      throw InvalidArgument(formatted("signature \"{}\": the name must be unique, got it twice", signature.name));
    }
  }
  return interface;
}

std::string to_json(const ModelInterface& interface, const Description& description) {
  const ModelInterface complete = completed(interface, description);
  Dict inputs, outputs;
  for (std::size_t i = 0; i < complete.inputs.size(); ++i) {
    const InputInterface& input = complete.inputs[i];
    inputs[description.inputs[i].name] = Dict{{"shift", ludus::show_field(input.shift)},
                                              {"scale", ludus::show_field(input.scale)},
                                              {"columns", ludus::show_field(input.columns)}};
  }
  for (std::size_t i = 0; i < complete.outputs.size(); ++i) {
    const OutputInterface& output = complete.outputs[i];
    outputs[description.outputs[i]] =
        Dict{{"kind", name_of(output.kind)}, {"labels", ludus::show_field(output.labels)}};
  }
  List signatures;
  for (const Signature& signature : complete.signatures) {
    signatures.push_back(Dict{{"name", signature.name},
                              {"method", name_of(signature.method)},
                              {"inputs", ludus::show_field(signature.inputs)},
                              {"outputs", ludus::show_field(signature.outputs)}});
  }
  return ludus::to_json(Dict{{"version", kVersion},
                             {"inputs", std::move(inputs)},
                             {"outputs", std::move(outputs)},
                             {"signatures", std::move(signatures)}});
}

ModelInterface interface_from_json(std::string_view text, const Description& description) {
  return interface_from_value(from_json(text), description);
}

Bundle read_bundle(const std::filesystem::path& path) {
  return bundle_naming(TensorReader(path));
}

Bundle parse_bundle(std::span<const std::byte> file, const std::string& name) {
  return bundle_naming(TensorReader(file, name));
}

bool holds_model(const std::filesystem::path& path) {
  try {
    const TensorReader reader(path);
    const auto format = reader.metadata().find("format");
    return format != reader.metadata().end() && format->second == kModelFormat;
  } catch (const InputError&) {
    return false;
  }
}

void check_weights(const Description& description, const NamedArrays& weights) {
  std::unordered_map<std::string_view, const Array*> arrays;
  for (const auto& [name, array] : weights) arrays.emplace(name, &array);
  const std::vector<NetworkParameter> parameters = network_parameters(description);
  for (const NetworkParameter& parameter : parameters) {
    const auto place = arrays.find(parameter.name);
    if (place == arrays.end()) {
      throw InvalidArgument(
          formatted("network \"{}\": the array \"{}\" is missing among the weights", description.name, parameter.name));
    }
    if (!(place->second->shape() == parameter.spec.shape)) {
      throw InvalidArgument(formatted("network \"{}\": the array \"{}\" must have shape {}, got {}", description.name,
                                      parameter.name, parameter.spec.shape.to_string(),
                                      place->second->shape().to_string()));
    }
  }
  if (weights.size() != parameters.size()) {
    throw InvalidArgument(formatted("network \"{}\": there must be {} arrays among the weights, got {}",
                                    description.name, parameters.size(), weights.size()));
  }
}

void write_bundle(const std::filesystem::path& path, const Bundle& bundle) {
  check_weights(bundle.description, bundle.weights);
  const Metadata metadata{{"format", std::string(kModelFormat)},
                          {"description", to_json(bundle.description)},
                          {kInterfaceEntry, to_json(bundle.interface, bundle.description)}};
  std::vector<TensorView> tensors;
  for (const auto& [name, array] : bundle.weights) tensors.push_back(view_of(name, array));
  write_safetensors(path, tensors, metadata);
}

Array preprocess(const Array& numbers, const InputSpec& input, const InputInterface& interface) {
  // free extents are those of the numbers
  Shape shape = input.shape;
  const std::optional<std::int64_t> elements = known_elements(input.shape);
  if (!elements && numbers.shape().rank() == shape.rank()) shape = numbers.shape();
  bool fits = elements ? static_cast<std::size_t>(*elements) == numbers.size() : shape == numbers.shape();
  for (std::size_t d = 0; fits && d < shape.rank(); ++d) {
    fits = input.shape[d] == kFree ? shape[d] >= 1 : shape[d] == input.shape[d];
  }
  if (!fits) {
    throw ShapeMismatch(formatted("input \"{}\" must have shape {}, or as many numbers, got shape {}", input.name,
                                  to_text(input.shape), numbers.shape().to_string()));
  }

  const bool floating = is_floating(input.dtype);
  Array result(floating ? DType::kFloat32 : input.dtype, shape);
  // of all elements, of a channel, which are the first axis, or of each element
  const auto at = [&](const std::vector<double>& list, std::size_t i, double none) {
    return list.empty() ? none : list[i / (result.size() / list.size())];
  };
  dispatch(numbers.dtype(), [&](auto zero) {
    const auto source = numbers.data<decltype(zero)>();
    for (std::size_t i = 0; i < source.size(); ++i) {
      const double number = static_cast<double>(source[i]);
      const double scaled = (number - at(interface.shift, i, 0)) * at(interface.scale, i, 1);
      const auto narrow = static_cast<float>(scaled);
      if (!std::isfinite(narrow)) {
        throw InvalidArgument(
            formatted("input \"{}\": each number must be finite, got {} as number {}", input.name, number, i));
      }
      if (floating) {
        result.data<float>()[i] = narrow;
      } else if (std::floor(scaled) == scaled && std::abs(scaled) < 0x1p53) {
        result.set(i, scaled);
      } else {
        throw InvalidArgument(
            formatted("input \"{}\": each number must be an integer, got {} as number {}", input.name, scaled, i));
      }
    }
  });
  return result;
}

Array probabilities(const Array& logits, OutputKind kind) {
  if (kind == OutputKind::kNumbers || logits.shape().rank() < 2 || logits.size() == 0) return logits;
  Array result = logits.cast(DType::kFloat32);
  const std::span<float> values = result.data<float>();
  if (kind == OutputKind::kLabels) {
    for (float& value : values) value = static_cast<float>(1 / (1 + std::exp(-static_cast<double>(value))));
    return result;
  }
  // softmax over dimension 1; `inner` numbers lie between two classes of one position
  const auto examples = static_cast<std::size_t>(logits.shape()[0]),
             classes = static_cast<std::size_t>(logits.shape()[1]);
  const std::size_t inner = values.size() / examples / classes;
  for (std::size_t n = 0; n < examples * inner; ++n) {
    float* first = values.data() + (n / inner) * classes * inner + n % inner;
    float largest = first[0];
    for (std::size_t c = 1; c < classes; ++c) largest = std::max(largest, first[c * inner]);
    double sum = 0;
    for (std::size_t c = 0; c < classes; ++c) sum += std::exp(static_cast<double>(first[c * inner] - largest));
    for (std::size_t c = 0; c < classes; ++c) {
      first[c * inner] = static_cast<float>(std::exp(static_cast<double>(first[c * inner] - largest)) / sum);
    }
  }
  return result;
}

Bundle keep_outputs(const Bundle& bundle, const std::vector<std::string>& outputs) {
  const Description& description = bundle.description;
  if (outputs.empty()) throw InvalidArgument("outputs: must name an output or a layer, got none");
  std::set<std::string> needed;
  for (const std::string& name : outputs) {
    const bool is_input = std::any_of(description.inputs.begin(), description.inputs.end(),
                                      [&](const InputSpec& input) { return input.name == name; });
    if (!is_input) description.node(name);
    if (!needed.insert(name).second) {
      throw InvalidArgument(formatted("outputs: each name must occur once, got \"{}\" twice", name));
    }
  }
  // every node stands after its inputs
  for (auto node = description.nodes.rbegin(); node != description.nodes.rend(); ++node) {
    if (needed.contains(node->name)) needed.insert(node->inputs.begin(), node->inputs.end());
  }

  Bundle kept{.description = {.name = description.name, .inputs = description.inputs, .outputs = outputs}};
  for (const Node& node : description.nodes) {
    if (needed.contains(node.name)) kept.description.nodes.push_back(node);
  }
  std::unordered_map<std::string_view, const Array*> arrays;
  for (const auto& [name, array] : bundle.weights) arrays.emplace(name, &array);
  for (const NetworkParameter& parameter : network_parameters(kept.description)) {
    kept.weights.emplace_back(parameter.name, *arrays.at(parameter.name));
  }

  const ModelInterface interface = completed(bundle.interface, description);
  kept.interface.inputs = interface.inputs;
  for (const std::string& name : outputs) {
    const auto place = std::find(description.outputs.begin(), description.outputs.end(), name);
    kept.interface.outputs.push_back(
        place == description.outputs.end()
            ? OutputInterface{}
            : interface.outputs[static_cast<std::size_t>(place - description.outputs.begin())]);
  }
  for (const Signature& signature : interface.signatures) {
    if (std::all_of(signature.outputs.begin(), signature.outputs.end(), [&](const std::string& name) {
          return std::find(outputs.begin(), outputs.end(), name) != outputs.end();
        })) {
      kept.interface.signatures.push_back(signature);
    }
  }
  kept.interface = completed(std::move(kept.interface), kept.description);
  return kept;
}

}  // namespace ludus::nn
