#include "nn/model/build.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "base/format.h"
#include "base/text.h"
#include "nn/core/tensor_io.h"
#include "nn/layers/forward.h"
#include "nn/layers/mlp.h"
#include "nn/model/name_pattern.h"
#include "nn/model/regularizers.h"

namespace ludus::nn {

// The parameters and buffers of a node, registered under torch's names.
struct Model::LayerParameters : torch::nn::Module {
  std::vector<at::Tensor> tensors;  // in the order of the layer's parameters()
  std::vector<std::string> names;   // of the tensors: "weight"
  std::size_t parameter_count = 0;  // buffers not counted
};

namespace {

constexpr std::size_t kOutputOfNetwork = std::numeric_limits<std::size_t>::max();

std::string node_label(const Node& node) {
  return formatted("layer \"{}\" ({})", node.name, kind_of(node.layer));
}

at::Tensor make_parameter(const ParameterSpec& spec, const Initializer& initializer, at::ScalarType type,
                          Generator& random) {
  const std::vector<std::int64_t> sizes(spec.shape.begin(), spec.shape.end());
  if (!is_floating(spec.dtype)) return at::zeros(sizes, to_torch(spec.dtype));
  const at::Tensor numbers = at::empty(sizes, at::kFloat);
  initialize({numbers.data_ptr<float>(), static_cast<std::size_t>(numbers.numel())}, spec.shape, initializer, spec.fans,
             random);
  return numbers.to(type);
}

// A dense layer that the fused kernels can run.
const layers::Dense* fusible(const Node& node) {
  const auto* dense = std::get_if<layers::Dense>(&node.layer);
  return dense && dense->bias ? dense : nullptr;
}

}  // namespace

Model::Model(Description description, Generator& random, const ModelOptions& options)
    : description_(std::move(description)), options_(options), random_(random.next_uint64()) {
  if (!is_floating(options.dtype)) {
    throw InvalidArgument(formatted("model: dtype must be float32 or float64, got {}", name_of(options.dtype)));
  }
  const std::vector<NetworkParameter> specs = network_parameters(description_);

  // registered under the names that torch's modules have
  for (std::size_t i = 0; i < description_.nodes.size(); ++i) layers_.push_back(std::make_shared<LayerParameters>());
  try {
    for (const NetworkParameter& parameter : specs) {
      LayerParameters& layer = *layers_[parameter.node];
      const ParameterSpec& spec = parameter.spec;
      const at::Tensor tensor = make_parameter(spec, spec.initializer, to_torch(options.dtype), random);
      layer.tensors.push_back(spec.buffer ? layer.register_buffer(spec.name, tensor)
                                          : layer.register_parameter(spec.name, tensor));
      layer.names.push_back(spec.name);
      layer.parameter_count += spec.buffer ? 0 : 1;
    }
    std::vector<FlatParameters::Part> parts;
    for (std::size_t i = 0; i < description_.nodes.size(); ++i) {
      parts.push_back({.name = description_.nodes[i].name, .module = *layers_[i]});
    }
    parameters_ = std::make_unique<FlatParameters>(parts, FlatParameters::Empty::kAllow);
    parameters_->to(options.device);
  } catch (const std::bad_alloc&) {
    throw WorkError(formatted("model: there is not enough memory for {} parameters", parameter_count(description_)));
  } catch (const c10::Error& error) {
    throw WorkError(formatted("model: {} parameters cannot be allocated: {}", parameter_count(description_),
                              error.what_without_backtrace()));
  }
  make_plan();
}

Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

void Model::make_plan() {
  // values: the inputs of the network, then the outputs of the nodes
  std::unordered_map<std::string, std::size_t> values;
  const std::size_t first_node = description_.inputs.size(), nodes = description_.nodes.size();
  for (std::size_t i = 0; i < first_node; ++i) values.emplace(description_.inputs[i].name, i);
  std::vector<std::vector<std::size_t>> inputs(nodes);
  std::vector<std::vector<std::size_t>> readers(first_node + nodes);  // nodes that read a value
  for (std::size_t i = 0; i < nodes; ++i) {
    for (const std::string& name : description_.nodes[i].inputs) {
      inputs[i].push_back(values.at(name));
      readers[values.at(name)].push_back(i);
    }
    values.emplace(description_.nodes[i].name, first_node + i);
  }
  std::vector<bool> is_output(first_node + nodes, false);
  for (const std::string& name : description_.outputs) {
    outputs_.push_back(values.at(name));
    is_output[outputs_.back()] = true;
  }

  // The only reader of a node's output, if that is all it is for.
  const auto next_of = [&](std::size_t node) -> std::size_t {
    const std::size_t value = first_node + node;
    return readers[value].size() == 1 && !is_output[value] ? readers[value][0] : nodes;
  };

  std::vector<bool> planned(nodes, false);
  for (std::size_t i = 0; i < nodes; ++i) {
    if (planned[i]) continue;
    Step step{.node = i, .inputs = inputs[i]};
    const layers::Dense* dense = fusible(description_.nodes[i]);
    while (dense) {
      step.dense.push_back(step.node);
      step.activations.push_back(dense->activation);
      std::size_t next = next_of(step.node);
      // an activation layer behind becomes the dense layer's activation
      if (next < nodes && dense->activation == Activation::kNone) {
        if (const auto* layer = std::get_if<layers::ActivationLayer>(&description_.nodes[next].layer)) {
          step.activations.back() = layer->function;
          step.node = next;
          planned[next] = true;
          next = next_of(next);
        }
      }
      dense = next < nodes ? fusible(description_.nodes[next]) : nullptr;
      if (dense) {
        step.node = next;
        planned[next] = true;
      }
    }
    plan_.push_back(std::move(step));
  }

  last_uses_.assign(first_node + nodes, 0);
  for (std::size_t s = 0; s < plan_.size(); ++s) {
    for (const std::size_t value : plan_[s].inputs) last_uses_[value] = s;
  }
  for (const std::size_t value : outputs_) last_uses_[value] = kOutputOfNetwork;
}

void Model::check_inputs(at::TensorList inputs) {
  if (inputs.size() != description_.inputs.size()) {
    throw InvalidArgument(formatted("network \"{}\" must get {} inputs, got {}", description_.name,
                                    description_.inputs.size(), inputs.size()));
  }
  bool free = false;
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const InputSpec& spec = description_.inputs[i];
    const at::Tensor& input = inputs[i];
    bool fits = input.dim() == static_cast<std::int64_t>(spec.shape.rank()) + 1;
    for (std::size_t d = 0; fits && d < spec.shape.rank(); ++d) {
      const std::int64_t extent = input.size(static_cast<std::int64_t>(d) + 1);
      fits = spec.shape[d] == kFree ? extent >= 1 : extent == spec.shape[d];
    }
    if (!fits) {
      std::string expected = "(batch";
      for (const std::int64_t extent : spec.shape) expected += extent == kFree ? ", any" : formatted(", {}", extent);
      throw ShapeMismatch(
          formatted("input \"{}\" must have shape {}), got {}", spec.name, expected, c10::str(input.sizes())));
    }
    const at::ScalarType type = is_floating(spec.dtype) ? to_torch(options_.dtype) : to_torch(spec.dtype);
    if (input.scalar_type() != type) {
      throw ShapeMismatch(formatted("input \"{}\" must be of type {}, got {}; convert it first", spec.name,
                                    c10::toString(type), c10::toString(input.scalar_type())));
    }
    free = free || std::find(spec.shape.begin(), spec.shape.end(), kFree) != spec.shape.end();
    shapes.emplace_back(std::span<const std::int64_t>(input.sizes().data() + 1, spec.shape.rank()));
  }

