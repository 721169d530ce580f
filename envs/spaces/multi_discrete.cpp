#include "envs/spaces/multi_discrete.h"

#include <algorithm>

#include "base/format.h"
#include "envs/spaces/element.h"
#include "envs/spaces/numpy_text.h"

namespace ludus::envs {
namespace {

Array vector_or_zeros(const std::vector<std::int64_t>& numbers, std::size_t count) {
  if (numbers.empty()) return Array(DType::kInt64, Shape{static_cast<std::int64_t>(count)});
  return Array::of(std::span<const std::int64_t>(numbers));
}

}  // namespace

MultiDiscrete::MultiDiscrete(const std::vector<std::int64_t>& nvec, const std::vector<std::int64_t>& start, DType dtype)
    : MultiDiscrete(Array::of(std::span<const std::int64_t>(nvec)), vector_or_zeros(start, nvec.size()), dtype) {}

MultiDiscrete::MultiDiscrete(Array nvec, Array start, DType dtype)
    : nvec_(std::move(nvec)), start_(std::move(start)), dtype_(dtype) {
  if (nvec_.shape() != start_.shape()) {
    throw InvalidArgument(formatted("nvec and start of a MultiDiscrete space must have equal shapes, got {} and {}",
                                    nvec_.shape().to_string(), start_.shape().to_string()));
  }
  const auto counts = nvec_.data<std::int64_t>();
  const auto starts = start_.data<std::int64_t>();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    // a Discrete space has the same rules and reports the error
    const Discrete part(counts[i], starts[i], dtype);
    flat_size_ += part.flat_size();
  }
}

SpacePtr MultiDiscrete::clone() const {
  return std::make_unique<MultiDiscrete>(*this);
}

bool MultiDiscrete::contains(const Value& value) const {
  if (!value.is_array()) return false;
  const Array& array = value.as_array();
  if (!can_cast(array.dtype(), dtype_) || array.shape() != shape()) return false;
  const auto counts = nvec_.data<std::int64_t>();
  const auto starts = start_.data<std::int64_t>();
  return dispatch(array.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto numbers = array.data<T>();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const auto number = static_cast<std::int64_t>(numbers[i]);
      if (number < starts[i] || number > starts[i] + (counts[i] - 1)) return false;
    }
    return true;
  });
}

void MultiDiscrete::check_element(const Value& value) const {
  if (contains(value)) return;
  throw InvalidArgument(formatted("an element of {} must be an array of shape {} of integers in its ranges, got {}",
                                  to_string(), shape().to_string(), value.describe()));
}

std::int64_t MultiDiscrete::draw_restricted(std::size_t i, const Value& leaf, bool is_mask) {
  const std::int64_t n = nvec_.data<std::int64_t>()[i];
  if (is_mask) return masked_index(generator(), leaf, n).value_or(0);

  // as in Gymnasium, normalise before sampling, over the positive entries only
  const auto probabilities = checked_probability(leaf, n);
  const double sum = numpy_sum(probabilities);
  std::vector<double> positive;
  std::vector<std::int64_t> index;
  for (std::size_t k = 0; k < probabilities.size(); ++k) {
    if (probabilities[k] <= 0) continue;
    positive.push_back(probabilities[k] / sum);
    index.push_back(static_cast<std::int64_t>(k));
  }
  return index[static_cast<std::size_t>(generator().choice(positive))];
}

void MultiDiscrete::sample_restricted(const Value& tree, bool is_mask, std::size_t axis, std::size_t& next,
                                      Array& out) {
  if (axis == shape().rank()) {
    const std::size_t i = next++;
    out.data<std::int64_t>()[i] = start_.data<std::int64_t>()[i] + draw_restricted(i, tree, is_mask);
    return;
  }
  if (!tree.is_list() || static_cast<std::int64_t>(tree.as_list().size()) != shape()[axis]) {
    throw InvalidArgument(
        formatted("a mask or probability of a MultiDiscrete space of shape {} must be nested lists, at this depth of "
                  "{} entries, got {}",
                  shape().to_string(), shape()[axis], tree.describe()));
  }
  for (const Value& branch : tree.as_list()) sample_restricted(branch, is_mask, axis + 1, next, out);
}

