#include "envs/spaces/multi_binary.h"

#include <algorithm>

#include "base/format.h"
#include "envs/spaces/element.h"

namespace ludus::envs {

MultiBinary::MultiBinary(Shape shape) : shape_(shape) {
  if (std::ranges::any_of(shape_, [](std::int64_t extent) { return extent <= 0; })) {
    throw InvalidArgument(formatted("the extents of a MultiBinary space must be positive, got {}", shape_.to_string()));
  }
}

SpacePtr MultiBinary::clone() const {
  return std::make_unique<MultiBinary>(*this);
}

bool MultiBinary::contains(const Value& value) const {
  if (!value.is_array() || value.as_array().shape() != shape_) return false;
  return dispatch(value.as_array().dtype(), [&](auto zero) {
    using T = decltype(zero);
    return std::ranges::all_of(value.as_array().data<T>(), [](T x) { return x == T{0} || x == T{1}; });
  });
}

void MultiBinary::check_restriction(const Value& value, DType dtype) const {
  if (value.is_array() && value.as_array().dtype() == dtype && value.as_array().shape() == shape_) return;
  throw InvalidArgument(formatted("a mask or probability of {} must be a {} array of shape {}, got {}", to_string(),
                                  name_of(dtype), shape_.to_string(), value.describe()));
}

Value MultiBinary::sample_from(const Value* mask, const Value* probability) {
  if (mask) {
    check_restriction(*mask, DType::kInt8);
    const auto bits = mask->as_array().data<std::int8_t>();
    if (std::ranges::any_of(bits, [](std::int8_t x) { return x < 0 || x > 2; })) {
      throw InvalidArgument("the elements of a mask of a MultiBinary space must be 0, 1 or 2 (sampled)");
    }
    // as in Gymnasium, all elements are sampled, masked or not
    Array sample = generator().integers_array(0, 1, shape_, DType::kInt8);
    const auto out = sample.data<std::int8_t>();
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (bits[i] != 2) out[i] = bits[i];
    }
    return sample;
  }
  if (probability) {
    check_restriction(*probability, DType::kFloat64);
    const auto chance = probability->as_array().data<double>();
    if (!std::ranges::all_of(chance, [](double p) { return p >= 0 && p <= 1; })) {
      throw InvalidArgument("the probabilities of a MultiBinary space must lie in [0, 1]");
    }
    Array sample(DType::kInt8, shape_);
    const auto out = sample.data<std::int8_t>();
    Generator& random = generator();
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = random.random() <= chance[i] ? 1 : 0;
    return sample;
  }
  return generator().integers_array(0, 1, shape_, DType::kInt8);
}

Dict MultiBinary::to_spec() const {
  return {{"type", kind()}, {"shape", shape_list(shape_)}, {"dtype", name_of(DType::kInt8)}};
}

SpacePtr MultiBinary::from_spec(const Dict& spec) {
  if (spec_dtype(spec, DType::kInt8) != DType::kInt8) {
    throw InvalidArgument(
        formatted("the dtype of a MultiBinary space must be int8, got {}", name_of(spec_dtype(spec))));
  }
  return std::make_unique<MultiBinary>(spec_shape(spec));
}

std::string MultiBinary::to_string() const {
  return formatted("MultiBinary({})", shape_.rank() == 1 ? formatted("{}", shape_[0]) : shape_.to_string());
}

void MultiBinary::flatten(const Value& value, std::span<double> out) const {
  check_length(out.size(), flat_size());
  if (!contains(value)) {
    throw InvalidArgument(formatted("an element of {} must be an array of 0 and 1 of shape {}, got {}", to_string(),
                                    shape_.to_string(), value.describe()));
  }
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = value.as_array().get(i);
}

Value MultiBinary::unflatten(std::span<const double> flat) const {
  return array_from_numbers(flat, shape_, DType::kInt8);
}

SpacePtr MultiBinary::flattened() const {
  return std::make_unique<Box>(0, 1, Shape{static_cast<std::int64_t>(flat_size())}, DType::kInt8);
}

}  // namespace ludus::envs
