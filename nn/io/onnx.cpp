#include "nn/io/onnx.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/file.h"
#include "base/format.h"
#include "base/half.h"
#include "base/protobuf.h"
#include "nn/io/byte_stream.h"

namespace ludus::io {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian, and so must the machine be");

using Field = ProtobufReader::Field;

struct StoredAs {
  OnnxType type;
  DType dtype;       // of the array
  std::size_t size;  // bytes of an element in raw data
};

constexpr StoredAs kStorage[] = {{OnnxType::kFloat, DType::kFloat32, 4},   {OnnxType::kUint8, DType::kUInt8, 1},
                                 {OnnxType::kInt8, DType::kInt8, 1},       {OnnxType::kUint16, DType::kUInt16, 2},
                                 {OnnxType::kInt16, DType::kInt16, 2},     {OnnxType::kInt32, DType::kInt32, 4},
                                 {OnnxType::kInt64, DType::kInt64, 8},     {OnnxType::kBool, DType::kBool, 1},
                                 {OnnxType::kFloat16, DType::kFloat32, 2}, {OnnxType::kDouble, DType::kFloat64, 8},
                                 {OnnxType::kUint32, DType::kUInt32, 4},   {OnnxType::kUint64, DType::kUInt64, 8},
                                 {OnnxType::kBfloat16, DType::kFloat32, 2}};

const StoredAs* storage_of(OnnxType type) {
  const auto* row =
      std::find_if(std::begin(kStorage), std::end(kStorage), [&](const auto& r) { return r.type == type; });
  return row == std::end(kStorage) ? nullptr : row;
}

// Every message of the file. The kinds of error of the wire format get file and position here.
class Parser {
 public:
  Parser(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  OnnxModel model() {
    OnnxModel model{.opsets = {}};
    bool graph = false;
    for_each(bytes_, "ModelProto", [&](const Field& field) {
      switch (field.id) {
        case 1: model.ir_version = integer(field, "ir_version"); break;
        case 2: model.producer_name = text(field, "producer_name"); break;
        case 3: model.producer_version = text(field, "producer_version"); break;
        case 7:
          if (graph) fail(field.bytes, "a model must have one graph, got two");
          graph = true;
          read_graph(bytes(field, "graph"), model);
          break;
        case 8: model.opsets.push_back(opset(bytes(field, "opset_import"))); break;
        case 14: model.metadata.push_back(pair_of(bytes(field, "metadata_props"))); break;
        case 20:
        case 25: fail(field.bytes, "functions and training information are not supported; inline them");
        default: break;
      }
    });
    if (!graph)
      throw FileError(formatted("{}: an ONNX model must have a graph, got none in {} bytes", name_, bytes_.size()));
    if (model.opset() == 0) {
      throw FileError(formatted("{}: an ONNX model must state the version of its operators (opset_import)", name_));
    }
    return model;
  }

  OnnxTensor tensor(std::string_view message) {
    OnnxTensor tensor{.type = OnnxType::kUndefined};
    std::vector<std::int64_t> extents, integers;  // integers: of every type up to 64 bits, with their bits
    std::vector<float> floats;
    std::vector<double> doubles;
    std::string_view raw;
    bool has_raw = false;
    for_each(message, "TensorProto", [&](const Field& field) {
      switch (field.id) {
        case 1: add_integers(field, extents, "dims"); break;
        case 2: tensor.type = type_of(integer(field, "data_type")); break;
        case 3: fail(message, formatted("tensor \"{}\": segments are not supported", printable(tensor.name)));
        case 4: add_floats(field, floats, "float_data"); break;
        case 5: add_integers(field, integers, "int32_data"); break;
        case 6:
          fail(message, formatted("tensor \"{}\": elements must be numbers, got strings", printable(tensor.name)));
        case 7: add_integers(field, integers, "int64_data"); break;
        case 8: tensor.name = text(field, "name"); break;
        case 9:
          raw = bytes(field, "raw_data");
          has_raw = true;
          break;
        case 10: add_doubles(field, doubles); break;
        case 11: add_integers(field, integers, "uint64_data"); break;
        case 13: fail_external(message, tensor.name);
        case 14:
          if (integer(field, "data_location") != 0) fail_external(message, tensor.name);
          break;
        default: break;
      }
    });

    const std::string label = formatted("tensor \"{}\"", printable(tensor.name));
    const StoredAs* storage = storage_of(tensor.type);
    if (!storage) {
      fail(message, formatted("{}: the type of the elements must be a number type or bool, got type {}", label,
                              static_cast<int>(tensor.type)));
    }
    if (extents.size() > Shape::kMaxRank) {
      fail(message,
           formatted("{}: it must have at most {} dimensions, got {}", label, Shape::kMaxRank, extents.size()));
    }
    std::uint64_t count = 1;
    for (const std::int64_t extent : extents) {
      if (extent < 0) fail(message, formatted("{}: each extent must be 0 or more, got {}", label, extent));
      const auto factor = static_cast<std::uint64_t>(extent);
      // a number of elements that no file has
      if (factor != 0 && count > (std::uint64_t{1} << 40) / factor)
        count = std::uint64_t{1} << 41;
      else
        count *= factor;
      count = std::min(count, std::uint64_t{1} << 41);
    }
    const std::size_t kinds = (floats.empty() ? 0 : 1) + (doubles.empty() ? 0 : 1) + (integers.empty() ? 0 : 1);
    if (kinds > (has_raw ? 0 : 1)) fail(message, formatted("{}: its elements are stored twice", label));
    std::uint64_t stored = floats.size() + doubles.size() + integers.size();
    if (has_raw) {
      if (raw.size() % storage->size != 0) {
        fail(message,
             formatted("{}: raw_data must be elements of {} bytes, got {} bytes", label, storage->size, raw.size()));
      }
      stored = raw.size() / storage->size;
    }
    if (stored != count) {
      fail(message, formatted("{}: its shape has {} elements, and {} are stored", label,
                              count > (std::uint64_t{1} << 40) ? "more than 2^40" : formatted("{}", count), stored));
    }
    tensor.values = Array(storage->dtype, Shape(std::span<const std::int64_t>(extents)));
    if (has_raw) {
      copy_raw(raw, *storage, tensor.values);
    } else if (count > 0) {
      copy_fields(message, label, *storage, floats, doubles, integers, tensor.values);
    }
    return tensor;
  }

 private:
  [[noreturn]] void fail(std::string_view at, const std::string& message) const {
    throw FileError(formatted("{}: byte {}: {}", name_, at.data() - bytes_.data(), message));
  }

  [[noreturn]] void fail_external(std::string_view at, const std::string& tensor) const {
    fail(at,
         formatted("tensor \"{}\": its elements are in another file (external data), which is not supported; save the "
                   "model in one file",
                   printable(tensor)));
  }

  template <class Visit>
  void for_each(std::string_view message, const char* what, Visit&& visit) {
    try {
      ProtobufReader reader(message);
      while (const auto field = reader.next()) {
        message_ = message;
        what_ = what;
        visit(*field);
      }
    } catch (const ProtobufError& error) {
      fail(message, formatted("{}: {}", what, error.what()));
    }
  }

  [[noreturn]] void fail_type(const char* field, const char* expected) const {
    fail(message_, formatted("{}: the field {} must be {}", what_, field, expected));
  }

  std::string_view bytes(const Field& field, const char* name) const {
    if (field.type != WireType::kBytes) fail_type(name, "bytes");
    return field.bytes;
  }
  std::string text(const Field& field, const char* name) const { return std::string(bytes(field, name)); }
  std::int64_t integer(const Field& field, const char* name) const {
    if (field.type != WireType::kVarint) fail_type(name, "an integer");
    return std::bit_cast<std::int64_t>(field.number);
  }
  static OnnxType type_of(std::int64_t number) {
    return static_cast<OnnxType>(std::clamp<std::int64_t>(number, -1, 1000));
  }

  // Repeated numbers, packed or one in a field.
  void add_integers(const Field& field, std::vector<std::int64_t>& values, const char* name) const {
    if (field.type == WireType::kVarint) {
      values.push_back(std::bit_cast<std::int64_t>(field.number));
    } else {
      std::string_view packed = bytes(field, name);
      while (!packed.empty()) values.push_back(std::bit_cast<std::int64_t>(take_varint(packed)));
    }
  }
  template <class Number>
  void add_fixed(const Field& field, WireType single, std::vector<Number>& values, const char* name) const {
    if (field.type != single) bytes(field, name);
    if (field.bytes.size() % sizeof(Number) != 0) fail_type(name, "whole numbers of bytes of its type");
    if (field.bytes.empty()) return;
    const std::size_t before = values.size();
    values.resize(before + field.bytes.size() / sizeof(Number));
    std::memcpy(values.data() + before, field.bytes.data(), field.bytes.size());
  }
  void add_floats(const Field& field, std::vector<float>& values, const char* name) const {
    add_fixed(field, WireType::kFixed32, values, name);
  }
  void add_doubles(const Field& field, std::vector<double>& values) const {
    add_fixed(field, WireType::kFixed64, values, "double_data");
  }

  static void copy_raw(std::string_view raw, const StoredAs& storage, Array& values) {
    if (storage.type == OnnxType::kFloat16 || storage.type == OnnxType::kBfloat16) {
      const std::span<float> numbers = values.data<float>();
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        std::uint16_t bits = 0;
        std::memcpy(&bits, raw.data() + 2 * i, 2);
        numbers[i] = storage.type == OnnxType::kFloat16 ? half_to_float(bits) : bfloat_to_float(bits);
      }
    } else if (storage.type == OnnxType::kBool) {
      const std::span<bool> flags = values.data<bool>();
      for (std::size_t i = 0; i < flags.size(); ++i) flags[i] = raw[i] != 0;
    } else if (!raw.empty()) {
      std::memcpy(values.bytes().data(), raw.data(), raw.size());
    }
  }