  // with free extents the data decide whether every layer fits
  if (free && shapes != checked_shapes_) {
    network_shapes(description_, shapes);
    checked_shapes_ = std::move(shapes);
  }
}

bool Model::is_frozen(std::size_t node) const {
  const LayerParameters& layer = *layers_[node];
  return layer.parameter_count > 0 && std::none_of(layer.tensors.begin(), layer.tensors.end(),
                                                   [](const at::Tensor& t) { return t.requires_grad(); });
}

at::Tensor Model::run(const Step& step, std::span<const at::Tensor> inputs, Mode mode) {
  if (!step.dense.empty()) {
    std::vector<at::Tensor> chain;
    for (const std::size_t node : step.dense) {
      chain.insert(chain.end(), layers_[node]->tensors.begin(), layers_[node]->tensors.end());
    }
    return apply_dense_layers(inputs[0], chain, step.activations, options_.fused);
  }
  const ForwardArguments arguments{.inputs = inputs,
                                   .parameters = layers_[step.node]->tensors,
                                   .mode = is_frozen(step.node) ? Mode::kInfer : mode,
                                   .random = &random_};
  try {
    return std::visit([&](const auto& layer) { return layers::forward(layer, arguments); },
                      description_.nodes[step.node].layer);
  } catch (Error& error) {
    error.prepend(node_label(description_.nodes[step.node]));
    throw;
  }
}

