#include "nn/model/onnx_graph.h"

#include <algorithm>

#include "base/format.h"

namespace ludus::nn {

OnnxGraph::OnnxGraph(std::string name) {
  model_.producer_name = "ludus";
  model_.graph_name = name.empty() ? "graph" : std::move(name);
}

std::string OnnxGraph::unique(std::string_view name) {
  std::string candidate(name);
  for (int number = 1; !names_.insert(candidate).second; ++number) candidate = formatted("{}_{}", name, number);
  return candidate;
}

std::string OnnxGraph::add_input(const std::string& name, io::OnnxType type, std::vector<io::OnnxDimension> shape) {
  if (!names_.insert(name).second) {
    throw InvalidArgument(
        formatted("ONNX graph: the name of an input must be unique, and a value is named \"{}\"", name));
  }
  model_.inputs.push_back({.name = name, .type = type, .shape = std::move(shape)});
  return name;
}

std::string OnnxGraph::add_constant(std::string_view name, Array values) {
  model_.initializers.push_back(io::onnx_tensor(unique(name), std::move(values)));
  return model_.initializers.back().name;
}

std::string OnnxGraph::add_integers(std::string_view name, std::span<const std::int64_t> values) {
  return add_constant(name, Array::of(values));
}

std::string OnnxGraph::add_node(std::string_view op_type, std::vector<std::string> inputs,
                                std::vector<io::OnnxAttribute> attributes, std::string_view name) {
  std::string fallback(op_type);
  std::transform(fallback.begin(), fallback.end(), fallback.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return add_node_with_outputs(op_type, std::move(inputs), {name.empty() ? fallback : std::string(name)},
                               std::move(attributes))
      .front();
}

std::vector<std::string> OnnxGraph::add_node_with_outputs(std::string_view op_type, std::vector<std::string> inputs,
                                                          const std::vector<std::string>& outputs,
                                                          std::vector<io::OnnxAttribute> attributes) {
  std::vector<std::string> names;
  for (const std::string& output : outputs) names.push_back(output.empty() ? "" : unique(output));
  model_.nodes.push_back({.op_type = std::string(op_type),
                          .inputs = std::move(inputs),
                          .outputs = names,
                          .attributes = std::move(attributes),
                          .name = names.front().empty() ? names.back() : names.front()});
  return names;
}

void OnnxGraph::add_output(const std::string& name, io::OnnxType type, std::vector<io::OnnxDimension> shape) {
  const auto listed = [&](const std::vector<io::OnnxValueInfo>& infos) {
    return std::any_of(infos.begin(), infos.end(), [&](const io::OnnxValueInfo& info) { return info.name == name; });
  };
  if (!names_.contains(name) || listed(model_.outputs)) {
    throw InvalidArgument(formatted("ONNX graph: an output must be a value that is no output yet, got \"{}\"", name));
  }
  model_.outputs.push_back({.name = name, .type = type, .shape = std::move(shape)});
}

}  // namespace ludus::nn
