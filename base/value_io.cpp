#include "base/value_io.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/format.h"

namespace ludus {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kArrayTag[] =
    "\x01"
    "array";  // a key that does not occur at the start of any other dictionary

Json number_to_json(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  return number;
}

Json array_to_json(const Array& array, std::size_t axis, std::size_t& next) {
  if (axis == array.shape().rank()) {
    const std::size_t i = next++;
    switch (array.dtype()) {
      case DType::kBool: return array.data<bool>()[i];
      case DType::kInt64: return array.data<std::int64_t>()[i];
      case DType::kUInt64: return array.data<std::uint64_t>()[i];
      case DType::kFloat32:
      case DType::kFloat64: return number_to_json(array.get(i));
      default: return static_cast<std::int64_t>(array.get(i));
    }
  }
  Json list = Json::array();
  for (std::int64_t i = 0; i < array.shape()[axis]; ++i) list.push_back(array_to_json(array, axis + 1, next));
  return list;
}

Json to_json_tree(const Value& value) {
  if (value.is_null()) return nullptr;
  if (value.is_bool()) return value.as_bool();
  if (value.is_int()) return value.as_int();
  if (value.is_double()) return number_to_json(value.as_double());
  if (value.is_string()) return value.as_string();
  if (value.is_array()) {
    std::size_t next = 0;
    return array_to_json(value.as_array(), 0, next);
  }
  if (value.is_list()) {
    Json list = Json::array();
    for (const Value& element : value.as_list()) list.push_back(to_json_tree(element));
    return list;
  }
  Json object = Json::object();
  for (const auto& [key, element] : value.as_dict()) object[key] = to_json_tree(element);
  return object;
}

// Deeper nesting than in any valid value; a corrupt file must not exhaust the stack.
constexpr std::size_t kMaxDepth = 200;

Value from_json_tree(const Json& json, std::size_t depth = 0) {
  if (depth > kMaxDepth) throw FileError(formatted("a value must be nested at most {} deep", kMaxDepth));
  switch (json.type()) {
    case Json::value_t::null: return {};
    case Json::value_t::boolean: return json.get<bool>();
    case Json::value_t::number_integer: return json.get<std::int64_t>();
    case Json::value_t::number_unsigned: {
      const auto number = json.get<std::uint64_t>();
      if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return static_cast<double>(number);
      }
      return static_cast<std::int64_t>(number);
    }
    case Json::value_t::number_float: return json.get<double>();
    case Json::value_t::string: return json.get<std::string>();
    case Json::value_t::array: {
      List list;
      for (const Json& element : json) list.push_back(from_json_tree(element, depth + 1));
      return list;
    }
    case Json::value_t::object: {
      Dict dict;
      for (const auto& [key, element] : json.items()) dict[key] = from_json_tree(element, depth + 1);
      return dict;
    }
    default: throw FileError("a JSON text must not contain binary data");
  }
}

Json to_cbor_tree(const Value& value) {
  if (value.is_array()) {
    const Array& array = value.as_array();
    const auto bytes = array.bytes();
    const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
    return Json{{kArrayTag,
                 {{"dtype", name_of(array.dtype())},
                  {"shape", std::vector<std::int64_t>(array.shape().begin(), array.shape().end())},
                  {"bytes", Json::binary(std::vector<std::uint8_t>(first, first + bytes.size()))}}}};
  }
  if (value.is_double()) return value.as_double();  // CBOR represents infinities and NaN
  if (value.is_list()) {
    Json list = Json::array();
    for (const Value& element : value.as_list()) list.push_back(to_cbor_tree(element));
    return list;
  }
  if (value.is_dict()) {
    Json object = Json::object();
    for (const auto& [key, element] : value.as_dict()) object[key] = to_cbor_tree(element);
    return object;
  }
  return to_json_tree(value);
}

Value from_cbor_tree(const Json& json) {
  if (json.is_array()) {
    List list;
    for (const Json& element : json) list.push_back(from_cbor_tree(element));
    return list;
  }
  if (json.is_object()) {
    if (json.contains(kArrayTag)) {
      const Json& fields = json.at(kArrayTag);
      const auto extents = fields.at("shape").get<std::vector<std::int64_t>>();
      const auto& bytes = fields.at("bytes").get_binary();
      const DType dtype = dtype_of(fields.at("dtype").get<std::string>());

      // check the size before allocating
      std::size_t expected = size_of(dtype);
      for (const std::int64_t extent : extents) {
        if (extent < 0 || __builtin_mul_overflow(expected, static_cast<std::size_t>(extent), &expected)) {
          throw FileError("the shape of a saved array must have non-negative extents that fit in memory");
        }
      }
      if (expected != bytes.size())
        throw FileError(
            formatted("a saved array of its shape and dtype must have {} bytes, got {}", expected, bytes.size()));
      Array array(dtype, Shape(std::span<const std::int64_t>(extents)));
      if (dtype == DType::kBool &&
          std::any_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte > 1; })) {
        throw FileError("the bytes of a saved bool array must be 0 or 1");
      }
      if (!bytes.empty()) std::memcpy(array.bytes().data(), bytes.data(), bytes.size());
      return array;
    }
    Dict dict;
    for (const auto& [key, element] : json.items()) dict[key] = from_cbor_tree(element);
    return dict;
  }
  return from_json_tree(json);
}

