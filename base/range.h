// Ranges: the values that a setting may have, as it is checked and as it is shown in help texts, messages and tables.
//
//   at_least(1)              1, 2, …                       "at least 1"
//   above(0)                 0 excluded                    "above 0"
//   between(0, 1)            both bounds included          "between 0 and 1"
//   at_least(0).below(1)     [0, 1)                        "at least 0 and below 1"
//   above(0).at_most(1)      (0, 1]                        "above 0 and at most 1"
//   at_least(1).or_value(-1)                               "at least 1, or -1"
//   one_of("huber", "squared")                             "\"huber\" or \"squared\""
//
// NaN is outside every range. Infinities are too, unless the range says or_infinity().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ludus {

class Range {
 public:
  /// Every value is inside: the range of a field that states none.
  constexpr Range() = default;

  /// Return this range with another bound.
  constexpr Range at_least(double low) const { return with_low(low, false); }
  constexpr Range above(double low) const { return with_low(low, true); }
  constexpr Range at_most(double high) const { return with_high(high, false); }
  constexpr Range below(double high) const { return with_high(high, true); }

  /// Returns this range and one more value, which has a meaning of its own.
  constexpr Range or_value(double value) const {
    Range range = *this;
    range.extra_ = value;
    return range;
  }
  /// Returns this range with the infinities on the sides that have no bound.
  constexpr Range or_infinity() const {
    Range range = *this;
    range.infinite_ = true;
    return range;
  }
  /// Returns this range for a schedule that may start or end at the excluded lower bound, but not stay there. A
  /// constant must be above it.
  constexpr Range schedule_may_touch_low() const {
    Range range = *this;
    range.touches_low_ = true;
    return range;
  }

  constexpr bool is_anything() const { return kind_ == Kind::kAnything; }
  constexpr bool is_names() const { return kind_ == Kind::kNames; }

  bool contains(double number) const;
  bool contains(std::string_view name) const;
  /// Returns whether a schedule whose values lie between `first` and `last`, both included, stays inside.
  bool contains_schedule(double first, double last) const;

  double low() const { return low_; }    ///< -∞ if there is none
  double high() const { return high_; }  ///< ∞ if there is none
  bool excludes_low() const { return low_open_; }
  bool excludes_high() const { return high_open_; }
  bool includes_infinity() const { return infinite_; }

  /// Returns the range in words that follow "must be"; empty for is_anything().
  std::string text() const;

  static constexpr std::size_t kMaxNames = 32;

 private:
  enum class Kind : std::uint8_t { kAnything, kNumbers, kNames };

  template <class... Names>
  friend constexpr Range one_of(Names... names);
  template <std::size_t N>
  friend constexpr Range one_of(const std::array<std::string_view, N>& names);

  constexpr Range with_low(double low, bool open) const {
    Range range = *this;
    range.kind_ = Kind::kNumbers;
    range.low_ = low, range.low_open_ = open;
    return range;
  }
  constexpr Range with_high(double high, bool open) const {
    Range range = *this;
    range.kind_ = Kind::kNumbers;
    range.high_ = high, range.high_open_ = open;
    return range;
  }

  Kind kind_ = Kind::kAnything;
  bool low_open_ = false, high_open_ = false, infinite_ = false, touches_low_ = false;
  double low_ = -std::numeric_limits<double>::infinity();
  double high_ = std::numeric_limits<double>::infinity();
  std::optional<double> extra_ = {};
  std::array<std::string_view, kMaxNames> names_ = {};
  std::size_t num_names_ = 0;
};

constexpr Range at_least(double low) {
  return Range().at_least(low);
}
constexpr Range above(double low) {
  return Range().above(low);
}
/// Both bounds are included.
constexpr Range between(double low, double high) {
  return Range().at_least(low).at_most(high);
}
/// Everything but NaN and the infinities.
constexpr Range finite_number() {
  return Range().at_least(-std::numeric_limits<double>::infinity());
}

/// One of these names; they must outlive the range, as literals do.
template <class... Names>
constexpr Range one_of(Names... names) {
  static_assert(sizeof...(Names) <= Range::kMaxNames);
  Range range;
  range.kind_ = Range::Kind::kNames;
  range.names_ = {std::string_view(names)...};
  range.num_names_ = sizeof...(Names);
  return range;
}
template <std::size_t N>
constexpr Range one_of(const std::array<std::string_view, N>& names) {
  static_assert(N <= Range::kMaxNames);
  Range range;
  range.kind_ = Range::Kind::kNames;
  for (const std::string_view name : names) range.names_[range.num_names_++] = name;
  return range;
}

/// The range of every learning rate: above 0, where a schedule may start or end at 0 (docs/decisions.md).
constexpr Range learning_rate_range() {
  return above(0).schedule_may_touch_low();
}

/// Return whether a value is in a range. A type with other values (a schedule) adds an overload in its own namespace;
/// an enumerator is always inside, because reading its name has checked it.
inline bool is_within(const Range& range, double value) {
  return range.contains(value);
}
inline bool is_within(const Range& range, int value) {
  return range.contains(static_cast<double>(value));
}
inline bool is_within(const Range& range, std::int64_t value) {
  return range.contains(static_cast<double>(value));
}
inline bool is_within(const Range& range, const std::string& value) {
  return range.contains(std::string_view(value));
}
template <class E>
requires std::is_enum_v<E>
bool is_within(const Range&, E) {
  return true;
}

}  // namespace ludus
