#include "envs/wrappers/normalize_observation.h"

#include <cmath>
#include <limits>

#include "envs/spaces/element.h"

namespace ludus::envs {
namespace {

Shape shape_of(const Space& space) {
  if (const auto form = array_form(space)) return form->shape;
  throw InvalidArgument("NormalizeObservation needs observations that are arrays or numbers, and these are " +
                        space.to_string() + "; put FlattenObservation inside");
}

template <class T>
void normalize_in(std::span<const T> numbers, const RunningMeanStd& statistics, double epsilon, std::span<float> out) {
  const auto mean = statistics.mean().data<T>(), variance = statistics.variance().data<T>();
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>((numbers[i] - mean[i]) / std::sqrt(variance[i] + static_cast<T>(epsilon)));
  }
}

}  // namespace

DType statistics_dtype(const Space& space) {
  const auto form = array_form(space);
  return form && form->dtype == DType::kFloat32 ? DType::kFloat32 : DType::kFloat64;
}

void normalize(std::span<const float> numbers, const RunningMeanStd& statistics, double epsilon, std::span<float> out) {
  normalize_in(numbers, statistics, epsilon, out);
}

void normalize(std::span<const double> numbers, const RunningMeanStd& statistics, double epsilon,
               std::span<float> out) {
  normalize_in(numbers, statistics, epsilon, out);
}

NormalizeObservation::NormalizeObservation(EnvPtr env, double epsilon)
    : ObservationWrapper(std::move(env), {"NormalizeObservation", {{"epsilon", epsilon}}}),
      epsilon_(epsilon),
      statistics_(shape_of(inner().observation_space()), statistics_dtype(inner().observation_space())) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  space_ = std::make_unique<Box>(-kInfinity, kInfinity, statistics_.mean().shape(), DType::kFloat32);
}

void NormalizeObservation::observe(const Value& inside, Value& out) {
  const Shape& shape = statistics_.mean().shape();
  Array& numbers = array_in(numbers_, statistics_.mean().dtype(), shape);
  if (inside.is_array()) {
    const Array& from = inside.as_array();
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers.set(i, from.get(i));
  } else {
    numbers.set(0, inside.as_double());
  }

  Array& normalized = array_in(out, DType::kFloat32, shape);
  const auto update_and_normalize = [&](auto none) {
    using T = decltype(none);
    const std::span<const T> row = numbers.template data<T>();
    if (update_) statistics_.update(row);
    normalize(row, statistics_, epsilon_, normalized.data<float>());
  };
  if (numbers.dtype() == DType::kFloat32) {
    update_and_normalize(float{});
  } else {
    update_and_normalize(double{});
  }
}

Value NormalizeObservation::save() const {
  return Dict{{"statistics", statistics_.to_value()}, {"update_running_mean", update_}};
}

void NormalizeObservation::restore(const Value& saved) {
  const bool update = saved.as_dict().at("update_running_mean").as_bool();
  statistics_.restore(saved.as_dict().at("statistics"));
  update_ = update;
}

std::unique_ptr<Wrapper> NormalizeObservation::rewrap(EnvPtr env) const {
  return std::make_unique<NormalizeObservation>(std::move(env), epsilon_);
}

}  // namespace ludus::envs
