#include "runs/schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/format.h"

namespace ludus::runs {
namespace {

// in the order of Schedule::Shape, the constant first
constexpr std::array<std::string_view, 4> kPrefixes{"", "lin_", "cos_", "exp_"};

[[noreturn]] void reject(std::string_view text, const std::string& reason) {
  throw InvalidArgument(
      formatted("\"{}\" is not a schedule: {}; use a number, or lin_INITIAL, lin_INITIAL_FINAL or "
                "lin_INITIAL_FINAL_FRACTION (also cos_… and exp_INITIAL_FINAL…), such as lin_1_0.05_0.5",
                text, reason));
}

double number_in(std::string_view text, std::string_view word) {
  double number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size() || !std::isfinite(number)) {
    reject(text, formatted("\"{}\" is not a finite number", word));
  }
  return number;
}

// Returns the shortest text that reads back as the same number.
std::string shortest(double number) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc{} ? std::string(digits.data(), end) : std::to_string(number);
}

}  // namespace

Schedule::Schedule(double constant) : initial_(constant), final_(constant) {
  if (!std::isfinite(constant)) throw InvalidArgument("a constant schedule must be finite");
}

Schedule::Schedule(std::string_view text) {
  std::size_t shape = kPrefixes.size() - 1;
  while (!text.starts_with(kPrefixes[shape])) --shape;  // ends at the constant's prefix, which is empty
  shape_ = static_cast<Shape>(shape);

  std::vector<double> numbers;
  std::string_view rest = text.substr(kPrefixes[shape].size());
  for (std::size_t cut = 0; cut != std::string_view::npos; rest = rest.substr(std::min(cut + 1, rest.size()))) {
    cut = rest.find('_');
    numbers.push_back(number_in(text, rest.substr(0, cut)));
    if (cut == std::string_view::npos) break;
  }

  if (shape_ == Shape::kConstant && numbers.size() > 1) reject(text, "a constant is one number");
  if (numbers.size() > 3) reject(text, "there are more than three numbers");
  initial_ = numbers[0];
  final_ = shape_ == Shape::kConstant ? initial_ : numbers.size() > 1 ? numbers[1] : 0.0;
  fraction_ = numbers.size() > 2 ? numbers[2] : 1.0;
  if (!(fraction_ > 0 && fraction_ <= 1)) reject(text, "the fraction must be above 0 and at most 1");
  if (shape_ == Shape::kExponential && !(initial_ > 0 && final_ > 0)) {
    reject(text, "both values of an exponential schedule must be positive");
  }
}

double Schedule::at(double progress_remaining) const {
  // x: the fraction of the change that is done
  const double x = std::min((1.0 - std::clamp(progress_remaining, 0.0, 1.0)) / fraction_, 1.0);
  switch (shape_) {
    case Shape::kConstant: break;
    case Shape::kLinear: return initial_ + (final_ - initial_) * x;
    case Shape::kCosine: return final_ + (initial_ - final_) * 0.5 * (1.0 + std::cos(std::numbers::pi * x));
    case Shape::kExponential: return initial_ * std::pow(final_ / initial_, x);
  }
  return initial_;
}

std::string Schedule::to_string() const {
  if (shape_ == Shape::kConstant) return shortest(initial_);
  std::string text =
      std::string(kPrefixes[static_cast<std::size_t>(shape_)]) + shortest(initial_) + "_" + shortest(final_);
  if (fraction_ != 1) text += "_" + shortest(fraction_);
  return text;
}

double progress_remaining(std::int64_t done, std::int64_t total) {
  if (total <= 0) return 0;
  return 1.0 - static_cast<double>(done) / static_cast<double>(total);
}

void read_field(const Value& value, Schedule& field) {
  if (value.is_string()) {
    field = Schedule(std::string_view(value.as_string()));
  } else if (value.is_number()) {
    field = Schedule(value.as_double());
  } else {
    throw InvalidArgument(
        formatted("a schedule must be a number or a text such as \"lin_1_0.05\", got {}", value.describe()));
  }
}

Value show_field(const Schedule& field) {
  if (const std::string text = field.to_string(); field != Schedule(field.initial())) return text;
  return field.initial();
}

bool is_within(const Range& range, const Schedule& value) {
  return range.contains_schedule(value.initial(), value.final());  // every shape is monotonic
}

}  // namespace ludus::runs