Value MultiDiscrete::sample_from(const Value* mask, const Value* probability) {
  Array sample(DType::kInt64, shape());
  if (mask || probability) {
    std::size_t next = 0;
    sample_restricted(mask ? *mask : *probability, mask != nullptr, 0, next, sample);
  } else {
    const auto counts = nvec_.data<std::int64_t>();
    const auto starts = start_.data<std::int64_t>();
    const auto out = sample.data<std::int64_t>();
    Generator& random = generator();
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = starts[i] + static_cast<std::int64_t>(random.random() * static_cast<double>(counts[i]));
    }
  }
  return sample.cast(dtype_);
}

Dict MultiDiscrete::to_spec() const {
  return {{"type", kind()}, {"nvec", nvec_}, {"start", start_}, {"dtype", name_of(dtype_)}};
}

SpacePtr MultiDiscrete::from_spec(const Dict& spec) {
  Array nvec = spec_array(spec, "nvec", DType::kInt64);
  Array start = spec.contains("start") ? spec_array(spec, "start", DType::kInt64) : Array(DType::kInt64, nvec.shape());
  return std::make_unique<MultiDiscrete>(std::move(nvec), std::move(start), spec_dtype(spec, DType::kInt64));
}

std::string MultiDiscrete::to_string() const {
  const bool plain = std::ranges::all_of(start_.data<std::int64_t>(), [](std::int64_t x) { return x == 0; });
  return "MultiDiscrete(" + numpy_text(nvec_) + (plain ? "" : ", start=" + numpy_text(start_)) + ")";
}

void MultiDiscrete::flatten(const Value& value, std::span<double> out) const {
  check_length(out.size(), flat_size_);
  check_element(value);
  std::fill(out.begin(), out.end(), 0.0);
  std::size_t offset = 0;
  for (std::size_t i = 0; i < nvec_.size(); ++i) {
    const std::int64_t index = integer_at(value.as_array(), i) - start_.data<std::int64_t>()[i];
    out[offset + static_cast<std::size_t>(index)] = 1;
    offset += static_cast<std::size_t>(nvec_.data<std::int64_t>()[i]);
  }
}

Value MultiDiscrete::unflatten(std::span<const double> flat) const {
  check_length(flat.size(), flat_size_);
  Array element(DType::kInt64, shape());
  std::size_t offset = 0;
  for (std::size_t i = 0; i < nvec_.size(); ++i) {
    const auto section = flat.subspan(offset, static_cast<std::size_t>(nvec_.data<std::int64_t>()[i]));
    const auto hot = std::find_if(section.begin(), section.end(), [](double x) { return x != 0; });
    if (hot == section.end()) {
      throw InvalidArgument(formatted(
          "each one-hot section of {} must have a non-zero element, got zeros only in section {}", to_string(), i));
    }
    element.data<std::int64_t>()[i] = start_.data<std::int64_t>()[i] + (hot - section.begin());
    offset += section.size();
  }
  return element.cast(dtype_);
}

SpacePtr MultiDiscrete::flattened() const {
  return std::make_unique<Box>(0, 1, Shape{static_cast<std::int64_t>(flat_size_)}, dtype_);
}

void MultiDiscrete::to_row(const Value& value, std::span<double> row) const {
  check_length(row.size(), row_size());
  check_element(value);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = value.as_array().get(i);
}

Value MultiDiscrete::from_row(std::span<const double> row) const {
  for (const double number : row) whole(number, "an element of a MultiDiscrete space");
  return array_from_numbers(row, shape(), dtype_);
}

}  // namespace ludus::envs
