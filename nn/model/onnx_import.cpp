// The graph of a model: inputs, nodes in their order, outputs; the table of operators.
#include "nn/model/onnx_import.h"

#include "base/text.h"
#include "nn/model/onnx_importer.h"

namespace ludus::nn {
namespace onnx {
namespace {

constexpr std::int64_t kFirstOpset = 6, kLastOpset = 21;

}  // namespace

ImportedNetwork Importer::run() {
  if (model_.opset() < kFirstOpset || model_.opset() > kLastOpset) {
    throw InvalidArgument(formatted("ONNX: the version of the operators must be {} to {}, got {}; convert the model",
                                    kFirstOpset, kLastOpset, model_.opset()));
  }
  description_.name = model_.graph_name.empty() ? "model" : printable(model_.graph_name);
  read_initializers();
  read_inputs();
  for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
    for (const std::string& input : model_.nodes[i].inputs) consumers_[input].push_back(i);
    for (const std::string& output : model_.nodes[i].outputs) {
      if (!output.empty() && (values_.contains(output) || !computed_.insert(output).second)) {
        current_ = &model_.nodes[i];
        fail(formatted("its output \"{}\" must be the only value of this name", printable(output)));
      }
    }
  }
  for (const io::OnnxValueInfo& output : model_.outputs) consumers_[output.name].push_back(kNoNode);
  done_.assign(model_.nodes.size(), false);

  // first, since patterns look ahead
  for_each_node([](const OnnxNode& node) { return node.op_type == "Constant"; });
  for_each_node([](const OnnxNode&) { return true; });
  return result();
}

std::uint64_t Importer::budget_of(const io::OnnxModel& model) {
  std::uint64_t bytes = 0;
  for (const io::OnnxTensor& tensor : model.initializers) bytes += tensor.values.bytes().size();
  return (std::uint64_t{1} << 24) + 8 * bytes;
}

void Importer::read_initializers() {
  for (const io::OnnxTensor& tensor : model_.initializers) {
    if (tensor.name.empty() || values_.contains(tensor.name)) {
      throw InvalidArgument(
          formatted("ONNX: the name of an initialiser must be unique, got \"{}\"", printable(tensor.name)));
    }
    // not owned: the model outlives the import
    values_[tensor.name] = {.constant = std::shared_ptr<const Array>(std::shared_ptr<void>(), &tensor.values)};
    initializers_.insert(tensor.name);
  }
}

void Importer::read_inputs() {
  for (const io::OnnxValueInfo& input : model_.inputs) {
    if (initializers_.contains(input.name)) continue;  // as up to IR version 3
    const auto reject = [&](const std::string& rule) {
      throw InvalidArgument(formatted("ONNX: input \"{}\": {}", printable(input.name), rule));
    };
    if (input.name.empty() || values_.contains(input.name)) reject("its name must be unique");
    DType dtype = DType::kFloat32;
    switch (input.type) {
      case io::OnnxType::kFloat:
      case io::OnnxType::kFloat16:
      case io::OnnxType::kBfloat16:
      case io::OnnxType::kDouble: break;
      case io::OnnxType::kInt64: dtype = DType::kInt64; break;
      case io::OnnxType::kInt32: dtype = DType::kInt32; break;
      default:
        reject(formatted("its elements must be floating-point numbers, int32 or int64, got type {}",
                         static_cast<int>(input.type)));
    }
    if (!input.shape || input.shape->empty()) reject("its shape must be stated, the batch first");
    if (input.shape->size() > Shape::kMaxRank) {
      reject(formatted("it must have at most {} dimensions, got {}", Shape::kMaxRank, input.shape->size()));
    }
    Integers extents;
    for (std::size_t d = 0; d < input.shape->size(); ++d) {
      const std::optional<std::int64_t> extent = (*input.shape)[d].value;
      if (extent && (*extent < (d == 0 ? 0 : 1) || *extent > kMaxExtent)) {
        reject(formatted("each extent must be in [1, {}], got {}", kMaxExtent, *extent));
      }
      if (d > 0) extents.push_back(extent.value_or(kFree));
      if (d == 0 && extent && *extent > 0) batch_ = *extent;
    }
    const std::string name = unique_name(usable_name(input.name), "input");
    description_.add_input(name, layers::make_shape(extents), dtype);
    values_[input.name] = {.source = name, .shape = layers::make_shape(extents), .floating = is_floating(dtype)};
  }
  if (description_.inputs.empty())
    throw InvalidArgument("ONNX: a graph must have an input that is no initialiser, got none");
}

template <class Select>
void Importer::for_each_node(Select select) {
  for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
    if (done_[i] || !select(model_.nodes[i])) continue;
    done_[i] = true;
    current_ = &model_.nodes[i];
    at_node([&] { read_node(); });
  }
}