  // The fields that hold the elements of a type: floats, doubles, and integers for all others.
  void copy_fields(std::string_view message, const std::string& label, const StoredAs& storage,
                   const std::vector<float>& floats, const std::vector<double>& doubles,
                   const std::vector<std::int64_t>& integers, Array& values) const {
    const auto require = [&](bool condition) {
      if (!condition) fail(message, formatted("{}: its elements are stored in the field of another type", label));
    };
    switch (storage.type) {
      case OnnxType::kFloat:
        require(!floats.empty());
        std::copy(floats.begin(), floats.end(), values.data<float>().begin());
        return;
      case OnnxType::kDouble:
        require(!doubles.empty());
        std::copy(doubles.begin(), doubles.end(), values.data<double>().begin());
        return;
      case OnnxType::kFloat16:
      case OnnxType::kBfloat16: {
        require(!integers.empty());
        const std::span<float> numbers = values.data<float>();
        for (std::size_t i = 0; i < numbers.size(); ++i) {
          const auto bits = static_cast<std::uint16_t>(integers[i]);
          numbers[i] = storage.type == OnnxType::kFloat16 ? half_to_float(bits) : bfloat_to_float(bits);
        }
        return;
      }
      default: break;
    }
    require(!integers.empty());
    dispatch(storage.dtype, [&](auto zero) {
      using T = decltype(zero);
      const std::span<T> numbers = values.data<T>();
      for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<T>(integers[i]);
    });
  }

