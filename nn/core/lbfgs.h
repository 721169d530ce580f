// L-BFGS over a flat parameter vector.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/named_arrays.h"
#include "nn/core/flat_parameters.h"

namespace ludus::nn {

/// The defaults are those of torch.optim.LBFGS.
struct LbfgsOptions {
  double learning_rate = 1.0;
  std::int64_t max_iterations = 20;  // of one step()
  std::int64_t max_evaluations = 0;  // of the loss in one step(); 0: 5/4 of max_iterations
  double gradient_tolerance = 1e-7;  // a step ends when no element of the gradient is larger
  double change_tolerance = 1e-9;    // a step ends when parameters or loss change by less
  std::int64_t history_size = 100;   // pairs of changes from which the inverse Hessian is approximated
  bool strong_wolfe = false;         // a line search for the strong Wolfe conditions; false: the learning rate
  // For a loss of nothing but the parameters, which change in step() alone: a step begins with the evaluation that
  // ended the last one. Needs strong_wolfe.
  bool reuse_evaluation = false;
};

/// Limited-memory BFGS (Liu and Nocedal 1989; Nocedal and Wright 2006, algorithms 7.4 and 7.5), with the results of
/// torch.optim.LBFGS. It evaluates the loss several times a step, always on the same batch, and is not an Optimizer
/// therefore. Frozen parameters stay as they are.
class Lbfgs {
 public:
  /// `parameters` must outlive the optimiser. Throws InvalidArgument for options out of range.
  explicit Lbfgs(FlatParameters& parameters, const LbfgsOptions& options = {});

  /// Minimises `loss`, which computes a scalar with an autograd graph, by up to max_iterations iterations. Returns the
  /// loss before the step. Throws WorkError if that loss or its gradient is not finite, before the parameters change.
  double step(const std::function<at::Tensor()>& loss);

  double learning_rate() const { return options_.learning_rate; }
  /// Throws InvalidArgument unless the learning rate is finite and positive.
  void set_learning_rate(double rate);

  std::int64_t iterations() const { return iterations_; }    ///< of all steps
  std::int64_t evaluations() const { return evaluations_; }  ///< of the loss, in all steps; reused ones count
  /// With strong_wolfe: returns which evaluation of the last step(), counted from 0, was that of the present
  /// parameters; -1 if it was the reused one.
  std::int64_t accepted() const { return accepted_; }

  /// The complete state, with the same contract as Optimizer's.
  NamedArrays state() const;
  void load_state(const NamedArrays& state);
  void check_state(const NamedArrays& state) const { read(state); }

 private:
  // Loss and flat gradient at some parameters.
  struct Point {
    double loss;
    at::Tensor gradient;
    std::int64_t number;  // of the evaluation in this step, -1 for a reused one
  };
  struct Loaded {
    std::int64_t iterations;
    std::int64_t evaluations;
    double learning_rate;
    double step_length;
    double previous_loss;
    double hessian_scale;
    at::Tensor direction;
    at::Tensor previous_gradient;
    std::vector<at::Tensor> gradient_changes;
    std::vector<at::Tensor> parameter_changes;
  };

  Point evaluate(const std::function<at::Tensor()>& loss);
  void remember(const at::Tensor& gradient);
  at::Tensor descent_direction(const at::Tensor& gradient) const;
  Point line_search(const std::function<at::Tensor()>& loss, const Point& start, double slope, double& step_length,
                    std::int64_t& evaluations);
  Loaded read(const NamedArrays& state) const;

  FlatParameters& parameters_;
  LbfgsOptions options_;
  std::int64_t iterations_ = 0;
  std::int64_t evaluations_ = 0;
  std::int64_t calls_ = 0;  // of the loss, in this step
  std::int64_t accepted_ = -1;
  std::optional<Point> last_;  // of the present parameters, if it can be reused
  double step_length_ = 0.0;   // t
  double previous_loss_ = 0.0;
  double hessian_scale_ = 1.0;  // γ: the initial inverse Hessian is γ I
  at::Tensor direction_;        // d, undefined before the first iteration
  at::Tensor previous_gradient_;
  std::vector<at::Tensor> gradient_changes_;   // y of the last iterations, oldest first
  std::vector<at::Tensor> parameter_changes_;  // s of the same iterations
};

}  // namespace ludus::nn
