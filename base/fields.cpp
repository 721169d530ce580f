#include "base/fields.h"

#include <charconv>
#include <limits>

#include "base/format.h"
#include "base/value_io.h"

namespace ludus {
namespace {

template <class T>
void read_list(const Value& value, std::vector<T>& field) {
  std::vector<T> elements;
  if (value.is_array()) {
    const Array& array = value.as_array();
    for (std::size_t i = 0; i < array.size(); ++i) read_field(Value(array.get(i)), elements.emplace_back());
  } else if (value.is_list()) {
    for (const Value& element : value.as_list()) read_field(element, elements.emplace_back());
  } else {
    read_field(value, elements.emplace_back());  // a single element is accepted as a list of one
  }
  field = std::move(elements);
}

template <class T>
Value show_list(const std::vector<T>& field) {
  List list;
  for (const T& element : field) list.push_back(show_field(element));
  return list;
}

}  // namespace

void read_field(const Value& value, bool& field) {
  field = value.as_bool();
}

void read_field(const Value& value, int& field) {
  const std::int64_t number = value.as_int();
  if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max()) {
    throw InvalidArgument(formatted("must fit into 32 bits, got {}", number));
  }
  field = static_cast<int>(number);
}

void read_field(const Value& value, std::int64_t& field) {
  field = value.as_int();
}
void read_field(const Value& value, std::uint64_t& field) {
  const std::string text = value.is_string() ? value.as_string() : "";
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && error == std::errc{} && end == text.data() + text.size()) {
    field = number;
    return;
  }
  throw InvalidArgument(formatted("it must be a whole number from 0 to 2^64 - 1 in quotes, got {}", value.describe()));
}
void read_field(const Value& value, double& field) {
  field = value.as_double();
}
void read_field(const Value& value, std::string& field) {
  field = value.as_string();
}
void read_field(const Value& value, std::vector<std::int64_t>& field) {
  read_list(value, field);
}
void read_field(const Value& value, std::vector<double>& field) {
  read_list(value, field);
}
void read_field(const Value& value, std::vector<std::string>& field) {
  read_list(value, field);
}

Value show_field(bool field) {
  return field;
}
Value show_field(int field) {
  return field;
}
Value show_field(std::int64_t field) {
  return field;
}
Value show_field(std::uint64_t field) {
  return std::to_string(field);
}
Value show_field(double field) {
  return field;
}
Value show_field(const std::string& field) {
  return field;
}
Value show_field(const std::vector<std::int64_t>& field) {
  return show_list(field);
}
Value show_field(const std::vector<double>& field) {
  return show_list(field);
}
Value show_field(const std::vector<std::string>& field) {
  return show_list(field);
}

void throw_unknown_field(std::string_view owner, std::string_view name, std::span<const std::string> known) {
  throw UnknownField(
      formatted("{} has no setting \"{}\".{} It has: {}.", owner, name, did_you_mean(name, known), joined(known)));
}

void throw_bad_field(std::string_view owner, std::string_view name, const char* fault) {
  throw InvalidArgument(formatted("{}: setting \"{}\": {}", owner, name, fault));
}

void throw_out_of_range(std::string_view owner, std::string_view name, const std::string& range, const Value& value) {
  const std::string text = value.is_double() ? formatted("{}", value.as_double()) : to_json(value);
  throw InvalidArgument(formatted("{}: {} must be {}, got {}", owner, name, range, text));
}

}  // namespace ludus
