#include "nn/io/tf_example.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/format.h"
#include "base/protobuf.h"

namespace ludus::io {
namespace {

using Field = ProtobufReader::Field;

constexpr std::size_t kMaxFeatures = 10'000;  // looked up linearly

bool is_message(const Field& field, std::uint32_t id) {
  return field.id == id && field.type == WireType::kBytes;
}

template <class Visit>
void for_each_field(std::string_view message, Visit&& visit) {
  ProtobufReader reader(message);
  while (const auto field = reader.next()) visit(*field);
}

float float_of(std::string_view bytes) {
  float number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

void add_values(std::string_view list, BytesList& values) {
  for_each_field(list, [&](const Field& field) {
    if (is_message(field, 1)) values.emplace_back(field.bytes);
  });
}

void add_values(std::string_view list, FloatList& values) {
  for_each_field(list, [&](const Field& field) {
    if (field.id != 1) return;
    if (field.type == WireType::kFixed32) values.push_back(float_of(field.bytes));
    if (field.type != WireType::kBytes) return;
    if (field.bytes.size() % sizeof(float) != 0) {
      throw ProtobufError(formatted("a list of floats has {} bytes, not a multiple of 4", field.bytes.size()));
    }
    for (std::size_t at = 0; at < field.bytes.size(); at += sizeof(float)) {
      values.push_back(float_of(field.bytes.substr(at)));
    }
  });
}

void add_values(std::string_view list, Int64List& values) {
  for_each_field(list, [&](const Field& field) {
    if (field.id != 1) return;
    if (field.type == WireType::kVarint) values.push_back(std::bit_cast<std::int64_t>(field.number));
    if (field.type != WireType::kBytes) return;
    std::string_view packed = field.bytes;
    while (!packed.empty()) values.push_back(std::bit_cast<std::int64_t>(take_varint(packed)));
  });
}

// A list that follows one of the same kind is added to it; one of another kind replaces it.
template <class List>
void merge_list(std::string_view list, Feature& feature) {
  if (!std::holds_alternative<List>(feature)) feature = List();
  add_values(list, std::get<List>(feature));
}

Feature parse_feature(std::string_view message) {
  Feature feature;
  for_each_field(message, [&](const Field& field) {
    if (is_message(field, 1)) merge_list<BytesList>(field.bytes, feature);
    if (is_message(field, 2)) merge_list<FloatList>(field.bytes, feature);
    if (is_message(field, 3)) merge_list<Int64List>(field.bytes, feature);
  });
  return feature;
}

// An entry of a map is a message {1: key, 2: value}.
void add_feature(std::string_view entry, TfExample& example) {
  std::string_view name, value;
  for_each_field(entry, [&](const Field& field) {
    if (is_message(field, 1)) name = field.bytes;
    if (is_message(field, 2)) value = field.bytes;
  });
  Feature feature = parse_feature(value);
  const auto known = std::find_if(example.begin(), example.end(), [&](const auto& f) { return f.first == name; });
  if (known != example.end()) {
    known->second = std::move(feature);
  } else {
    if (example.size() == kMaxFeatures) throw ProtobufError(formatted("it has more than {} features", kMaxFeatures));
    example.emplace_back(std::string(name), std::move(feature));
  }
}

std::string list_of(const BytesList& values) {
  std::string list;
  for (const std::string& value : values) put_bytes(list, 1, value);
  return list;
}

std::string list_of(const FloatList& values) {
  std::string packed;
  for (const float value : values) put_fixed(packed, value);
  std::string list;
  if (!values.empty()) put_bytes(list, 1, packed);
  return list;
}

std::string list_of(const Int64List& values) {
  std::string packed;
  for (const std::int64_t value : values) put_varint(packed, std::bit_cast<std::uint64_t>(value));
  std::string list;
  if (!values.empty()) put_bytes(list, 1, packed);
  return list;
}

}  // namespace

TfExample parse_tf_example(std::string_view message) {
  TfExample example;
  try {
    for_each_field(message, [&](const Field& features) {
      if (!is_message(features, 1)) return;
      for_each_field(features.bytes, [&](const Field& entry) {
        if (is_message(entry, 1)) add_feature(entry.bytes, example);
      });
    });
  } catch (const ProtobufError& error) {
    throw FileError(formatted("not a tf.Example: {}", error.what()));
  }
  return example;
}

std::string to_tf_example(const TfExample& example) {
  std::string features;
  for (const auto& [name, feature] : example) {
    std::string message;
    if (const auto* bytes = std::get_if<BytesList>(&feature)) put_bytes(message, 1, list_of(*bytes));
    if (const auto* floats = std::get_if<FloatList>(&feature)) put_bytes(message, 2, list_of(*floats));
    if (const auto* integers = std::get_if<Int64List>(&feature)) put_bytes(message, 3, list_of(*integers));
    std::string entry;
    put_bytes(entry, 1, name);
    put_bytes(entry, 2, message);
    put_bytes(features, 1, entry);
  }
  std::string out;
  put_bytes(out, 1, features);
  return out;
}

}  // namespace ludus::io