// Builds the tree of a CBOR document, and stops at the depth limit (the reader recurses once per level).
class DepthLimitedBuilder : public nlohmann::detail::json_sax_dom_parser<Json> {
 public:
  using Base = nlohmann::detail::json_sax_dom_parser<Json>;
  explicit DepthLimitedBuilder(Json& tree) : Base(tree, true) {}
  bool start_object(std::size_t elements) { return ++depth_ <= kMaxDepth && Base::start_object(elements); }
  bool start_array(std::size_t elements) { return ++depth_ <= kMaxDepth && Base::start_array(elements); }
  bool end_object() {
    --depth_;
    return Base::end_object();
  }
  bool end_array() {
    --depth_;
    return Base::end_array();
  }

 private:
  std::size_t depth_ = 0;
};

void collect(const Value& value, std::size_t depth, std::vector<std::int64_t>& extents, std::vector<double>& numbers) {
  if (!value.is_list()) {
    if (depth != extents.size())
      throw TypeMismatch("a nested list must be rectangular: lists of one level must have equal lengths");
    if (value.is_string()) {
      const std::string& text = value.as_string();
      if (text == "inf" || text == "-inf" || text == "nan") {
        const double infinity = std::numeric_limits<double>::infinity();
        numbers.push_back(text == "nan" ? std::numeric_limits<double>::quiet_NaN()
                                        : (text == "inf" ? infinity : -infinity));
        return;
      }
    }
    numbers.push_back(value.is_bool() ? static_cast<double>(value.as_bool()) : value.as_double());
    return;
  }
  const List& list = value.as_list();
  const auto extent = static_cast<std::int64_t>(list.size());
  if (depth == extents.size()) {
    if (!numbers.empty())
      throw TypeMismatch("a nested list must be rectangular: lists of one level must have equal lengths");
    extents.resize(depth + 1, extent);
  } else if (extents[depth] != extent) {
    throw TypeMismatch("a nested list must be rectangular: lists of one level must have equal lengths");
  }
  for (const Value& element : list) collect(element, depth + 1, extents, numbers);
}

}  // namespace

std::string to_json(const Value& value, int indent) {
  return to_json_tree(value).dump(indent, ' ', false, Json::error_handler_t::replace);
}

Value from_json(std::string_view text) {
  try {
    return from_json_tree(Json::parse(text));
  } catch (const Json::exception& error) {
    throw FileError(formatted("the JSON text is malformed: {}", error.what()));
  }
}

std::vector<std::byte> encode(const Value& value) {
  const std::vector<std::uint8_t> bytes = Json::to_cbor(to_cbor_tree(value));
  std::vector<std::byte> result(bytes.size());
  std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

Value decode(std::span<const std::byte> bytes) {
  try {
    const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
    Json tree;
    DepthLimitedBuilder builder(tree);
    if (!Json::sax_parse(first, first + bytes.size(), &builder, nlohmann::detail::input_format_t::cbor)) {
      throw FileError(formatted("the saved state is damaged: it must be nested at most {} deep", kMaxDepth));
    }
    return from_cbor_tree(tree);
  } catch (const Json::exception& error) {
    throw FileError(formatted("the saved state is damaged: {}", error.what()));
  } catch (const InvalidArgument& error) {  // an unknown dtype, or a shape with too many dimensions
    throw FileError(formatted("the saved state is damaged: {}", error.what()));
  }
}

Array to_array(const Value& value, DType dtype) {
  if (value.is_array()) return value.as_array().cast(dtype);
  std::vector<std::int64_t> extents;
  std::vector<double> numbers;
  collect(value, 0, extents, numbers);
  Array array(dtype, Shape(std::span<const std::int64_t>(extents)));
  if (array.size() != numbers.size())
    throw TypeMismatch("a nested list must be rectangular: lists of one level must have equal lengths");
  for (std::size_t i = 0; i < numbers.size(); ++i) array.set(i, numbers[i]);
  return array;
}

}  // namespace ludus
