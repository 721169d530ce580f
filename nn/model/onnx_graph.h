// Builds ONNX graphs operator by operator. onnx_export.h adds whole networks to one; a program adds what comes before
// and after a network. This header does not include torch.
//
//   OnnxGraph graph("policy");
//   const std::string raw = graph.add_input("observation", io::OnnxType::kFloat, {OnnxGraph::batch(), {.value = 4}});
//   const std::string x = graph.add_node("Div", {graph.add_node("Sub", {raw, graph.add_constant("mean", mean)}),
//                                                graph.add_constant("std", std)});
//   const std::string logits = add_network(graph, network, parameters, {x}).front();
//   graph.add_node("ArgMax", {logits}, {{"axis", std::int64_t{-1}}, {"keepdims", std::int64_t{0}}}, "action");
//   graph.add_output("action", io::OnnxType::kInt64, {OnnxGraph::batch()});
//   io::write_onnx("policy.onnx", graph.model());
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "nn/io/onnx.h"

namespace ludus::nn {

/// A graph of operators of opset 13, to which inputs, constants, nodes and outputs are added in the order of
/// computation. Every value has a unique name, which the functions return.
class OnnxGraph {
 public:
  explicit OnnxGraph(std::string name);

  /// The first extent of inputs and outputs: the number of examples, free, named "batch".
  static io::OnnxDimension batch() { return {.name = "batch"}; }

  /// Adds an input of the graph. Throws InvalidArgument if a value has this name.
  std::string add_input(const std::string& name, io::OnnxType type, std::vector<io::OnnxDimension> shape);

  /// Adds a constant as an initialiser, under `name` or, if it is taken, `name` with a number behind it.
  std::string add_constant(std::string_view name, Array values);
  /// Adds a list of integers, as shapes and axes are given to operators.
  std::string add_integers(std::string_view name, std::span<const std::int64_t> values);

  /// Adds a node with one output and returns the name of the output: `name`, or the operator's name in small letters,
  /// with a number behind it if it is taken. "" among the inputs leaves an optional input out.
  std::string add_node(std::string_view op_type, std::vector<std::string> inputs,
                       std::vector<io::OnnxAttribute> attributes = {}, std::string_view name = "");
  /// Adds a node with several outputs. "" among the names of the outputs leaves an output out.
  std::vector<std::string> add_node_with_outputs(std::string_view op_type, std::vector<std::string> inputs,
                                                 const std::vector<std::string>& outputs,
                                                 std::vector<io::OnnxAttribute> attributes = {});

  /// Makes a value an output of the graph. Throws InvalidArgument if there is no such value, or it is an output
  /// already.
  void add_output(const std::string& name, io::OnnxType type, std::vector<io::OnnxDimension> shape);

  /// Returns `name`, or `name` with a number behind it if a value has that name, and reserves it.
  std::string unique(std::string_view name);

  const io::OnnxModel& model() const { return model_; }

 private:
  io::OnnxModel model_;
  std::unordered_set<std::string> names_;
};

}  // namespace ludus::nn