void Importer::read_node() {
  const OnnxNode& node = *current_;
  if (!node.domain.empty()) fail(formatted("operators of the domain \"{}\" are not supported", printable(node.domain)));
  if (node.outputs.empty() || node.outputs[0].empty()) {
    if (node.op_type != "GRU" && node.op_type != "LSTM") fail("it must have an output");
  }
  if (fold()) return;
  const auto& table = operators();
  const auto place = table.find(node.op_type);
  if (place == table.end()) {
    std::vector<std::string> names;
    for (const auto& [name, function] : table) names.emplace_back(name);
    fail(formatted("no layer computes this operator; docs/learning/onnx.md lists those that are read.{}",
                   did_you_mean(printable(node.op_type), names)));
  }
  (this->*place->second)();
}

ImportedNetwork Importer::result() {
  if (model_.outputs.empty()) throw InvalidArgument("ONNX: a graph must have an output, got none");
  std::unordered_set<std::string> needed;
  for (const io::OnnxValueInfo& output : model_.outputs) {
    const auto place = values_.find(output.name);
    const auto reject = [&](const char* rule) {
      throw InvalidArgument(formatted("ONNX: output \"{}\" {}", printable(output.name), rule));
    };
    if (place == values_.end()) reject("must be computed by a node");
    if (place->second.constant) reject("must depend on an input, and is constant");
    if (place->second.view != View::kBatchFirst) reject("must have the batch as its first axis");
    description_.outputs.push_back(place->second.source);
    needed.insert(place->second.source);
  }
  // layers that no output depends on, such as those that became part of another
  std::vector<Node> nodes;
  std::vector<NamedArrays> parameters;
  for (std::size_t i = description_.nodes.size(); i-- > 0;) {
    Node& node = description_.nodes[i];
    if (!needed.contains(node.name)) continue;
    needed.insert(node.inputs.begin(), node.inputs.end());
    nodes.push_back(std::move(node));
    parameters.push_back(std::move(parameters_[i]));
  }
  std::reverse(nodes.begin(), nodes.end());
  std::reverse(parameters.begin(), parameters.end());
  description_.nodes = std::move(nodes);
  parameters_ = std::move(parameters);
  merge_activations();

  ImportedNetwork network;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    for (auto& [name, array] : parameters_[i]) {
      network.parameters.emplace_back(description_.nodes[i].name + "." + name, std::move(array));
    }
  }
  network_shapes(description_);
  network.description = std::move(description_);
  return network;
}

// Makes an activation behind a dense or convolution layer the activation of that layer, if nothing else reads it.
void Importer::merge_activations() {
  std::unordered_map<std::string, int> readers;
  for (const Node& node : description_.nodes) {
    for (const std::string& name : node.inputs) ++readers[name];
  }
  for (const std::string& name : description_.outputs) ++readers[name];
  std::unordered_map<std::string, std::string> merged;  // activation layers, and the layers that they became part of
  std::unordered_map<std::string, std::size_t> indices;
  std::vector<Node> nodes;
  std::vector<NamedArrays> parameters;
  const auto replace = [&](std::string& name) {
    if (const auto place = merged.find(name); place != merged.end()) name = place->second;
  };
  for (std::size_t i = 0; i < description_.nodes.size(); ++i) {
    Node& node = description_.nodes[i];
    const auto* function = std::get_if<layers::ActivationLayer>(&node.layer);
    const auto source = function && readers[node.inputs[0]] == 1 ? indices.find(node.inputs[0]) : indices.end();
    if (source != indices.end() && set_activation(nodes[source->second].layer, function->function)) {
      merged.emplace(node.name, nodes[source->second].name);
      continue;
    }
    for (std::string& name : node.inputs) replace(name);
    indices.emplace(node.name, nodes.size());
    nodes.push_back(std::move(node));
    parameters.push_back(std::move(parameters_[i]));
  }
  for (std::string& name : description_.outputs) replace(name);
  description_.nodes = std::move(nodes);
  parameters_ = std::move(parameters);
}

