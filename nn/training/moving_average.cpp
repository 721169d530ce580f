#include "nn/training/moving_average.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/format.h"
#include "nn/core/tensor_io.h"

namespace ludus::nn {

MovingAverage::MovingAverage(FlatParameters& parameters, double decay) : parameters_(parameters), decay_(decay) {
  if (!(decay >= 0 && decay < 1)) {
    throw InvalidArgument(formatted("moving average: decay must be at least 0 and below 1, got {}", decay));
  }
  values_ = parameters.values().detach().clone();
}

void MovingAverage::update() {
  const auto t = static_cast<double>(updates_);
  const double decay = std::min(decay_, (1 + t) / (10 + t));
  const at::NoGradGuard no_grad;
  values_.lerp_(parameters_.values(), 1 - decay);
  ++updates_;
}

MovingAverage::Applied::Applied(MovingAverage* average) : average_(average) {
  swap();
}

MovingAverage::Applied::~Applied() {
  swap();
}

void MovingAverage::Applied::swap() noexcept {
  if (!average_) return;
  const at::NoGradGuard no_grad;
  at::Tensor parameters = average_->parameters_.values();
  const at::Tensor copy = parameters.clone();
  parameters.copy_(average_->values_);
  average_->values_.copy_(copy);
}

NamedArrays MovingAverage::state() const {
  return {{"updates", Array::scalar<std::int64_t>(updates_)}, {"values", to_array(values_)}};
}

void MovingAverage::check_state(const NamedArrays& state) const {
  if (state.size() != 2 || state[0].first != "updates" || state[1].first != "values") {
    throw InvalidArgument("moving average: the state must have the entries updates and values");
  }
  if (state[0].second.dtype() != DType::kInt64 || state[0].second.shape() != Shape{}) {
    throw TypeMismatch("moving average: updates must be one integer");
  }
  if (state[0].second.data<std::int64_t>()[0] < 0) {
    throw InvalidArgument("moving average: updates must be at least 0");
  }
  assign(at::empty_like(values_), state[1].second, "the values of the moving average");
}

void MovingAverage::load_state(const NamedArrays& state) {
  check_state(state);
  updates_ = state[0].second.data<std::int64_t>()[0];
  assign(values_, state[1].second, "the values of the moving average");
}

}  // namespace ludus::nn