  std::pair<std::string, std::int64_t> opset(std::string_view message) {
    std::pair<std::string, std::int64_t> entry;
    for_each(message, "OperatorSetIdProto", [&](const Field& field) {
      if (field.id == 1) entry.first = text(field, "domain");
      if (field.id == 2) entry.second = integer(field, "version");
    });
    if (entry.first == "ai.onnx") entry.first.clear();
    if (entry.second < 1 || entry.second > 1'000'000) {
      fail(message, formatted("the version of a set of operators must be 1 or more, got {}", entry.second));
    }
    return entry;
  }

  std::pair<std::string, std::string> pair_of(std::string_view message) {
    std::pair<std::string, std::string> entry;
    for_each(message, "StringStringEntryProto", [&](const Field& field) {
      if (field.id == 1) entry.first = text(field, "key");
      if (field.id == 2) entry.second = text(field, "value");
    });
    return entry;
  }

  void read_graph(std::string_view message, OnnxModel& model) {
    constexpr std::size_t kMaxNodes = 1'000'000;
    for_each(message, "GraphProto", [&](const Field& field) {
      switch (field.id) {
        case 1:
          if (model.nodes.size() == kMaxNodes)
            fail(message, formatted("a graph must have at most {} nodes", kMaxNodes));
          model.nodes.push_back(node(bytes(field, "node")));
          break;
        case 2: model.graph_name = text(field, "name"); break;
        case 5: model.initializers.push_back(tensor(bytes(field, "initializer"))); break;
        case 11: model.inputs.push_back(value_info(bytes(field, "input"))); break;
        case 12: model.outputs.push_back(value_info(bytes(field, "output"))); break;
        case 13: model.values.push_back(value_info(bytes(field, "value_info"))); break;
        case 15: fail(field.bytes, "sparse initialisers are not supported; store them densely");
        default: break;
      }
    });
  }

