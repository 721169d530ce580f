// Options of a training of a model. This header does not include torch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/value.h"
#include "nn/model/bundle.h"
#include "nn/model/loss_options.h"
#include "nn/training/learning_rate.h"
#include "nn/training/optimizer_options.h"

namespace ludus::nn {

struct FitOptions {
  std::int64_t epochs = 1;
  /// Batches of an epoch; 0: all batches of the dataset. A dataset that ends earlier ends the epoch.
  std::int64_t steps_per_epoch = 0;

  /// Fields of the dataset for the inputs of the model, in their order; empty: the names of the inputs.
  std::vector<std::string> inputs = {};
  /// Fields for the targets, one for each output of the model; empty: the names of the outputs.
  std::vector<std::string> targets = {};
  /// Field with the weight of every example in the loss (nn/model/losses.h); empty: all weigh the same.
  std::string example_weights = {};

  /// The loss of each output; empty: cross entropy for every output.
  std::vector<LossOptions> losses = {};
  /// Metrics by name (make_metric() in nn/model/metrics.h) of every output, or of one, as in "weather:accuracy".
  std::vector<std::string> metrics = {};

  OptimizerOptions optimizer = {};
  LearningRate learning_rate = {};
  /// Batches whose gradients are averaged for one step of the optimiser. The last step of an epoch may have fewer.
  std::int64_t accumulate = 1;
  /// Maximum Euclidean norm of the gradient, and maximum absolute value of its elements, which is applied first.
  std::optional<double> max_gradient_norm = {};
  std::optional<double> max_gradient_value = {};
  /// Decay of a moving average of the parameters (nn/training/moving_average.h), which validation and saved models use.
  std::optional<double> average_decay = {};

  /// Saved with the model: preprocessing, meaning of the outputs, signatures. The training does not use it.
  ModelInterface interface = {};

  /// Throws InvalidArgument naming an option out of range.
  void check() const;
};

/// Returns the settings that decide how a model learns, with "optimizer" and "learning_rate" in front of the names of
/// their parts: "optimizer/momentum". For runs::MetricsLog.
Dict hyperparameters_of(const FitOptions& options);

}  // namespace ludus::nn
