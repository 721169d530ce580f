// Plays Gymnasium's recorded episodes and compares every number.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "envs/core/env.h"

namespace ludus::testing {

// The environment's inner state in the order of a record's "state64".
using StateOf = std::function<std::vector<double>(envs::Env&)>;

struct Parity {
  std::size_t records = 0;       // in the file
  std::size_t played = 0;        // up to the first difference
  std::size_t steps = 0;         // compared
  std::size_t states = 0;        // of them with an inner state
  double worst = 0;              // largest absolute difference of a number
  std::string first_difference;  // empty: all alike, to the last bit
};

// Plays every record of the golden file: observations (as the space's rows), rewards, flags, info "prob" and
// "action_mask", and "state64" where a record has it, must all be equal to the last bit. Records of one chain go on
// with one environment. `state_of` may be empty for a file without "state64".
Parity play_golden(const std::string& file, const StateOf& state_of = {});

}  // namespace ludus::testing