  OnnxNode node(std::string_view message) {
    OnnxNode node;
    for_each(message, "NodeProto", [&](const Field& field) {
      switch (field.id) {
        case 1: node.inputs.push_back(text(field, "input")); break;
        case 2: node.outputs.push_back(text(field, "output")); break;
        case 3: node.name = text(field, "name"); break;
        case 4: node.op_type = text(field, "op_type"); break;
        case 5: node.attributes.push_back(attribute(bytes(field, "attribute"), node)); break;
        case 7: node.domain = text(field, "domain"); break;
        default: break;
      }
    });
    if (node.domain == "ai.onnx") node.domain.clear();
    if (node.op_type.empty()) fail(message, formatted("node \"{}\" must have an operator", printable(node.name)));
    return node;
  }

  OnnxAttribute attribute(std::string_view message, const OnnxNode& node) {
    OnnxAttribute attribute;
    std::int64_t type = 0, i = 0;
    float f = 0;
    std::string s;
    std::optional<OnnxTensor> t;
    std::vector<float> floats;
    std::vector<std::int64_t> ints;
    std::vector<std::string> strings;
    for_each(message, "AttributeProto", [&](const Field& field) {
      switch (field.id) {
        case 1: attribute.name = text(field, "name"); break;
        case 2:
          if (field.type != WireType::kFixed32) fail_type("f", "a float");
          std::memcpy(&f, field.bytes.data(), sizeof f);
          break;
        case 3: i = integer(field, "i"); break;
        case 4: s = text(field, "s"); break;
        case 5: t = tensor(bytes(field, "t")); break;
        case 7: add_floats(field, floats, "floats"); break;
        case 8: add_integers(field, ints, "ints"); break;
        case 9: strings.push_back(text(field, "strings")); break;
        case 20: type = integer(field, "type"); break;
        default: break;
      }
    });
    const auto label = [&] {
      return formatted("node \"{}\" ({}): attribute \"{}\"",
                       printable(node.name.empty() && !node.outputs.empty() ? node.outputs[0] : node.name),
                       printable(node.op_type), printable(attribute.name));
    };
    switch (type) {
      case 1: attribute.value = f; break;
      case 2: attribute.value = i; break;
      case 3: attribute.value = std::move(s); break;
      case 4:
        if (!t) fail(message, formatted("{}: the tensor is missing", label()));
        attribute.value = std::move(*t);
        break;
      case 6: attribute.value = std::move(floats); break;
      case 7: attribute.value = std::move(ints); break;
      case 8: attribute.value = std::move(strings); break;
      default:
        fail(message,
             formatted("{}: the type must be FLOAT, INT, STRING, TENSOR, FLOATS, INTS or STRINGS, got type {}; "
                       "subgraphs and lists of tensors are not supported",
                       label(), type));
    }
    return attribute;
  }

  OnnxValueInfo value_info(std::string_view message) {
    OnnxValueInfo info{.name = {}, .type = OnnxType::kUndefined};
    for_each(message, "ValueInfoProto", [&](const Field& field) {
      if (field.id == 1) info.name = text(field, "name");
      if (field.id != 2) return;
      for_each(bytes(field, "type"), "TypeProto", [&](const Field& kind) {
        if (kind.id != 1) return;  // sequences, maps and optional values have no type here
        for_each(bytes(kind, "tensor_type"), "TypeProto.Tensor", [&](const Field& part) {
          if (part.id == 1) info.type = type_of(integer(part, "elem_type"));
          if (part.id != 2) return;
          info.shape.emplace();
          for_each(bytes(part, "shape"), "TensorShapeProto", [&](const Field& entry) {
            if (entry.id == 1) info.shape->push_back(dimension(bytes(entry, "dim")));
          });
        });
      });
    });
    return info;
  }

