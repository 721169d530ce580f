// One recursive data type for everything that passes through an environment: observations, actions,
// reset options, info, keyword arguments and saved states.
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

// An ordered dictionary. Look-up walks the entries: these dictionaries have a handful.
class Dict {
 public:
  using Entry = std::pair<std::string, Value>;

  Dict() = default;
  Dict(std::initializer_list<Entry> entries);

  bool empty() const;
  std::size_t size() const;
  void clear();

  // The value of `key`, or null.
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  bool contains(std::string_view key) const { return find(key) != nullptr; }

  // The value of `key`; throws InvalidArgument naming the keys there are.
  const Value& at(std::string_view key) const;

  // The value of `key`, made (null) at the end if there is none.
  Value& operator[](std::string_view key);

  // Removes `key`, if there.
  void erase(std::string_view key);

  std::vector<Entry>::const_iterator begin() const;
  std::vector<Entry>::const_iterator end() const;
  std::vector<Entry>::iterator begin();
  std::vector<Entry>::iterator end();

  friend bool operator==(const Dict& a, const Dict& b);  // same entries in the same order

 private:
  std::vector<Entry> entries_;
};

// null, bool, int64, double, string, Array, List or Dict. In terms of Gymnasium's spaces: Discrete is
// an int64; Box, MultiDiscrete and MultiBinary are an Array; Text a string; Tuple and Sequence a List;
// Dict a Dict; Graph a Dict of nodes, edges, edge_links; OneOf a List of index and value.
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

  // Each throws TypeMismatch if the value holds something else. as_double takes an integer, and
  // as_int a double that is whole.
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

  // "a float32 array of shape (4,)", "the integer 3": for messages.
  std::string describe() const;

  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, List, Dict> data_;
};

}  // namespace ludus
