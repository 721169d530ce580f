#include "agents/deep/auto_schedule.h"

#include <string>

namespace ludus::agents {
namespace {

constexpr std::string_view kAuto = "auto", kAutoFrom = "auto_";

}  // namespace

AutoSchedule AutoSchedule::parse(std::string_view text) {
  if (text == kAuto) return {};
  const bool automatic = text.starts_with(kAutoFrom);
  std::optional<runs::Schedule> number;
  try {
    number = text.substr(automatic ? kAutoFrom.size() : 0);
  } catch (const InvalidArgument&) {  // not a schedule: the error below lists all valid forms
  }
  if (!number || (automatic && *number != runs::Schedule(number->initial()))) {
    throw InvalidArgument(
        "\"" + std::string(text) +
        "\" is neither \"auto\", nor \"auto_\" with a number, nor a number or a schedule such as lin_0.1_0.01");
  }
  return {.automatic = automatic, .number = number};
}

void read_field(const Value& value, AutoSchedule& field) {
  if (value.is_string()) {
    field = AutoSchedule::parse(value.as_string());
  } else if (value.is_number()) {
    field = {.automatic = false, .number = runs::Schedule(value.as_double())};
  } else {
    throw InvalidArgument("a number, a schedule or \"auto\" is wanted, not " + value.describe());
  }
}

Value show_field(const AutoSchedule& field) {
  if (!field.automatic) return show_field(*field.number);
  return field.number ? std::string(kAutoFrom) + field.number->to_string() : std::string(kAuto);
}

bool is_within(const Range& range, const AutoSchedule& value) {
  return !value.number || is_within(range, *value.number);
}

}  // namespace ludus::agents
