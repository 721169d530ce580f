#include "base/value.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"

namespace ludus {
namespace {

template <class Entries>
auto find_entry(Entries& entries, std::string_view key) {
  return std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.first == key; });
}

[[noreturn]] void mismatch(const Value& value, const char* expected) {
  throw TypeMismatch(formatted("must be {}, got {}", expected, value.describe()));
}

}  // namespace

Dict::Dict(std::initializer_list<Entry> entries) {
  for (const Entry& entry : entries) (*this)[entry.first] = entry.second;
}

bool Dict::empty() const {
  return entries_.empty();
}
std::size_t Dict::size() const {
  return entries_.size();
}
void Dict::clear() {
  entries_.clear();
}

const Value* Dict::find(std::string_view key) const {
  const auto it = find_entry(entries_, key);
  return it == entries_.end() ? nullptr : &it->second;
}

Value* Dict::find(std::string_view key) {
  const auto it = find_entry(entries_, key);
  return it == entries_.end() ? nullptr : &it->second;
}

const Value& Dict::at(std::string_view key) const {
  if (const Value* value = find(key)) return *value;
  std::string known;
  for (const Entry& entry : entries_) known += (known.empty() ? "" : ", ") + entry.first;
  throw InvalidArgument(formatted("no entry is named \"{}\"; there are: {}", key, known.empty() ? "none" : known));
}

Value& Dict::operator[](std::string_view key) {
  if (Value* value = find(key)) return *value;
  return entries_.emplace_back(std::string(key), Value()).second;
}

void Dict::erase(std::string_view key) {
  const auto it = find_entry(entries_, key);
  if (it != entries_.end()) entries_.erase(it);
}

std::vector<Dict::Entry>::const_iterator Dict::begin() const {
  return entries_.begin();
}
std::vector<Dict::Entry>::const_iterator Dict::end() const {
  return entries_.end();
}
std::vector<Dict::Entry>::iterator Dict::begin() {
  return entries_.begin();
}
std::vector<Dict::Entry>::iterator Dict::end() {
  return entries_.end();
}

bool operator==(const Dict& a, const Dict& b) {
  return a.entries_ == b.entries_;
}

bool Value::as_bool() const {
  if (const bool* value = std::get_if<bool>(&data_)) return *value;
  mismatch(*this, "true or false");
}

std::int64_t Value::as_int() const {
  if (const std::int64_t* value = std::get_if<std::int64_t>(&data_)) return *value;
  // above 2^53 a double cannot represent every integer
  constexpr double kExact = 9007199254740992.0;
  if (const double* value = std::get_if<double>(&data_);
      value && std::nearbyint(*value) == *value && std::abs(*value) <= kExact) {
    return static_cast<std::int64_t>(*value);
  }
  mismatch(*this, "an integer");
}

double Value::as_double() const {
  if (const double* value = std::get_if<double>(&data_)) return *value;
  if (const std::int64_t* value = std::get_if<std::int64_t>(&data_)) {
    return static_cast<double>(*value);
  }
  mismatch(*this, "a number");
}

const std::string& Value::as_string() const {
  if (const std::string* value = std::get_if<std::string>(&data_)) return *value;
  mismatch(*this, "a string");
}

const Array& Value::as_array() const {
  if (const Array* value = std::get_if<Array>(&data_)) return *value;
  mismatch(*this, "an array");
}

const List& Value::as_list() const {
  if (const List* value = std::get_if<List>(&data_)) return *value;
  mismatch(*this, "a list");
}

const Dict& Value::as_dict() const {
  if (const Dict* value = std::get_if<Dict>(&data_)) return *value;
  mismatch(*this, "a dictionary");
}

Array& Value::as_array() {
  return const_cast<Array&>(std::as_const(*this).as_array());
}
List& Value::as_list() {
  return const_cast<List&>(std::as_const(*this).as_list());
}
Dict& Value::as_dict() {
  return const_cast<Dict&>(std::as_const(*this).as_dict());
}

std::string Value::describe() const {
  if (is_null()) return "nothing";
  if (is_bool()) return as_bool() ? "true" : "false";
  if (is_int()) return formatted("the integer {}", as_int());
  if (is_double()) return formatted("the number {}", as_double());
  if (is_string()) return formatted("the string \"{}\"", as_string());
  if (is_array()) {
    return formatted("a {} array of shape {}", name_of(as_array().dtype()), as_array().shape().to_string());
  }
  if (is_list()) return formatted("a list of {}", as_list().size());
  return formatted("a dictionary of {}", as_dict().size());
}

bool operator==(const Value& a, const Value& b) {
  return a.data_ == b.data_;
}

}  // namespace ludus
