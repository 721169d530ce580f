// The choice of an optimiser by name. This header does not include torch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace ludus::nn {

class FlatParameters;
class Optimizer;

/// Settings of all optimisers of nn/core/optimizer.h; each uses those that it has. The learning rate is set at every
/// step (nn/training/learning_rate.h).
struct OptimizerOptions {
  std::string name = "adam";
  double momentum = 0.0;
  bool nesterov = false;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double alpha = 0.99;
  double epsilon = 1e-8;
  double weight_decay = 0.0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("name", self.name, "adam, adamw, sgd, rmsprop, adagrad or lbfgs");
    visit("momentum", self.momentum, "sgd and rmsprop: momentum");
    visit("nesterov", self.nesterov, "sgd: Nesterov momentum");
    visit("beta1", self.beta1, "adam and adamw: decay rate of the first moment");
    visit("beta2", self.beta2, "adam and adamw: decay rate of the second moment");
    visit("alpha", self.alpha, "rmsprop: decay rate of the mean of squared gradients");
    visit("epsilon", self.epsilon, "added to the denominator");
    visit("weight_decay", self.weight_decay, "L2 penalty on the parameters; adamw: decoupled weight decay");
  }
};

/// The name of the optimiser that evaluates the loss of a batch several times (nn/core/lbfgs.h). make_optimizer() does
/// not make it.
inline constexpr const char* kLbfgs = "lbfgs";

/// Makes the optimiser, which refers to `parameters`. Throws InvalidArgument for a name that does not exist and for
/// settings out of range.
std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, FlatParameters& parameters,
                                          double learning_rate);

}  // namespace ludus::nn
