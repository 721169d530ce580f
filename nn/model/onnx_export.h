// Networks written as ONNX, for every kind of layer, in operators of opset 13 and IR version 7. This header does not
// include torch.
//
//   save_onnx("digits.onnx", model.description(), model.state());
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/named_arrays.h"
#include "nn/model/description.h"
#include "nn/model/onnx_graph.h"

namespace ludus::nn {

/// Adds the operators of a network in inference to a graph: dropout is left out, batch normalisation uses its running
/// statistics. `inputs` are values of the graph, one for each input of the network, each (batch, extents of the input).
/// Returns the values that are the network's outputs; one of a network without operators is an input. The initialisers
/// have the names of the parameters, "dense.weight"; layers that need them in another order (GRU, LSTM, dense layers
/// over more than one axis) store them so. Parameters of float64 become float32. Throws as network_shapes() does, and
/// InvalidArgument for another number of inputs, or if a parameter is missing or of another shape.
std::vector<std::string> add_network(OnnxGraph& graph, const Description& description, const NamedArrays& parameters,
                                     std::span<const std::string> inputs);

/// Returns a network as a model. Inputs and outputs have their names in the description and the shape ("batch",
/// extents); free extents are named "input_1", by the input and the axis. Throws as add_network() does.
io::OnnxModel export_onnx(const Description& description, const NamedArrays& parameters);

/// Writes the file of export_onnx() atomically. Throws as it does, FileError and WriteFailed.
void save_onnx(const std::filesystem::path& path, const Description& description, const NamedArrays& parameters);

}  // namespace ludus::nn
