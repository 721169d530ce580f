#include "envs/spaces/multi_binary.h"

#include <algorithm>

#include "envs/spaces/element.h"

namespace ludus::envs {

MultiBinary::MultiBinary(Shape shape) : shape_(shape) {
  if (std::ranges::any_of(shape_, [](std::int64_t extent) { return extent <= 0; })) {
    throw InvalidArgument("every extent of a MultiBinary space is positive, and the shape is " + shape_.to_string());
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

void MultiBinary::check_restriction(const Value& given, DType dtype) const {
  if (given.is_array() && given.as_array().dtype() == dtype && given.as_array().shape() == shape_) return;
  throw InvalidArgument("here a " + std::string(name_of(dtype)) + " array of shape " + shape_.to_string() +
                        " was expected, not " + given.describe());
}

Value MultiBinary::sample_from(const Value* mask, const Value* probability) {
  if (mask) {
    check_restriction(*mask, DType::kInt8);
    const auto wanted = mask->as_array().data<std::int8_t>();
    if (std::ranges::any_of(wanted, [](std::int8_t x) { return x < 0 || x > 2; })) {
      throw InvalidArgument("a mask of a MultiBinary space holds only 0, 1 and 2 (drawn)");
    }
    // as in Gymnasium, all elements are sampled, masked or not
    Array sample = generator().integers_array(0, 1, shape_, DType::kInt8);
    const auto out = sample.data<std::int8_t>();
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (wanted[i] != 2) out[i] = wanted[i];
    }
    return sample;
  }
  if (probability) {
    check_restriction(*probability, DType::kFloat64);
    const auto chance = probability->as_array().data<double>();
    if (!std::ranges::all_of(chance, [](double p) { return p >= 0 && p <= 1; })) {
      throw InvalidArgument("a probability of a MultiBinary space lies between 0 and 1");
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
    throw InvalidArgument("the dtype of a MultiBinary space is int8, not " + std::string(name_of(spec_dtype(spec))));
  }
  return std::make_unique<MultiBinary>(spec_shape(spec));
}

std::string MultiBinary::to_string() const {
  return "MultiBinary(" + (shape_.rank() == 1 ? std::to_string(shape_[0]) : shape_.to_string()) + ")";
}

void MultiBinary::flatten(const Value& value, std::span<double> out) const {
  check_length(out.size(), flat_size());
  if (!contains(value)) {
    throw InvalidArgument("an element of " + to_string() + " is an array of 0 and 1 of shape " + shape_.to_string() +
                          ", not " + value.describe());
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
