// A setting that is a number, a schedule or determined by the algorithm: 0.1, "lin_0.1_0.01", "auto", or "auto_0.1",
// which starts at 0.1.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/value.h"
#include "runs/schedule.h"

namespace ludus::agents {

struct AutoSchedule {
  bool automatic = true;
  std::optional<runs::Schedule> number = {};  // if automatic, the initial value, a constant

  static AutoSchedule parse(std::string_view text);  // throws InvalidArgument

  friend bool operator==(const AutoSchedule&, const AutoSchedule&) = default;
};

/// Reads and shows the setting as a field of a configuration (base/fields.h): a number or a string.
void read_field(const Value& value, AutoSchedule& field);
Value show_field(const AutoSchedule& field);
/// Returns whether the number or every value of the schedule, if there is one, is in the range.
bool is_within(const Range& range, const AutoSchedule& value);

}  // namespace ludus::agents
