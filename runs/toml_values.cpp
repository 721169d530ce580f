#include "runs/toml_values.h"

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "base/format.h"

namespace ludus::runs {
namespace {

Value value_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* number = node.as_integer()) return static_cast<long long>(number->get());
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* array = node.as_array()) {
    List list;
    for (const toml::node& element : *array) list.push_back(value_of(element));
    return list;
  }
  if (const auto* table = node.as_table()) {
    Dict dict;
    for (const auto& [key, element] : *table) dict[key.str()] = value_of(element);
    return dict;
  }
  std::ostringstream where;
  where << node.source().begin;
  throw InputError(formatted("a setting cannot be a date or a time ({})", where.str()));
}

// The shortest digits that read back exactly, with a point or an exponent for doubles.
std::string number_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  std::string text(digits, end);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string quoted(const std::string& text) {
  std::ostringstream out;
  out << toml::value<std::string>(text);
  return out.str();
}

std::string key_text(const std::string& key) {
  const bool bare =
      !key.empty() &&
      key.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
  return bare ? key : quoted(key);
}

std::string value_text(const Value& value) {
  if (value.is_string()) return quoted(value.as_string());
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_int()) return std::to_string(value.as_int());
  if (value.is_double()) return number_text(value.as_double());
  std::string text;
  if (value.is_dict()) {
    for (const auto& [key, element] : value.as_dict()) {
      if (!element.is_null()) text += (text.empty() ? "" : ", ") + key_text(key) + " = " + value_text(element);
    }
    return "{" + text + "}";
  }
  if (value.is_list()) {
    for (const Value& element : value.as_list()) text += (text.empty() ? "" : ", ") + value_text(element);
    return "[" + text + "]";
  }
  throw TypeMismatch(formatted("a setting cannot be {}", value.describe()));
}

// Returns whether it is a list of only Dicts.
bool is_array_of_tables(const Value& value) {
  return value.is_list() && !value.as_list().empty() &&
         std::ranges::all_of(value.as_list(), [](const Value& element) { return element.is_dict(); });
}

void write_table(const Dict& dict, const std::string& path, std::string& out) {
  for (const auto& [key, value] : dict) {
    if (value.is_dict() || value.is_null() || is_array_of_tables(value)) continue;
    out += key_text(key) + " = " + value_text(value) + "\n";
  }
  for (const auto& [key, value] : dict) {
    const std::string inner = path.empty() ? key_text(key) : path + "." + key_text(key);
    if (value.is_dict()) {
      out += "\n[" + inner + "]\n";
      write_table(value.as_dict(), inner, out);
    } else if (is_array_of_tables(value)) {
      for (const Value& element : value.as_list()) {
        out += "\n[[" + inner + "]]\n";
        write_table(element.as_dict(), inner, out);
      }
    }
  }
}

}  // namespace

Dict parse_toml(std::string_view text, const std::string& name) {
  try {
    const toml::table table = toml::parse(text, name);
    return value_of(table).as_dict();
  } catch (const toml::parse_error& error) {
    std::ostringstream where;
    where << error.source().begin;
    throw InputError(formatted("{}: is not TOML: {} ({})", name, error.description(), where.str()));
  }
}

std::string to_toml(const Dict& dict) {
  std::string out;
  write_table(dict, "", out);
  return out;
}

Dict sorted_by_key(const Dict& dict) {
  Dict sorted = dict;
  std::ranges::sort(sorted, {}, [](const Dict::Entry& entry) -> const std::string& { return entry.first; });
  return sorted;
}

}  // namespace ludus::runs
