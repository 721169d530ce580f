// A recursive variant type for all data of an environment: observations, actions, reset options, info, keyword
// arguments and saved states.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/array.h"

namespace ludus {

class Value;
using List = std::vector<Value>;

/// A dictionary in insertion order. Look-up is linear, because these dictionaries have few entries.
class Dict {
 public:
  using Entry = std::pair<std::string, Value>;

  Dict() = default;
  Dict(std::initializer_list<Entry> entries);

  bool empty() const;
  std::size_t size() const;
  void clear();

  /// Returns a pointer to the value of `key`, or null.
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  bool contains(std::string_view key) const { return find(key) != nullptr; }

  /// Returns the value of `key`. Throws InvalidArgument listing the available keys.
  const Value& at(std::string_view key) const;

  /// Returns the value of `key`, which is appended as null if it is missing.
  Value& operator[](std::string_view key);

  /// Removes `key` if it is present.
  void erase(std::string_view key);

  std::vector<Entry>::const_iterator begin() const;
  std::vector<Entry>::const_iterator end() const;
  std::vector<Entry>::iterator begin();
  std::vector<Entry>::iterator end();

  friend bool operator==(const Dict& a, const Dict& b);  // same entries in the same order

 private:
  std::vector<Entry> entries_;
};

/// Holds null, bool, int64, double, string, Array, List or Dict. Elements of Gymnasium's spaces are represented as
/// follows: Discrete as an int64; Box, MultiDiscrete and MultiBinary as an Array; Text as a string; Tuple and Sequence
/// as a List; Dict as a Dict; Graph as a Dict of nodes, edges and edge_links; OneOf as a List of index and value.
class Value {
 public:
  Value() = default;
  Value(bool value) : data_(value) {}
  Value(int value) : data_(static_cast<std::int64_t>(value)) {}
  Value(long value) : data_(static_cast<std::int64_t>(value)) {}
  Value(long long value) : data_(static_cast<std::int64_t>(value)) {}
  Value(unsigned value) : data_(static_cast<std::int64_t>(value)) {}
  Value(float value) : data_(static_cast<double>(value)) {}
  Value(double value) : data_(value) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(Array value) : data_(std::move(value)) {}
  Value(List value) : data_(std::move(value)) {}
  Value(Dict value) : data_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_int() const { return std::holds_alternative<std::int64_t>(data_); }
  bool is_double() const { return std::holds_alternative<double>(data_); }
  bool is_number() const { return is_int() || is_double(); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_list() const { return std::holds_alternative<List>(data_); }
  bool is_dict() const { return std::holds_alternative<Dict>(data_); }

  /// Each throws TypeMismatch if the value holds another type. as_double() also accepts an integer, and as_int() a
  /// double with an integral value.
  bool as_bool() const;
  std::int64_t as_int() const;
  double as_double() const;
  const std::string& as_string() const;
  const Array& as_array() const;
  Array& as_array();
  const List& as_list() const;
  List& as_list();
  const Dict& as_dict() const;
  Dict& as_dict();

  /// Returns a description for messages: "a float32 array of shape (4,)", "the integer 3".
  std::string describe() const;

  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, List, Dict> data_;
};

}  // namespace ludus
