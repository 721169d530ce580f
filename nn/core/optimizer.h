// Optimisers over a flat parameter vector: one fused loop in float on the CPU, torch's operators elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/named_arrays.h"
#include "nn/core/flat_parameters.h"
#include "nn/core/optimizer_kernels.h"

namespace ludus::nn {

/// Adam (Kingma and Ba 2015, arXiv:1412.6980); the defaults are the paper's.
struct AdamOptions {
  double learning_rate = 1e-3;  // α
  double beta1 = 0.9;           // decay rate of the first moment
  double beta2 = 0.999;         // decay rate of the second moment
  double epsilon = 1e-8;        // added to the root of the second moment
  double weight_decay = 0.0;    // λ, as an L2 penalty: g ← g + λ θ
};

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101); the defaults are torch's.
struct AdamWOptions {
  double learning_rate = 1e-3;  // α
  double beta1 = 0.9;           // decay rate of the first moment
  double beta2 = 0.999;         // decay rate of the second moment
  double epsilon = 1e-8;        // added to the root of the second moment
  double weight_decay = 1e-2;   // λ: θ ← (1 - α λ) θ before the step
};

struct SgdOptions {
  double learning_rate = 1e-3;
  double momentum = 0.0;
  double weight_decay = 0.0;  // as an L2 penalty
  bool nesterov = false;      // Nesterov momentum; needs a positive momentum
};

/// RMSprop (Hinton, Neural Networks for Machine Learning, lecture 6e, 2012); the defaults are torch's.
struct RmsPropOptions {
  double learning_rate = 1e-2;
  double alpha = 0.99;        // decay rate of the mean of squared gradients
  double epsilon = 1e-8;      // added to the root of that mean
  double weight_decay = 0.0;  // as an L2 penalty
  double momentum = 0.0;
  bool centered = false;  // divide by the standard deviation of the gradient instead of its root mean square
};

/// Adagrad (Duchi, Hazan and Singer 2011); the defaults are torch's.
struct AdagradOptions {
  double learning_rate = 1e-2;
  double learning_rate_decay = 0.0;  // step t uses learning_rate / (1 + (t - 1) learning_rate_decay)
  double epsilon = 1e-10;            // added to the root of the sum of squared gradients
  double weight_decay = 0.0;         // as an L2 penalty
  double initial_accumulator = 0.0;  // of the sum of squared gradients
};

/// Base class of the optimisers.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Takes one step along the gradients of the flat vector, which are not changed. Frozen parameters and their moments
  /// stay as they are.
  void step();

  double learning_rate() const { return learning_rate_; }
  /// Throws InvalidArgument unless the learning rate is finite and non-negative.
  void set_learning_rate(double rate);

  std::int64_t steps() const { return steps_; }  ///< number of steps taken

  /// Returns the complete state of the optimiser: "step", "learning_rate" and the moments as flat vectors. load_state()
  /// resumes exactly from the result of state(). Throws InvalidArgument naming missing and unknown arrays, and
  /// TypeMismatch naming an array of another shape, without changing anything.
  NamedArrays state() const;
  void load_state(const NamedArrays& state);
  /// Throws the exceptions of load_state() without changing anything.
  void check_state(const NamedArrays& state) const { read(state); }

 protected:
  struct Moment {
    std::string name;
    at::Tensor numbers;  // (size of the flat vector,), on its device
  };

  /// `parameters` must outlive the optimiser.
  Optimizer(FlatParameters& parameters, double learning_rate, std::vector<std::string> moment_names);

  /// Performs step number steps(), counted from 1, with the fused loop or torch's operators, on one range of trainable
  /// parameters.
  virtual void step_fused(std::span<float> values, std::span<const float> gradients) = 0;
  virtual void step_torch(at::Tensor values, const at::Tensor& gradients) = 0;

  /// Return moment `index` in the range of the current step.
  std::span<float> moment(std::size_t index);
  at::Tensor moment_tensor(std::size_t index) const;

  std::vector<Moment> moments_;

 private:
  struct Loaded {
    std::int64_t steps;
    double learning_rate;
    std::vector<at::Tensor> moments;
  };
  Loaded read(const NamedArrays& state) const;

  FlatParameters& parameters_;
  FlatParameters::Range range_{.offset = 0, .count = 0};  // of the current step
  double learning_rate_;
  std::int64_t steps_ = 0;
};

class Adam : public Optimizer {
 public:
  /// Throws InvalidArgument for a beta outside [0, 1), or a negative learning rate, epsilon or weight decay.
  explicit Adam(FlatParameters& parameters, const AdamOptions& options = {});

 private:
  void step_fused(std::span<float> values, std::span<const float> gradients) override;
  void step_torch(at::Tensor values, const at::Tensor& gradients) override;
  AdamOptions options_;
};

class AdamW : public Optimizer {
 public:
  /// Throws InvalidArgument for a beta outside [0, 1), or a negative learning rate, epsilon or weight decay.
  explicit AdamW(FlatParameters& parameters, const AdamWOptions& options = {});

 private:
  void step_fused(std::span<float> values, std::span<const float> gradients) override;
  void step_torch(at::Tensor values, const at::Tensor& gradients) override;
  AdamWOptions options_;
};

class Sgd : public Optimizer {
 public:
  /// Throws InvalidArgument for a negative learning rate, momentum or weight decay, and for Nesterov momentum with a
  /// momentum of 0.
  explicit Sgd(FlatParameters& parameters, const SgdOptions& options = {});

 private:
  void step_fused(std::span<float> values, std::span<const float> gradients) override;
  void step_torch(at::Tensor values, const at::Tensor& gradients) override;
  SgdOptions options_;
};

class RmsProp : public Optimizer {
 public:
  /// Throws InvalidArgument for an alpha outside [0, 1), or a negative learning rate, epsilon, weight decay or
  /// momentum.
  explicit RmsProp(FlatParameters& parameters, const RmsPropOptions& options = {});

 private:
  void step_fused(std::span<float> values, std::span<const float> gradients) override;
  void step_torch(at::Tensor values, const at::Tensor& gradients) override;
  RmsPropOptions options_;
};

class Adagrad : public Optimizer {
 public:
  /// Throws InvalidArgument for a negative option.
  explicit Adagrad(FlatParameters& parameters, const AdagradOptions& options = {});

 private:
  void step_fused(std::span<float> values, std::span<const float> gradients) override;
  void step_torch(at::Tensor values, const at::Tensor& gradients) override;
  double decayed_rate() const;
  AdagradOptions options_;
};

}  // namespace ludus::nn
