#include "runs/toml_values.h"

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
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

// Refuses what toml++ 3.3.0 reads with undefined behaviour: letters other than ASCII outside strings and comments (`é =
// 1`), and a table header that does not begin with a key (`[#`, `[[[`). Throws InputError.
void check_outside_strings(std::string_view text, const std::string& name) {
  std::size_t line = 1, i = 0;
  int depth = 0;  // of brackets and braces in a value
  bool at_start = true;
  const auto fail = [&](const char* fault) {
    throw InputError(formatted("{}: is not TOML: {} (line {})", name, fault, line));
  };
  const auto skip_string = [&] {
    const char quote = text[i];
    const std::string triple(3, quote);
    const bool long_string = text.substr(i, 3) == triple;
    i += long_string ? 3 : 1;
    for (; i < text.size(); ++i) {
      if (text[i] == '\n') {
        if (!long_string) return;  // not closed: toml++ says so
        ++line;
      } else if (text[i] == '\\' && quote == '"') {
        ++i;
      } else if (long_string ? text.substr(i, 3) == triple : text[i] == quote) {
        i += long_string ? 3 : 1;
        while (long_string && i < text.size() && text[i] == quote) ++i;  // up to two quotes may end its content
        return;
      }
    }
  };
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      at_start = false;
      skip_string();
      continue;
    }
    if (c == '#') {
      while (i < text.size() && text[i] != '\n') ++i;
      continue;
    }
    if (static_cast<unsigned char>(c) >= 0x80) fail("letters other than ASCII must be in quotes");
    if (c == '\n') {
      ++line;
      at_start = at_start || depth == 0;
    } else if (c == '[' && at_start) {
      std::size_t key = i + (text.substr(i, 2) == "[[" ? 2 : 1);
      while (key < text.size() && (text[key] == ' ' || text[key] == '\t')) ++key;
      const auto first = key < text.size() ? static_cast<unsigned char>(text[key]) : '\0';
      if (std::isalnum(first) == 0 && first != '_' && first != '-' && first != '"' && first != '\'') {
        fail("a table's header must begin with a key");
      }
      i = key;
      at_start = false;
      continue;
    } else if (c != ' ' && c != '\t' && c != '\r') {
      at_start = false;
      if (c == '[' || c == '{') ++depth;
      if (c == ']' || c == '}') depth = std::max(depth - 1, 0);
    }
    ++i;
  }
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
  check_outside_strings(text, name);
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
