#include "envs/wrappers/normalize_observation.h"

#include <cmath>
#include <limits>

#include "base/format.h"
#include "envs/spaces/element.h"
#include "envs/wrappers/wrapper_arguments.h"

namespace ludus::envs {
namespace {

Shape shape_of(const Space& space) {
  if (const auto form = array_form(space)) return form->shape;
  throw InvalidArgument(formatted(
      "NormalizeObservation needs observations that are arrays or numbers, got {}; put FlattenObservation inside",
      space.to_string()));
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
      CarriesStatistics(
          RunningMeanStd(shape_of(inner().observation_space()), statistics_dtype(inner().observation_space()))),
      epsilon_(epsilon) {
  check_fields(NormalizeObservationArguments{epsilon}, "NormalizeObservation");
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  space_ = std::make_unique<Box>(-kInfinity, kInfinity, statistics().mean().shape(), DType::kFloat32);
}

void NormalizeObservation::observe(const Value& inside, Value& out) {
  const Shape& shape = statistics().mean().shape();
  const DType dtype = statistics().mean().dtype();
  if (!inside.is_array()) {
    array_in(numbers_, dtype, shape).set(0, inside.as_double());
  } else if (inside.as_array().dtype() != dtype) {
    numbers_ = inside.as_array().cast(dtype);
  }
  const Array& numbers =
      inside.is_array() && inside.as_array().dtype() == dtype ? inside.as_array() : numbers_.as_array();

  Array& normalized = array_in(out, DType::kFloat32, shape);
  const auto update_and_normalize = [&](auto none) {
    using T = decltype(none);
    const std::span<const T> row = numbers.template data<T>();
    learn(row);
    normalize(row, statistics(), epsilon_, normalized.data<float>());
  };
  if (dtype == DType::kFloat32) {
    update_and_normalize(float{});
  } else {
    update_and_normalize(double{});
  }
}

std::unique_ptr<Wrapper> NormalizeObservation::clone_around(EnvPtr env) const {
  return std::make_unique<NormalizeObservation>(std::move(env), epsilon_);
}

}  // namespace ludus::envs