  OnnxDimension dimension(std::string_view message) {
    OnnxDimension dimension;
    for_each(message, "TensorShapeProto.Dimension", [&](const Field& field) {
      if (field.id == 1) dimension.value = integer(field, "dim_value");
      if (field.id == 2) dimension.name = text(field, "dim_param");
    });
    return dimension;
  }

  std::string_view bytes_;
  const std::string& name_;
  // the message that is being read, for errors about its fields
  std::string_view message_;
  const char* what_ = "";
};

// ---- writing -------------------------------------------------------------------------------------------------------

void put_integer(std::string& out, std::uint32_t field, std::int64_t number) {
  put_tag(out, field, WireType::kVarint);
  put_varint(out, std::bit_cast<std::uint64_t>(number));
}

void put_text(std::string& out, std::uint32_t field, std::string_view text) {
  if (!text.empty()) put_bytes(out, field, text);
}

std::string raw_data(const OnnxTensor& tensor) {
  const std::span<const std::byte> bytes = tensor.values.bytes();
  if (tensor.type != OnnxType::kFloat16 && tensor.type != OnnxType::kBfloat16) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::string raw;
  raw.reserve(2 * tensor.values.size());
  for (const float number : tensor.values.data<float>()) {
    put_fixed(raw, tensor.type == OnnxType::kFloat16 ? float_to_half(number) : float_to_bfloat(number));
  }
  return raw;
}

std::string message_of(const OnnxTensor& tensor) {
  const StoredAs* storage = storage_of(tensor.type);
  if (!storage || storage->dtype != tensor.values.dtype()) {
    throw InvalidArgument(formatted("ONNX: tensor \"{}\" of type {} must have values of that type, got {}", tensor.name,
                                    static_cast<int>(tensor.type), name_of(tensor.values.dtype())));
  }
  std::string out;
  const Shape& shape = tensor.values.shape();
  // unpacked, as onnx.proto declares it
  for (const std::int64_t extent : shape) put_integer(out, 1, extent);
  put_integer(out, 2, static_cast<std::int64_t>(tensor.type));
  put_text(out, 8, tensor.name);
  put_bytes(out, 9, raw_data(tensor));
  return out;
}

std::string message_of(const OnnxAttribute& attribute) {
  std::string out;
  put_bytes(out, 1, attribute.name);
  std::int64_t type = 0;
  if (const auto* f = std::get_if<float>(&attribute.value)) {
    put_tag(out, 2, WireType::kFixed32);
    put_fixed(out, *f);
    type = 1;
  } else if (const auto* i = std::get_if<std::int64_t>(&attribute.value)) {
    put_integer(out, 3, *i);
    type = 2;
  } else if (const auto* s = std::get_if<std::string>(&attribute.value)) {
    put_bytes(out, 4, *s);
    type = 3;
  } else if (const auto* t = std::get_if<OnnxTensor>(&attribute.value)) {
    put_bytes(out, 5, message_of(*t));
    type = 4;
  } else if (const auto* floats = std::get_if<std::vector<float>>(&attribute.value)) {
    for (const float number : *floats) {
      put_tag(out, 7, WireType::kFixed32);
      put_fixed(out, number);
    }
    type = 6;
  } else if (const auto* ints = std::get_if<std::vector<std::int64_t>>(&attribute.value)) {
    for (const std::int64_t number : *ints) put_integer(out, 8, number);
    type = 7;
  } else {
    for (const std::string& text : std::get<std::vector<std::string>>(attribute.value)) put_bytes(out, 9, text);
    type = 8;
  }
  put_integer(out, 20, type);
  return out;
}

std::string message_of(const OnnxNode& node) {
  std::string out;
  for (const std::string& input : node.inputs) put_bytes(out, 1, input);
  for (const std::string& output : node.outputs) put_bytes(out, 2, output);
  put_text(out, 3, node.name);
  put_bytes(out, 4, node.op_type);
  for (const OnnxAttribute& attribute : node.attributes) put_bytes(out, 5, message_of(attribute));
  put_text(out, 7, node.domain);
  return out;
}

std::string message_of(const OnnxValueInfo& info) {
  std::string tensor, type, out;
  put_integer(tensor, 1, static_cast<std::int64_t>(info.type));
  if (info.shape) {
    std::string shape;
    for (const OnnxDimension& dimension : *info.shape) {
      std::string message;
      if (dimension.value) put_integer(message, 1, *dimension.value);
      if (!dimension.value) put_text(message, 2, dimension.name);
      put_bytes(shape, 1, message);
    }
    put_bytes(tensor, 2, shape);
  }
  put_bytes(type, 1, tensor);
  put_bytes(out, 1, info.name);
  put_bytes(out, 2, type);
  return out;
}

}  // namespace

