#include "nn/training/moving_average.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/format.h"
#include "nn/core/tensor_io.h"

namespace ludus::nn {

MovingAverage::MovingAverage(FlatParameters& parameters, double decay, std::vector<at::Tensor> buffers)
    : parameters_(parameters), decay_(decay), buffers_(std::move(buffers)) {
  if (!(decay >= 0 && decay < 1)) {
    throw InvalidArgument(formatted("moving average: decay must be at least 0 and below 1, got {}", decay));
  }
  values_ = parameters.values().detach().clone();
  if (!buffers_.empty()) buffer_values_ = flat_buffers();
}

at::Tensor MovingAverage::flat_buffers() const {
  std::vector<at::Tensor> parts;
  for (const at::Tensor& buffer : buffers_) parts.push_back(buffer.detach().reshape({-1}));
  return at::cat(parts);
}

void MovingAverage::update() {
  const auto t = static_cast<double>(updates_);
  const double decay = std::min(decay_, (1 + t) / (10 + t));
  const at::NoGradGuard no_grad;
  values_.lerp_(parameters_.values(), 1 - decay);
  if (!buffers_.empty()) buffer_values_.lerp_(flat_buffers(), 1 - decay);
  ++updates_;
}

void MovingAverage::assign_parameters() {
  const at::NoGradGuard no_grad;
  values_.copy_(parameters_.values());
  if (!buffers_.empty()) buffer_values_.copy_(flat_buffers());
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

  if (average_->buffers_.empty()) return;
  const at::Tensor numbers = average_->flat_buffers();
  std::int64_t offset = 0;
  for (at::Tensor& buffer : average_->buffers_) {
    buffer.copy_(average_->buffer_values_.narrow(0, offset, buffer.numel()).view_as(buffer));
    offset += buffer.numel();
  }
  average_->buffer_values_.copy_(numbers);
}

NamedArrays MovingAverage::state() const {
  NamedArrays state;
  if (!buffers_.empty()) state.emplace_back("buffers", to_array(buffer_values_));
  state.emplace_back("updates", Array::scalar<std::int64_t>(updates_));
  state.emplace_back("values", to_array(values_));
  return state;
}

void MovingAverage::check_state(const NamedArrays& state) const {
  const std::size_t first = buffers_.empty() ? 0 : 1;
  if (state.size() != first + 2 || (first == 1 && state[0].first != "buffers") || state[first].first != "updates" ||
      state[first + 1].first != "values") {
    throw InvalidArgument(formatted("moving average: the state must have the entries {}updates and values",
                                    buffers_.empty() ? "" : "buffers, "));
  }
  const Array& updates = state[first].second;
  if (updates.dtype() != DType::kInt64 || updates.shape() != Shape{}) {
    throw TypeMismatch("moving average: updates must be one integer");
  }
  if (updates.data<std::int64_t>()[0] < 0) {
    throw InvalidArgument("moving average: updates must be at least 0");
  }
  assign(at::empty_like(values_), state[first + 1].second, "the values of the moving average");
  if (first == 1) assign(at::empty_like(buffer_values_), state[0].second, "the buffers of the moving average");
}

void MovingAverage::load_state(const NamedArrays& state) {
  check_state(state);
  const std::size_t first = buffers_.empty() ? 0 : 1;
  updates_ = state[first].second.data<std::int64_t>()[0];
  assign(values_, state[first + 1].second, "the values of the moving average");
  if (first == 1) assign(buffer_values_, state[0].second, "the buffers of the moving average");
}

}  // namespace ludus::nn
