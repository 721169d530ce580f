#include "nn/training/optimizer_options.h"

#include <string>
#include <vector>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"
#include "nn/core/optimizer.h"

namespace ludus::nn {

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, FlatParameters& parameters,
                                          double learning_rate) {
  if (options.name == "adam") {
    return std::make_unique<Adam>(parameters, AdamOptions{.learning_rate = learning_rate,
                                                          .beta1 = options.beta1,
                                                          .beta2 = options.beta2,
                                                          .epsilon = options.epsilon,
                                                          .weight_decay = options.weight_decay});
  }
  if (options.name == "adamw") {
    return std::make_unique<AdamW>(parameters, AdamWOptions{.learning_rate = learning_rate,
                                                            .beta1 = options.beta1,
                                                            .beta2 = options.beta2,
                                                            .epsilon = options.epsilon,
                                                            .weight_decay = options.weight_decay});
  }
  if (options.name == "sgd") {
    return std::make_unique<Sgd>(parameters, SgdOptions{.learning_rate = learning_rate,
                                                        .momentum = options.momentum,
                                                        .weight_decay = options.weight_decay,
                                                        .nesterov = options.nesterov});
  }
  if (options.name == "rmsprop") {
    return std::make_unique<RmsProp>(parameters, RmsPropOptions{.learning_rate = learning_rate,
                                                                .alpha = options.alpha,
                                                                .epsilon = options.epsilon,
                                                                .weight_decay = options.weight_decay,
                                                                .momentum = options.momentum});
  }
  if (options.name == "adagrad") {
    return std::make_unique<Adagrad>(parameters, AdagradOptions{.learning_rate = learning_rate,
                                                                .epsilon = options.epsilon,
                                                                .weight_decay = options.weight_decay});
  }
  static const std::vector<std::string> names{"adagrad", "adam", "adamw", kLbfgs, "rmsprop", "sgd"};
  throw InvalidArgument(formatted("optimizer: name must be one of {}, got \"{}\".{}", joined(names), options.name,
                                  did_you_mean(options.name, names)));
}

}  // namespace ludus::nn