std::string printable(std::string_view name) {
  constexpr std::size_t kLongest = 100;
  std::string text(name.substr(0, kLongest));
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return name.size() > kLongest ? text + "…" : text;
}

OnnxType onnx_type(DType dtype) {
  for (const StoredAs& row : kStorage) {
    if (row.dtype == dtype) return row.type;  // float before float16
  }
  return OnnxType::kUndefined;
}

OnnxTensor onnx_tensor(std::string name, Array values) {
  const OnnxType type = onnx_type(values.dtype());
  return {.name = std::move(name), .type = type, .values = std::move(values)};
}

const OnnxValue* OnnxNode::find(std::string_view attribute) const {
  for (const OnnxAttribute& a : attributes) {
    if (a.name == attribute) return &a.value;
  }
  return nullptr;
}

std::int64_t OnnxModel::opset() const {
  for (const auto& [domain, version] : opsets) {
    if (domain.empty()) return version;
  }
  return 0;
}

OnnxModel parse_onnx(std::string_view bytes, const std::string& name) {
  return Parser(bytes, name).model();
}

OnnxModel read_onnx(const std::filesystem::path& path) {
  const ByteStreamPtr stream = open_file(path, Compression::kNone);
  return parse_onnx(read_rest(*stream), path.string());
}

OnnxTensor parse_onnx_tensor(std::string_view bytes, const std::string& name) {
  return Parser(bytes, name).tensor(bytes);
}

std::string to_onnx(const OnnxModel& model) {
  std::string graph;
  for (const OnnxNode& node : model.nodes) put_bytes(graph, 1, message_of(node));
  put_text(graph, 2, model.graph_name);
  for (const OnnxTensor& tensor : model.initializers) put_bytes(graph, 5, message_of(tensor));
  for (const OnnxValueInfo& info : model.inputs) put_bytes(graph, 11, message_of(info));
  for (const OnnxValueInfo& info : model.outputs) put_bytes(graph, 12, message_of(info));
  for (const OnnxValueInfo& info : model.values) put_bytes(graph, 13, message_of(info));

  constexpr std::size_t kLargest = std::numeric_limits<std::int32_t>::max();  // of a protocol-buffer message
  if (graph.size() > kLargest) {
    throw InvalidArgument(
        formatted("ONNX: a model must be smaller than {} bytes, got {}; export parts of it", kLargest, graph.size()));
  }
  std::string out;
  put_integer(out, 1, model.ir_version);
  put_text(out, 2, model.producer_name);
  put_text(out, 3, model.producer_version);
  put_bytes(out, 7, graph);
  for (const auto& [domain, version] : model.opsets) {
    std::string message;
    put_text(message, 1, domain);
    put_integer(message, 2, version);
    put_bytes(out, 8, message);
  }
  for (const auto& [key, value] : model.metadata) {
    std::string message;
    put_bytes(message, 1, key);
    put_bytes(message, 2, value);
    put_bytes(out, 14, message);
  }
  return out;
}

void write_onnx(const std::filesystem::path& path, const OnnxModel& model) {
  write_atomically(path, to_onnx(model));
}

}  // namespace ludus::io
