// Loss and metrics of a model's outputs over the batches of an epoch.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "base/state_fields.h"
#include "nn/model/metrics.h"
#include "runs/metrics.h"

namespace ludus::nn {

/// The mean of numbers with weights.
struct WeightedMean {
  double total = 0;
  double weight = 0;

  void add(double number, double its_weight) {
    total += number * its_weight;
    weight += its_weight;
  }
  double value() const { return total / weight; }  // NaN without numbers

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("total", self.total);
    visit("weight", self.weight);
  }
};

/// Exact whatever the sizes of the batches: losses are averaged over examples.
class BatchMetrics {
 public:
  /// `metrics`: see FitOptions::metrics; `outputs`: names of the model's outputs. Throws InvalidArgument for a metric
  /// or an output that does not exist.
  BatchMetrics(const std::vector<std::string>& metrics, const std::vector<std::string>& outputs);

  /// Counts a batch: the loss of every output, with its weight, and the outputs and targets. Targets are classes, int64
  /// (batch), or numbers of the shape of the outputs.
  void update(double loss, std::span<const double> output_losses, std::span<const at::Tensor> outputs,
              std::span<const at::Tensor> targets);
  void reset();

  /// Returns the values with `prefix` in front of each tag: "loss" and "accuracy"; for several outputs also
  /// "weather_loss", and "weather_accuracy" in the place of "accuracy". Empty before the first batch.
  runs::Metrics values(const std::string& prefix) const;
  std::vector<std::string> tags(const std::string& prefix) const;

  double loss() const { return loss_.value(); }

  void write_state(StateWriter& visit) const { state(*this, visit); }
  void read_state(StateReader& visit) { state(*this, visit); }

 private:
  struct OutputMetric {
    std::size_t output;
    std::string tag;
    std::unique_ptr<Metric> metric;
  };

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("loss", self.loss_);
    visit("output_losses", self.output_losses_);
    for (auto& each : self.metrics_) visit(each.tag, *each.metric);
  }

  std::vector<std::string> outputs_;
  WeightedMean loss_;
  std::vector<WeightedMean> output_losses_;
  std::vector<OutputMetric> metrics_;
};

}  // namespace ludus::nn
