// Numbers that change in the course of a training: step sizes, exploration, clip ranges.
//
// As a setting a schedule is a number or a text, in the manner of RL Baselines3 Zoo:
//
//   0.1               always 0.1
//   "lin_0.001"       from 0.001 in a straight line to 0 at the end of the training
//   "lin_1_0.05"      from 1 in a straight line to 0.05
//   "lin_1_0.05_0.5"  the same within the first half of the training, then 0.05
//   "cos_0.1"         as "lin_…", along half a cosine: slow at both ends
//   "exp_0.5_0.01"    by the same factor in every step from 0.5 to 0.01, both of which must be positive
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/value.h"

namespace ludus::runs {

class Schedule {
 public:
  Schedule(double constant = 0.0);  // throws InvalidArgument unless it is finite
  Schedule(int constant) : Schedule(static_cast<double>(constant)) {}
  Schedule(std::string_view text);  // throws InvalidArgument for a text that is none of the above
  Schedule(const char* text) : Schedule(std::string_view(text)) {}

  // The value when `progress_remaining` of the training lies ahead: 1 at its beginning, 0 at its end. What lies outside
  // counts as the nearer of the two.
  double at(double progress_remaining) const;

  double initial() const { return initial_; }
  double final() const { return final_; }

  // "0.1", "lin_1_0.05_0.5": gives an equal schedule.
  std::string to_string() const;

  // Throws InvalidArgument, naming the setting `name`, unless every value it takes lies in [low, high].
  void check_within(std::string_view name, double low, double high) const;

  friend bool operator==(const Schedule&, const Schedule&) = default;

 private:
  enum class Shape : std::uint8_t { kConstant, kLinear, kCosine, kExponential };

  Shape shape_ = Shape::kConstant;
  double initial_ = 0;
  double final_ = 0;
  double fraction_ = 1;  // of the training, in which the change takes place
};

// The share of a training of `total` steps that lies ahead after `done` of them; none where there are no steps at all.
double progress_remaining(std::int64_t done, std::int64_t total);

// A schedule as a field of a configuration (base/fields.h): a number or a text.
void read_field(const Value& value, Schedule& field);
Value show_field(const Schedule& field);

}  // namespace ludus::runs
