// Histograms of a model's weights and gradients for TensorBoard.
//
//   auto log = std::make_shared<runs::MetricsLog>(
//       folder, fit.metric_names(), 100,
//       runs::Experiment{.hyperparameters = hyperparameters_of(options),
//                        .graph = [&] { return graph_nodes(model.description()); }});
//   fit.add(log);
//   fit.add(std::make_shared<ParameterHistograms>(fit, log, 500));
#pragma once

#include <cstdint>
#include <memory>

#include "nn/training/fit.h"
#include "runs/metrics_log.h"

namespace ludus::nn {

class ParameterHistograms final : public runs::Callback {
 public:
  /// Adds its events to the file of `log` every `every` steps, 0: none. `log` is added to the training before this
  /// callback; `fit` must outlive it. Throws InvalidArgument if `every` is negative.
  ParameterHistograms(Fit& fit, std::shared_ptr<runs::MetricsLog> log, std::int64_t every);

  std::string name() const override { return "parameter_histograms"; }
  /// Writes "weights/NAME" and "gradients/NAME" for every parameter; the gradients are those of the present step.
  void on_step(runs::Training& training) override;
  void on_end(runs::Training&) override { flush(); }
  void flush() override { log_->flush(); }

 private:
  Fit& fit_;
  std::shared_ptr<runs::MetricsLog> log_;
  std::int64_t every_;
};

}  // namespace ludus::nn
