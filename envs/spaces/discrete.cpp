#include <algorithm>
#include <array>
#include <limits>

#include "base/format.h"
#include "envs/spaces/element.h"
#include "envs/spaces/space.h"

namespace ludus::envs {
namespace {

std::int64_t checked_element(const Discrete& space, const Value& value) {
  if (space.contains(value)) return *integer_of(value);
  throw InvalidArgument(formatted("an element of {} must be an integer in [{}, {}], got {}", space.to_string(),
                                  space.start(), space.start() + space.n() - 1, value.describe()));
}

}  // namespace

Discrete::Discrete(std::int64_t n, std::int64_t start, DType dtype) : n_(n), start_(start), dtype_(dtype) {
  if (n <= 0) throw InvalidArgument(formatted("a Discrete space must have at least one element, got n = {}", n));
  if (is_floating(dtype) || dtype == DType::kBool) {
    throw InvalidArgument(formatted("the dtype of a Discrete space must be an integer type, got {}", name_of(dtype)));
  }
  // neither comparison may overflow: the first is safe for positive starts, the second for negative ones
  const std::int64_t largest = largest_integer(dtype);
  const bool too_far = start > 0 ? n - 1 > largest - start : n - 1 + start > largest;
  if (start < smallest_integer(dtype) || too_far) {
    throw InvalidArgument(formatted("the dtype of a Discrete space must represent its {} integers from {}, got {}", n,
                                    start, name_of(dtype)));
  }
}

SpacePtr Discrete::clone() const {
  return std::make_unique<Discrete>(*this);
}

bool Discrete::contains(const Value& value) const {
  const auto integer = integer_of(value);
  return integer && *integer >= start_ && *integer <= start_ + (n_ - 1);
}

Value Discrete::sample_from(const Value* mask, const Value* probability) {
  if (mask) return start_ + masked_index(generator(), *mask, n_).value_or(0);
  if (probability) return start_ + generator().choice(checked_probability(*probability, n_));
  // the 8- and 16-bit types split a draw, which changes the position in the stream
  if (size_of(dtype_) <= 2) {
    return start_ + static_cast<std::int64_t>(generator().integers_array(0, n_ - 1, Shape{}, dtype_).get(0));
  }
  return start_ + generator().integers(n_);
}

Dict Discrete::to_spec() const {
  return {{"type", kind()}, {"n", n_}, {"start", start_}, {"dtype", name_of(dtype_)}};
}

SpacePtr Discrete::from_spec(const Dict& spec) {
  return std::make_unique<Discrete>(spec_integer(spec, "n"), spec_integer(spec, "start", 0),
                                    spec_dtype(spec, DType::kInt64));
}

std::string Discrete::to_string() const {
  return start_ == 0 ? formatted("Discrete({})", n_) : formatted("Discrete({}, start={})", n_, start_);
}

std::size_t Discrete::flat_size() const {
  return static_cast<std::size_t>(n_);
}

void Discrete::flatten(const Value& value, std::span<double> out) const {
  check_length(out.size(), flat_size());
  std::fill(out.begin(), out.end(), 0.0);
  out[static_cast<std::size_t>(checked_element(*this, value) - start_)] = 1;
}

Value Discrete::unflatten(std::span<const double> flat) const {
  check_length(flat.size(), flat_size());
  const auto hot = std::find_if(flat.begin(), flat.end(), [](double x) { return x != 0; });
  if (hot == flat.end()) {
    throw InvalidArgument(
        formatted("a one-hot vector of {} must have a non-zero element, got zeros only", to_string()));
  }
  return start_ + static_cast<std::int64_t>(hot - flat.begin());
}

SpacePtr Discrete::flattened() const {
  return std::make_unique<Box>(0, 1, Shape{n_}, dtype_);
}

void Discrete::to_row(const Value& value, std::span<double> row) const {
  check_length(row.size(), 1);
  row[0] = static_cast<double>(checked_element(*this, value));
}

Value Discrete::from_row(std::span<const double> row) const {
  check_length(row.size(), 1);
  return whole(row[0], "an element of a Discrete space");
}

}  // namespace ludus::envs
