/// @file
/// Reads and writes ONNX, the exchange format of neural networks: a graph of operators with its constants, as one
/// protocol-buffer message.
///
///   ModelProto {1: ir_version, 2: producer_name, 7: GraphProto, 8: OperatorSetIdProto…}
///   GraphProto {1: NodeProto…, 2: name, 5: TensorProto…, 11: inputs, 12: outputs, 13: value_info}
///
/// Source: onnx/onnx.in.proto and docs/IR.md of ONNX 1.12. Not read: external data, sparse tensors, subgraphs (If,
/// Loop, Scan), functions, strings as tensor elements. Networks are made of graphs by nn/model/onnx_import.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/array.h"

namespace ludus::io {

/// Element types, with their numbers in the format.
enum class OnnxType : std::int32_t {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kBfloat16 = 16,
};

/// Returns the type that stores elements of `dtype`.
OnnxType onnx_type(DType dtype);

/// A constant. Elements of float16 and bfloat16 are float32 in `values`; they are written in the type they had.
struct OnnxTensor {
  std::string name = {};
  OnnxType type = OnnxType::kFloat;
  Array values = {};
};

/// Returns a tensor of the type of `values`.
OnnxTensor onnx_tensor(std::string name, Array values);

/// The value of an attribute: FLOAT, INT, STRING, TENSOR, FLOATS, INTS, STRINGS.
using OnnxValue = std::variant<float, std::int64_t, std::string, OnnxTensor, std::vector<float>,
                               std::vector<std::int64_t>, std::vector<std::string>>;

struct OnnxAttribute {
  std::string name;
  OnnxValue value;
};

struct OnnxNode {
  std::string op_type;                    // "Conv"
  std::vector<std::string> inputs = {};   // names of values; "" for an optional input that is left out
  std::vector<std::string> outputs = {};  // names of values, each defined once in a graph
  std::vector<OnnxAttribute> attributes = {};
  std::string name = {};    // of the node, for messages; may be empty
  std::string domain = {};  // of the operator; "" is ONNX's

  /// Returns the attribute of this name, or null.
  const OnnxValue* find(std::string_view attribute) const;
};

/// An extent of a value: a number, the name of a free extent ("batch"), or unknown.
struct OnnxDimension {
  std::optional<std::int64_t> value = {};
  std::string name = {};

  friend bool operator==(const OnnxDimension&, const OnnxDimension&) = default;
};

/// Name, type and shape of an input, an output or another value of a graph.
struct OnnxValueInfo {
  std::string name;
  OnnxType type = OnnxType::kFloat;
  std::optional<std::vector<OnnxDimension>> shape = {};  // nullopt: unknown rank
};

struct OnnxModel {
  std::int64_t ir_version = 7;
  std::vector<std::pair<std::string, std::int64_t>> opsets = {{"", 13}};  // domains and versions of their operators
  std::string producer_name = {};
  std::string producer_version = {};
  std::vector<std::pair<std::string, std::string>> metadata = {};
  std::string graph_name = "graph";
  std::vector<OnnxNode> nodes = {};  // every node after those that compute its inputs
  std::vector<OnnxTensor> initializers = {};
  std::vector<OnnxValueInfo> inputs = {};  // up to IR version 3, initialisers are listed among them
  std::vector<OnnxValueInfo> outputs = {};
  std::vector<OnnxValueInfo> values = {};

  /// Returns the version of ONNX's own operators, 0 if none is stated.
  std::int64_t opset() const;
};

/// Parses a model. Throws FileError, one sentence with `name` and the position or the name of the node or tensor, for
/// bytes that are no model, for parts that are not read here (see above) and for tensors of which the number of
/// elements does not fit their shape. No more memory is taken than a multiple of the bytes there are.
OnnxModel parse_onnx(std::string_view bytes, const std::string& name = "model");

/// Reads a file. Throws FileError as parse_onnx() does.
OnnxModel read_onnx(const std::filesystem::path& path);

/// Parses a file that holds one TensorProto, the form of the inputs and outputs of ONNX's test models.
OnnxTensor parse_onnx_tensor(std::string_view bytes, const std::string& name = "tensor");

/// Returns the bytes of a model, tensors as raw data. Throws InvalidArgument for a tensor with another type than its
/// values have, a string tensor, and a graph of 2 GiB or more, the limit of the format.
std::string to_onnx(const OnnxModel& model);

/// Returns a name of a file for a message: short, and on one line.
std::string printable(std::string_view name);

/// Writes a file atomically. Throws FileError and WriteFailed as write_atomically() does.
void write_onnx(const std::filesystem::path& path, const OnnxModel& model);

}  // namespace ludus::io