bool Importer::set_activation(Layer& layer, Activation function) {
  return std::visit(
      [&](auto& l) {
        if constexpr (requires { l.activation; }) {
          if (l.activation != Activation::kNone) return false;
          l.activation = function;
          return true;
        }
        return false;
      },
      layer);
}

const std::unordered_map<std::string_view, Importer::Operator>& Importer::operators() {
  static const std::unordered_map<std::string_view, Operator> table{
      {"Add", &Importer::add_node},
      {"AveragePool", &Importer::average_pool},
      {"BatchNormalization", &Importer::batch_norm},
      {"Cast", &Importer::cast},
      {"Clip", &Importer::clip},
      {"Concat", &Importer::concatenate},
      {"Constant", &Importer::constant_node},
      {"Conv", &Importer::convolution},
      {"ConvTranspose", &Importer::transposed_convolution},
      {"Div", &Importer::divide},
      {"Dropout", &Importer::dropout},
      {"Elu", &Importer::elu},
      {"Flatten", &Importer::flatten},
      {"GRU", &Importer::gru},
      {"Gather", &Importer::gather},
      {"Gelu", &Importer::gelu_node},
      {"Gemm", &Importer::gemm},
      {"GlobalAveragePool", &Importer::global_average_pool},
      {"GlobalMaxPool", &Importer::global_max_pool},
      {"HardSigmoid", &Importer::hard_sigmoid},
      {"HardSwish", &Importer::hard_swish},
      {"Identity", &Importer::identity},
      {"InstanceNormalization", &Importer::instance_norm},
      {"LSTM", &Importer::lstm},
      {"LayerNormalization", &Importer::layer_norm_node},
      {"LeakyRelu", &Importer::leaky_relu},
      {"LogSoftmax", &Importer::log_softmax},
      {"MatMul", &Importer::matmul},
      {"MaxPool", &Importer::max_pool},
      {"Mish", &Importer::mish},
      {"Mul", &Importer::multiply},
      {"Neg", &Importer::negate},
      {"PRelu", &Importer::prelu},
      {"Pad", &Importer::pad},
      {"ReduceMax", &Importer::reduce_max},
      {"ReduceMean", &Importer::reduce_mean},
      {"Relu", &Importer::relu},
      {"Reshape", &Importer::reshape},
      {"Resize", &Importer::resize},
      {"Selu", &Importer::selu},
      {"Shape", &Importer::shape_node},
      {"Shrink", &Importer::shrink},
      {"Sigmoid", &Importer::sigmoid},
      {"Softmax", &Importer::softmax},
      {"Softplus", &Importer::softplus},
      {"Softsign", &Importer::softsign},
      {"Squeeze", &Importer::squeeze},
      {"Sub", &Importer::subtract},
      {"Sum", &Importer::sum},
      {"Tanh", &Importer::tanh},
      {"Transpose", &Importer::transpose},
      {"Unsqueeze", &Importer::unsqueeze},
      {"Upsample", &Importer::resize},
  };
  return table;
}

}  // namespace onnx

ImportedNetwork import_onnx(const io::OnnxModel& model) {
  return onnx::Importer(model).run();
}

ImportedNetwork load_onnx(const std::filesystem::path& path) {
  const io::OnnxModel model = io::read_onnx(path);
  try {
    return import_onnx(model);
  } catch (Error& error) {
    error.prepend(path.string());
    throw;
  }
}

}  // namespace ludus::nn
