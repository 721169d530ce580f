#include "envs/spaces/numpy_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

namespace ludus::envs {
namespace {

// numpy.set_printoptions' defaults
constexpr std::size_t kPrecision = 8;
constexpr std::size_t kLineWidth = 75;
constexpr std::size_t kThreshold = 1000;
constexpr std::int64_t kEdgeItems = 3;

// A finite number as 0.d1d2d3… · 10^point, with the shortest digits that round-trip.
struct Digits {
  bool negative = false;
  std::string digits;
  int point = 0;  // position of the decimal point, counted from in front of the first digit
};

// Splits a number such as "-1.2345e+06" into its parts.
Digits split_scientific(std::string_view text) {
  Digits result;
  if (text.front() == '-') {
    result.negative = true;
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  for (const char c : text.substr(0, e)) {
    if (c != '.') result.digits += c;
  }
  result.point = std::atoi(std::string(text.substr(e + 1)).c_str()) + 1;
  while (result.digits.size() > 1 && result.digits.back() == '0') result.digits.pop_back();
  if (result.digits == "0") result.point = 1;
  return result;
}

template <class T>
Digits shortest(T value) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  return split_scientific({buffer, static_cast<std::size_t>(end - buffer)});
}

Digits shortest_at(const Array& array, std::size_t i) {
  return array.dtype() == DType::kFloat32 ? shortest(array.data<float>()[i]) : shortest(array.get(i));
}

// Integer and fractional parts: "-12" and "345" for -12.345; the fraction may be empty.
struct Parts {
  std::string whole;
  std::string fraction;
};

Parts positional(const Digits& number) {
  Parts parts;
  const int count = static_cast<int>(number.digits.size());
  if (number.point <= 0) {
    parts.whole = "0";
    if (number.digits != "0")
      parts.fraction = std::string(static_cast<std::size_t>(-number.point), '0') + number.digits;
  } else if (number.point >= count) {
    parts.whole = number.digits + std::string(static_cast<std::size_t>(number.point - count), '0');
  } else {
    parts.whole = number.digits.substr(0, static_cast<std::size_t>(number.point));
    parts.fraction = number.digits.substr(static_cast<std::size_t>(number.point));
  }
  if (number.negative) parts.whole.insert(0, "-");
  return parts;
}

Parts scientific_mantissa(const Digits& number) {
  return {(number.negative ? "-" : "") + number.digits.substr(0, 1), number.digits.substr(1)};
}

// Formats an exponent with at least two digits: "+05".
std::string exponent_text(const Digits& number) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "%+03d", number.point - 1);
  return buffer;
}

