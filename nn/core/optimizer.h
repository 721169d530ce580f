// Optimisers over a flat parameter vector: on the CPU in float one fused loop, elsewhere torch's operators.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/named_arrays.h"
#include "nn/core/flat_parameters.h"
#include "nn/core/optimizer_kernels.h"

namespace ludus::nn {

/// Kingma and Ba 2015 (arXiv:1412.6980); the defaults are the paper's.
struct AdamOptions {
  double learning_rate = 1e-3;  // α
  double beta1 = 0.9;           // decay of the mean of the gradients
  double beta2 = 0.999;         // decay of the mean of their squares
  double epsilon = 1e-8;        // added to the root of that mean
  double weight_decay = 0.0;    // λ, as an L2 penalty: g ← g + λ θ
};

struct SgdOptions {
  double learning_rate = 1e-3;
  double momentum = 0.0;
  double weight_decay = 0.0;  // as an L2 penalty
  bool nesterov = false;      // Nesterov momentum; needs a positive momentum
};

/// Hinton, Neural Networks for Machine Learning, lecture 6e (2012); the defaults are torch's.
struct RmsPropOptions {
  double learning_rate = 1e-2;
  double alpha = 0.99;        // decay of the mean of squared gradients
  double epsilon = 1e-8;      // added to the root of that mean
  double weight_decay = 0.0;  // as an L2 penalty
};

/// Base of the optimisers.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Takes one step along the gradients of the flat vector, which stay unchanged.
  void step();

  double learning_rate() const { return learning_rate_; }
  /// Throws InvalidArgument unless the rate is finite and not negative.
  void set_learning_rate(double rate);

  std::int64_t steps() const { return steps_; }  ///< taken so far

  /// Returns everything that the next step depends on besides parameters, gradients and options: "step",
  /// "learning_rate" and the moments as flat vectors. load_state() of state() resumes exactly; it throws
  /// InvalidArgument naming missing and unknown arrays, TypeMismatch naming an array of another shape, and then changes
  /// nothing.
  NamedArrays state() const;
  void load_state(const NamedArrays& state);
  /// Throws what load_state() would, and changes nothing.
  void check_state(const NamedArrays& state) const { read(state); }

 protected:
  struct Moment {
    std::string name;
    at::Tensor numbers;  // (size of the flat vector,), on its device
  };

  // `parameters` must outlive the optimiser.
  Optimizer(FlatParameters& parameters, double learning_rate, std::vector<std::string> moment_names);

  // Step number steps(), counted from 1: by the fused loop, or by torch's operators.
  virtual void step_fused(std::span<float> values, std::span<const float> gradients) = 0;
  virtual void step_torch(at::Tensor values, const at::Tensor& gradients) = 0;

  std::span<float> moment(std::size_t index);

  std::vector<Moment> moments_;

 private:
  struct Loaded {
    std::int64_t steps;
    double learning_rate;
    std::vector<at::Tensor> moments;
  };
  Loaded read(const NamedArrays& state) const;

  FlatParameters& parameters_;
  double learning_rate_;
  std::int64_t steps_ = 0;
};

class Adam : public Optimizer {
 public:
  /// Throws InvalidArgument for a beta outside [0, 1), or a negative rate, epsilon or decay.
  explicit Adam(FlatParameters& parameters, const AdamOptions& options = {});

 private:
  void step_fused(std::span<float> values, std::span<const float> gradients) override;
  void step_torch(at::Tensor values, const at::Tensor& gradients) override;
  AdamOptions options_;
};

class Sgd : public Optimizer {
 public:
  /// Throws InvalidArgument for a negative rate, momentum or decay, and for Nesterov momentum without momentum.
  explicit Sgd(FlatParameters& parameters, const SgdOptions& options = {});

 private:
  void step_fused(std::span<float> values, std::span<const float> gradients) override;
  void step_torch(at::Tensor values, const at::Tensor& gradients) override;
  SgdOptions options_;
};

class RmsProp : public Optimizer {
 public:
  /// Throws InvalidArgument for an alpha outside [0, 1), or a negative rate, epsilon or decay.
  explicit RmsProp(FlatParameters& parameters, const RmsPropOptions& options = {});

 private:
  void step_fused(std::span<float> values, std::span<const float> gradients) override;
  void step_torch(at::Tensor values, const at::Tensor& gradients) override;
  RmsPropOptions options_;
};

}  // namespace ludus::nn
