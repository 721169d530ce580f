// Networks read from ONNX: a graph of operators becomes a description and its parameters. This header does not include
// torch; onnx_model.h makes a model of a file.
//
//   const ImportedNetwork network = load_onnx("digits.onnx");
#pragma once

#include <filesystem>

#include "base/named_arrays.h"
#include "nn/io/onnx.h"
#include "nn/model/description.h"

namespace ludus::nn {

struct ImportedNetwork {
  Description description;
  NamedArrays parameters;  // of the description, buffers included, in its order; float32
};

/// Makes a network of a model of opset 6 to 21 (docs/learning/onnx.md lists the operators). The first axis of every
/// input is the batch, which becomes free; other extents without a value are free, too. Constants are computed,
/// constant operands become biases, affine layers or parameters, and operators that are one layer together (layer and
/// group normalisation, GELU, SiLU …) become that layer. A layer is named after its weight ("fc1.weight" belongs to
/// "fc1"), its node or its output. Numbers of float16, bfloat16 and float64 become float32.
///
/// Throws InvalidArgument, one sentence with the name of the node, its operator and what is missing, for a graph that
/// no description has, and for one that is not valid.
ImportedNetwork import_onnx(const io::OnnxModel& model);

/// Reads a file. Throws FileError as read_onnx() does, and as import_onnx() does, naming the file.
ImportedNetwork load_onnx(const std::filesystem::path& path);

}  // namespace ludus::nn