std::vector<at::Tensor> Model::forward(at::TensorList inputs, Mode mode) {
  check_inputs(inputs);
  std::vector<at::Tensor> values(inputs.begin(), inputs.end());
  values.resize(last_uses_.size());
  const std::size_t first_node = inputs.size();
  std::vector<at::Tensor> arguments;
  for (std::size_t s = 0; s < plan_.size(); ++s) {
    const Step& step = plan_[s];
    arguments.clear();
    for (const std::size_t value : step.inputs) arguments.push_back(values[value]);
    values[first_node + step.node] = run(step, arguments, mode);
    // released as early as possible, for inference with large activations
    for (const std::size_t value : step.inputs) {
      if (last_uses_[value] == s) values[value].reset();
    }
  }
  std::vector<at::Tensor> results;
  for (const std::size_t value : outputs_) results.push_back(values[value]);
  return results;
}

at::Tensor Model::forward(const at::Tensor& input, Mode mode) {
  if (description_.inputs.size() != 1 || description_.outputs.size() != 1) {
    throw InvalidArgument(
        formatted("network \"{}\" has {} inputs and {} outputs; pass a list of inputs, which returns a list of outputs",
                  description_.name, description_.inputs.size(), description_.outputs.size()));
  }
  return forward(at::TensorList(input), mode).front();
}

std::vector<at::Tensor> Model::predict(at::TensorList inputs) {
  const at::NoGradGuard no_grad;
  return forward(inputs, Mode::kInfer);
}

at::Tensor Model::predict(const at::Tensor& input) {
  const at::NoGradGuard no_grad;
  return forward(input, Mode::kInfer);
}

at::Tensor Model::parameter(std::string_view name) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    for (std::size_t k = 0; k < layers_[i]->tensors.size(); ++k) {
      names.push_back(description_.nodes[i].name + "." + layers_[i]->names[k]);
      if (names.back() == name) return layers_[i]->tensors[k];
    }
  }
  throw InvalidArgument(
      formatted("network \"{}\" has no parameter \"{}\".{}", description_.name, name, did_you_mean(name, names)));
}

std::size_t Model::set_trainable(std::string_view pattern, bool trainable) {
  std::vector<std::string> names;
  std::unordered_map<std::string_view, bool> before;
  std::size_t matches = 0;
  for (const FlatParameters::Entry& entry : parameters_->layout()) {
    names.push_back(entry.name);
    before.emplace(entry.name, entry.trainable);
    matches += name_matches(pattern, entry.name) ? 1 : 0;
  }
  if (matches == 0) {
    throw InvalidArgument(formatted("network \"{}\": no parameter has a name of the form \"{}\"; there are {}",
                                    description_.name, pattern, joined(names)));
  }
  parameters_->set_trainable(
      [&](std::string_view name) { return name_matches(pattern, name) ? trainable : before.at(name); });
  return matches;
}

std::size_t Model::freeze(std::string_view pattern) {
  return set_trainable(pattern, false);
}

std::size_t Model::unfreeze(std::string_view pattern) {
  return set_trainable(pattern, true);
}

at::Tensor Model::penalty() const {
  at::Tensor sum = at::zeros({}, parameters_->values().options().requires_grad(false));
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Node& node = description_.nodes[i];
    if (node.l1 == 0.0 && node.l2 == 0.0) continue;
    const LayerParameters& layer = *layers_[i];
    for (std::size_t k = 0; k < layer.parameter_count; ++k) {
      if (layer.tensors[k].dim() >= 2) sum = sum + weight_penalty(layer.tensors[k], node.l1, node.l2);
    }
  }
  return sum;
}

Summary Model::summary() const {
  std::unordered_map<std::string_view, bool> trainable;
  for (const FlatParameters::Entry& entry : parameters_->layout()) trainable.emplace(entry.name, entry.trainable);
  return summarize(description_, [&](std::string_view name) { return trainable.at(name); });
}

}  // namespace ludus::nn
