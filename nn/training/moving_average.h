// An exponential moving average of a model's parameters, for validation and inference.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "base/named_arrays.h"
#include "nn/core/flat_parameters.h"

namespace ludus::nn {

/// After every optimiser step, θ̄ ← d θ̄ + (1 − d) θ with d = min(decay, (1 + t) / (10 + t)) for update t = 0, 1, …, as
/// tf.train.ExponentialMovingAverage with num_updates: early parameters are forgotten quickly. Buffers, such as the
/// running statistics of batch normalisation, are averaged only if they are passed.
class MovingAverage {
 public:
  /// Starts at the present parameters, which must outlive the average. `buffers`: floating-point tensors of the model
  /// that are averaged and applied with the parameters. Throws InvalidArgument unless `decay` is in [0, 1).
  MovingAverage(FlatParameters& parameters, double decay, std::vector<at::Tensor> buffers = {});

  void update();
  std::int64_t updates() const { return updates_; }
  const at::Tensor& values() const { return values_; }  // (size)
  /// Makes the present parameters and buffers the average.
  void assign_parameters();

  /// Puts the averages in the place of the parameters and buffers until it is destroyed.
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
  at::Tensor flat_buffers() const;  // (numbers of all buffers)

  FlatParameters& parameters_;
  double decay_;
  std::int64_t updates_ = 0;
  at::Tensor values_;
  std::vector<at::Tensor> buffers_;
  at::Tensor buffer_values_;  // undefined without buffers
};

}  // namespace ludus::nn
