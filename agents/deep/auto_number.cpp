#include "agents/deep/auto_number.h"

#include <charconv>
#include <cmath>
#include <string>

#include "base/value_io.h"

namespace ludus::agents {
namespace {

constexpr std::string_view kAuto = "auto";

std::optional<double> finite_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return {};
  return number;
}

}  // namespace

AutoNumber AutoNumber::parse(std::string_view text) {
  if (text == kAuto) return {};
  const bool automatic = text.starts_with(kAuto) && text.substr(kAuto.size()).starts_with("_");
  const auto number = finite_number(automatic ? text.substr(kAuto.size() + 1) : text);
  if (!number) {
    throw InvalidArgument("\"" + std::string(text) + "\" is neither a number nor \"auto\" nor \"auto_\" with a number");
  }
  return {.automatic = automatic, .number = number};
}

void read_field(const Value& value, AutoNumber& field) {
  if (value.is_string()) {
    field = AutoNumber::parse(value.as_string());
  } else if (value.is_number() && std::isfinite(value.as_double())) {
    field = {.automatic = false, .number = value.as_double()};
  } else {
    throw InvalidArgument("a number or \"auto\" is wanted, not " + value.describe());
  }
}

Value show_field(const AutoNumber& field) {
  if (!field.automatic) return *field.number;
  return field.number ? std::string(kAuto) + "_" + to_json(*field.number) : std::string(kAuto);
}

}  // namespace ludus::agents
