// Per-environment records of the current episode: visited states and actions, each with a number (the reward that
// followed, or a trace).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/array.h"

namespace ludus::agents {

struct Record {
  std::size_t state;
  std::size_t action;
  double number;

  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("state", self.state);
    visit("action", self.action);
    visit("number", self.number);
  }
};
using Records = std::vector<Record>;  // of one environment, oldest first

/// Throws InvalidArgument unless every record is within a table of that shape.
void check_records(std::span<const Records> records, const Shape& table);

}  // namespace ludus::agents
