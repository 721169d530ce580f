/// @file
/// Numbers that change during a training: learning rates, exploration, clip ranges.
///
/// As a setting a schedule is a number or a text, in the form of RL Baselines3 Zoo:
///
///   0.1               constant
///   "lin_0.001"       linear, from 0.001 to 0 at the end of the training
///   "lin_1_0.05"      linear, from 1 to 0.05
///   "lin_1_0.05_0.5"  linear, from 1 to 0.05 in the first half of the training, then constant
///   "cos_0.1"         like "lin_…", along half a cosine: slow at both ends
///   "exp_0.5_0.01"    exponential: by a constant factor a step, from 0.5 to 0.01, which must both be positive
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/range.h"
#include "base/value.h"

namespace ludus::runs {

class Schedule {
 public:
  Schedule(double constant = 0.0);  ///< throws InvalidArgument unless it is finite
  Schedule(int constant) : Schedule(static_cast<double>(constant)) {}
  Schedule(std::string_view text);  ///< throws InvalidArgument for a text of another form
  Schedule(const char* text) : Schedule(std::string_view(text)) {}

  /// Returns the value when the fraction `progress_remaining` of the training remains: 1 at its start, 0 at its end.
  /// Clamped to [0, 1].
  double at(double progress_remaining) const;

  double initial() const { return initial_; }
  double final() const { return final_; }

  /// Returns the text of an equal schedule: "0.1", "lin_1_0.05_0.5".
  std::string to_string() const;

  friend bool operator==(const Schedule&, const Schedule&) = default;

 private:
  enum class Shape : std::uint8_t { kConstant, kLinear, kCosine, kExponential };

  Shape shape_ = Shape::kConstant;
  double initial_ = 0;
  double final_ = 0;
  double fraction_ = 1;  // of the training, during which it changes
};

/// Returns the fraction of a training of `total` steps that remains after `done` of them; 0 if `total` is 0.
double progress_remaining(std::int64_t done, std::int64_t total);

/// A schedule as a field of a configuration (base/fields.h): a number or a text.
void read_field(const Value& value, Schedule& field);
Value show_field(const Schedule& field);
/// Returns whether every value that the schedule takes is in the range.
bool is_within(const Range& range, const Schedule& value);

}  // namespace ludus::runs
