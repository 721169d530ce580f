// An exponential moving average of a model's parameters, for validation and inference.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "base/named_arrays.h"
#include "nn/core/flat_parameters.h"

namespace ludus::nn {

/// After every optimiser step, θ̄ ← d θ̄ + (1 − d) θ with d = min(decay, (1 + t) / (10 + t)) for update t = 0, 1, …, as
/// tf.train.ExponentialMovingAverage with num_updates: early parameters are forgotten quickly. Running statistics of
/// batch normalisation are not averaged.
class MovingAverage {
 public:
  /// Starts at the present parameters, which must outlive the average. Throws InvalidArgument unless `decay` is in
  /// [0, 1).
  MovingAverage(FlatParameters& parameters, double decay);

  void update();
  std::int64_t updates() const { return updates_; }
  const at::Tensor& values() const { return values_; }  // (size)

  /// Puts the averages in the place of the parameters until it is destroyed.
  class Applied {
   public:
    /// `average` may be null: the parameters then stay.
    explicit Applied(MovingAverage* average);
    ~Applied();
    Applied(const Applied&) = delete;
    Applied& operator=(const Applied&) = delete;

   private:
    void swap() noexcept;
    MovingAverage* average_;
  };

  NamedArrays state() const;
  void load_state(const NamedArrays& state);
  void check_state(const NamedArrays& state) const;

 private:
  FlatParameters& parameters_;
  double decay_;
  std::int64_t updates_ = 0;
  at::Tensor values_;
};

}  // namespace ludus::nn
