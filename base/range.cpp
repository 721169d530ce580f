#include "base/range.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"

namespace ludus {

bool Range::contains(double number) const {
  if (kind_ == Kind::kAnything) return true;
  if (kind_ == Kind::kNames || std::isnan(number)) return false;
  if (extra_ && number == *extra_) return true;
  if (std::isinf(number) && !infinite_) return false;
  return (low_open_ ? number > low_ : number >= low_) && (high_open_ ? number < high_ : number <= high_);
}

bool Range::contains(std::string_view name) const {
  if (kind_ == Kind::kAnything) return true;
  const auto end = names_.begin() + static_cast<std::ptrdiff_t>(num_names_);
  return std::find(names_.begin(), end, name) != end;
}

bool Range::contains_schedule(double first, double last) const {
  if (!touches_low_) return contains(first) && contains(last);
  Range closed = *this;
  closed.low_open_ = false;
  return closed.contains(first) && closed.contains(last) && (contains(first) || contains(last));
}

std::string Range::text() const {
  if (kind_ == Kind::kAnything) return "";
  std::string text;
  if (kind_ == Kind::kNames) {
    for (std::size_t i = 0; i < num_names_; ++i) {
      text += formatted("{}\"{}\"", i == 0 ? "" : i + 1 < num_names_ ? ", " : " or ", names_[i]);
    }
    return text;
  }
  const bool has_low = std::isfinite(low_), has_high = std::isfinite(high_);
  if (has_low && has_high && !low_open_ && !high_open_) {
    text = formatted("between {} and {}", low_, high_);
  } else {
    if (has_low) text = formatted("{} {}", low_open_ ? "above" : "at least", low_);
    if (has_high) text += formatted("{}{} {}", has_low ? " and " : "", high_open_ ? "below" : "at most", high_);
    if (text.empty()) text = infinite_ ? "a number" : "a finite number";
  }
  if (touches_low_) text += formatted(" (a schedule may start or end at {})", low_);
  if (infinite_ && (has_low || has_high)) text += ", or infinite";
  if (extra_) text += formatted(", or {}", *extra_);
  return text;
}

}  // namespace ludus