// Formats in positional notation with at most kPrecision digits after the point, rounded from the exact value.
Parts rounded_positional(const Array& array, std::size_t i) {
  Parts parts = positional(shortest_at(array, i));
  if (parts.fraction.size() <= kPrecision) return parts;
  char buffer[400];
  const int length = std::snprintf(buffer, sizeof buffer, "%.*f", static_cast<int>(kPrecision), array.get(i));
  const std::string_view text(buffer, static_cast<std::size_t>(length));
  const std::size_t dot = text.find('.');
  parts = {std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
  while (!parts.fraction.empty() && parts.fraction.back() == '0') parts.fraction.pop_back();
  return parts;
}

// Returns the digits of `value` with `fraction` digits after the first, rounded from the exact value.
Digits fixed_scientific(double value, std::size_t fraction) {
  char buffer[64];
  const int length = std::snprintf(buffer, sizeof buffer, "%.*e", static_cast<int>(fraction), value);
  return split_scientific({buffer, static_cast<std::size_t>(length)});
}

Digits rounded_scientific(const Array& array, std::size_t i) {
  const Digits digits = shortest_at(array, i);
  return digits.digits.size() <= kPrecision + 1 ? digits : fixed_scientific(array.get(i), kPrecision);
}

std::string left_padded(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}

std::string integer_text(const Array& array, std::size_t i) {
  if (array.dtype() == DType::kInt64) return std::to_string(array.data<std::int64_t>()[i]);
  if (array.dtype() == DType::kUInt64) return std::to_string(array.data<std::uint64_t>()[i]);
  return std::to_string(static_cast<std::int64_t>(array.get(i)));
}

std::string nonfinite_text(double value) {
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

// Formats all numbers of `shown` to one width with aligned decimal points (numpy's FloatingFormat).
std::vector<std::string> aligned_floats(const Array& array, const std::vector<std::size_t>& shown) {
  // use exponents for all numbers if the magnitudes differ widely
  double smallest = INFINITY;
  double largest = 0;
  bool all_finite = true;
  bool any_negative_infinity = false;
  for (const std::size_t i : shown) {
    const double value = array.get(i);
    if (!std::isfinite(value)) {
      all_finite = false;
      any_negative_infinity |= value < 0;
      continue;
    }
    if (value == 0) continue;
    smallest = std::min(smallest, std::abs(value));
    largest = std::max(largest, std::abs(value));
  }
  const bool scientific = largest > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000);

  // widths to the left and right of the point
  std::size_t left = 0;
  std::size_t fraction = 0;
  std::size_t exponent = 0;
  for (const std::size_t i : shown) {
    if (!std::isfinite(array.get(i))) continue;
    Parts parts;
    if (scientific) {
      const Digits digits = rounded_scientific(array, i);
      parts = scientific_mantissa(digits);
      exponent = std::max(exponent, exponent_text(digits).size());
    } else {
      parts = rounded_positional(array, i);
    }
    left = std::max(left, parts.whole.size());
    fraction = std::max(fraction, parts.fraction.size());
  }
  const std::size_t right = scientific ? fraction + 1 + exponent : fraction;
  if (!all_finite) {
    const std::size_t widest = 3 + (any_negative_infinity ? 1U : 0U);
    const std::size_t behind = right + 1;
    if (widest > behind) left = std::max(left, widest - behind);
  }

  std::vector<std::string> words;
  for (const std::size_t i : shown) {
    const double value = array.get(i);
    if (!std::isfinite(value)) {
      words.push_back(left_padded(nonfinite_text(value), left + 1 + right));
    } else if (scientific) {
      // fewer digits than the longest: NumPy continues with digits of the exact value, 4.8f as 4.8000002
      Digits digits = rounded_scientific(array, i);
      if (digits.digits.size() < fraction + 1) digits = fixed_scientific(value, fraction);
      Parts parts = scientific_mantissa(digits);
      parts.fraction.resize(fraction, '0');
      words.push_back(left_padded(parts.whole, left) + "." + parts.fraction + "e" + exponent_text(digits));
    } else {
      Parts parts = rounded_positional(array, i);
      parts.fraction.resize(fraction, ' ');
      words.push_back(left_padded(parts.whole, left) + "." + parts.fraction);
    }
  }
  return words;
}

std::vector<std::string> aligned_words(const Array& array, const std::vector<std::size_t>& shown) {
  if (is_floating(array.dtype())) return aligned_floats(array, shown);
  std::vector<std::string> words;
  std::size_t width = 0;
  for (const std::size_t i : shown) {
    words.push_back(numpy_scalar_text(array, i));
    width = std::max(width, words.back().size());
  }
  // NumPy writes " True" to align it with "False", even if there is no False
  if (array.dtype() == DType::kBool) width = 5;
  for (std::string& word : words) word = left_padded(word, width);
  return words;
}

// The printed indices of an axis; above the threshold only the edges.
std::vector<std::int64_t> shown_of_axis(std::int64_t extent, bool summary) {
  std::vector<std::int64_t> shown;
  for (std::int64_t i = 0; i < extent; ++i) {
    if (!summary || extent <= 2 * kEdgeItems || i < kEdgeItems || i >= extent - kEdgeItems) shown.push_back(i);
  }
  return shown;
}

void collect_shown(const Shape& shape, std::size_t axis, std::size_t offset, bool summary,
                   std::vector<std::size_t>& shown) {
  if (axis == shape.rank()) {
    shown.push_back(offset);
    return;
  }
  for (const std::int64_t i : shown_of_axis(shape[axis], summary)) {
    collect_shown(shape, axis + 1, offset * static_cast<std::size_t>(shape[axis]) + static_cast<std::size_t>(i),
                  summary, shown);
  }
}

// Arranges the words in nested brackets, wrapping the innermost lines (numpy's _formatArray).
class Layout {
 public:
  Layout(const Shape& shape, bool summary, std::vector<std::string> words)
      : shape_(shape), summary_(summary), words_(std::move(words)) {}

  std::string text() { return axis(0, " ", kLineWidth); }

 private:
  std::string axis(std::size_t axis_index, const std::string& indent, std::size_t width) {
    const std::size_t axes_left = shape_.rank() - axis_index;
    if (axes_left == 0) return words_[next_++];

    const std::vector<std::int64_t> shown = shown_of_axis(shape_[axis_index], summary_);
    const bool cut = static_cast<std::int64_t>(shown.size()) < shape_[axis_index];
    std::string body;
    std::string line = indent;
    const std::string separator = axes_left == 1 ? " " : std::string(axes_left - 1, '\n');

    for (std::size_t k = 0; k < shown.size(); ++k) {
      const bool last = k + 1 == shown.size();
      if (axes_left == 1) {
        if (cut && k == kEdgeItems) {
          extend(body, line, "...", width - 1, indent);
          line += separator;
        }
        extend(body, line, axis(axis_index + 1, indent + " ", width - 1), last ? width : width - 1, indent);
        if (!last) line += separator;
      } else {
        if (cut && k == kEdgeItems) body += indent + "..." + separator;
        body += indent + axis(axis_index + 1, indent + " ", width - 1);
        if (!last) body += separator;
      }
    }
    if (axes_left == 1) body += line;
    return "[" + body.substr(indent.size()) + "]";
  }

  static void extend(std::string& body, std::string& line, const std::string& word, std::size_t width,
                     const std::string& indent) {
    if (line.size() > indent.size() && line.size() + word.size() > width) {
      while (!line.empty() && line.back() == ' ') line.pop_back();
      body += line + "\n";
      line = indent;
    }
    line += word;
  }

  const Shape& shape_;
  bool summary_;
  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

}  // namespace

std::string numpy_scalar_text(const Array& array, std::size_t i) {
  if (array.dtype() == DType::kBool) return array.data<bool>()[i] ? "True" : "False";
  if (!is_floating(array.dtype())) return integer_text(array, i);
  const double value = array.get(i);
  if (!std::isfinite(value)) return nonfinite_text(value);

  const Digits digits = shortest_at(array, i);
  if (value == 0 || (std::abs(value) >= 1e-4 && std::abs(value) < 1e16)) {
    const Parts parts = positional(digits);
    return parts.whole + "." + (parts.fraction.empty() ? "0" : parts.fraction);
  }
  const Parts parts = scientific_mantissa(digits);
  return parts.whole + (parts.fraction.empty() ? "" : "." + parts.fraction) + "e" + exponent_text(digits);
}

std::string numpy_text(const Array& array) {
  if (array.size() == 0) return "[]";
  if (array.shape().rank() == 0) return numpy_scalar_text(array, 0);
  const bool summary = array.size() > kThreshold;
  std::vector<std::size_t> shown;
  collect_shown(array.shape(), 0, 0, summary, shown);
  return Layout(array.shape(), summary, aligned_words(array, shown)).text();
}

}  // namespace ludus::envs
