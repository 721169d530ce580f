#include "envs/wrappers/rescale_box.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/value_io.h"
#include "envs/core/env.h"
#include "envs/spaces/element.h"
#include "envs/wrappers/value_transforms.h"

namespace ludus::envs {
namespace {

const Box& floating_box(const Space& space) {
  const auto* box = dynamic_cast<const Box*>(&space);
  if (box && is_floating(box->dtype())) return *box;
  throw InvalidArgument(formatted("rescaling needs a Box of float32 or float64, got {}", space.to_string()));
}

// One number for every element of `shape`, or an array of that shape, in double.
Array bounds(const Value& argument, const Shape& shape) {
  if (argument.is_list() || argument.is_array()) {
    const Array numbers =
        argument.is_array() ? argument.as_array().cast(DType::kFloat64) : to_array(argument, DType::kFloat64);
    if (numbers.shape() == shape) return numbers;
    throw InvalidArgument(formatted("new bounds must be one number or an array of the box's shape {}, got shape {}",
                                    shape.to_string(), numbers.shape().to_string()));
  }
  Array numbers(DType::kFloat64, shape);
  const double number =
      to_array(List{argument}, DType::kFloat64).data<double>()[0];  // "inf" is how JSON writes infinity
  for (double& bound : numbers.data<double>()) bound = number;
  return numbers;
}

void check_bounds(double low, double high, double new_low, double new_high) {
  const auto both_infinite_alike = [](double old, double fresh) {
    return (!std::isinf(old) && !std::isinf(fresh)) || old == fresh;
  };
  if (!(new_low <= new_high)) {
    throw InvalidArgument(formatted("every new low must be at most its new high, got {} and {}", new_low, new_high));
  }
  if (!both_infinite_alike(low, new_low) || !both_infinite_alike(high, new_high)) {
    throw InvalidArgument(
        formatted("infinite bounds must stay infinite and finite ones finite, got [{}, {}] mapped to [{}, {}]", low,
                  high, new_low, new_high));
  }
}

}  // namespace

BoxRescaling::BoxRescaling(const Space& space, const Value& new_low, const Value& new_high) {
  const Box& box = floating_box(space);
  const Array lows = bounds(new_low, box.shape()), highs = bounds(new_high, box.shape());
  old_low_ = box.low();
  old_high_ = box.high();
  low_ = lows.cast(box.dtype());
  high_ = highs.cast(box.dtype());
  gradient_ = intercept_ = Array(box.dtype(), box.shape());
  dispatch(box.dtype(), [&](auto none) {
    using T = decltype(none);
    if constexpr (std::is_floating_point_v<T>) {
      for (std::size_t i = 0; i < lows.size(); ++i) {
        const T low = box.low().data<T>()[i], high = box.high().data<T>()[i];
        const double fresh_low = lows.data<double>()[i], fresh_high = highs.data<double>()[i];
        check_bounds(low, high, fresh_low, fresh_high);
        const bool finite = std::isfinite(fresh_low) && std::isfinite(fresh_high);
        if (finite && (!(low < high) || !(low_.data<T>()[i] < high_.data<T>()[i]))) {
          throw InvalidArgument(formatted(
              "rescaling needs bounds that differ, because the map onto one point has no inverse, got [{}, {}] "
              "mapped to [{}, {}] at element {}",
              low, high, fresh_low, fresh_high, i));
        }

        T gradient = 1;
        if (finite) {
          gradient = static_cast<T>(static_cast<long double>(fresh_high - fresh_low) /
                                    (static_cast<long double>(high) - static_cast<long double>(low)));
        }
        // the low bound fixes the intercept where it can, the high one else
        T intercept = 0;
        if (std::isfinite(fresh_low)) {
          intercept = static_cast<T>(static_cast<double>(gradient * -low) + fresh_low);
        } else if (std::isfinite(fresh_high)) {
          intercept = static_cast<T>(fresh_high - static_cast<double>(high));
        }
        if (!std::isfinite(gradient) || gradient == 0 || !std::isfinite(intercept)) {
          throw InvalidArgument(
              formatted("rescaling needs a factor that {} can represent, got [{}, {}] mapped to [{}, {}] at element "
                        "{}; choose new "
                        "bounds closer to the old ones",
                        name_of(box.dtype()), low, high, fresh_low, fresh_high, i));
        }
        gradient_.data<T>()[i] = gradient;
        intercept_.data<T>()[i] = intercept;
      }
    }
  });
}

SpacePtr BoxRescaling::image() const {
  return std::make_unique<Box>(low_, high_);
}

void BoxRescaling::apply(const Value& from, Value& to, bool forward) const {
  if (!from.is_array() || !(from.as_array().shape() == gradient_.shape())) {
    throw InvalidAction(
        formatted("{} cannot be rescaled; give an array of shape {}", from.describe(), gradient_.shape().to_string()));
  }
  const Array& x = from.as_array();
  Array& y = array_in(to, result_type(x.dtype(), gradient_.dtype()), x.shape());
  dispatch(y.dtype(), [&](auto none) {
    using T = decltype(none);
    if constexpr (std::is_floating_point_v<T>) {
      const auto out = y.data<T>();
      for (std::size_t i = 0; i < out.size(); ++i) {
        const T gradient = static_cast<T>(gradient_.get(i)), intercept = static_cast<T>(intercept_.get(i));
        const T number = static_cast<T>(x.get(i));
        if (forward) {
          out[i] = gradient * number + intercept;
          continue;
        }
        out[i] = (number - intercept) / gradient;
        const bool inside = x.get(i) >= low_.get(i) && x.get(i) <= high_.get(i);
        if (inside) out[i] = std::clamp(out[i], static_cast<T>(old_low_.get(i)), static_cast<T>(old_high_.get(i)));
      }
    }
  });
}

}  // namespace ludus::envs
