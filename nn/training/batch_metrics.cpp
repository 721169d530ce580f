#include "nn/training/batch_metrics.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"

namespace ludus::nn {
namespace {

// Returns the numbers of a tensor on the CPU; `copy` keeps them alive.
template <class Number>
std::span<const Number> numbers_of(const at::Tensor& tensor, at::ScalarType type, at::Tensor& copy) {
  copy = tensor.detach().to(at::kCPU, type).contiguous();
  return {copy.data_ptr<Number>(), static_cast<std::size_t>(copy.numel())};
}

}  // namespace

BatchMetrics::BatchMetrics(const std::vector<std::string>& metrics, const std::vector<std::string>& outputs)
    : outputs_(outputs), output_losses_(outputs.size()) {
  for (const std::string& name : metrics) {
    const std::size_t colon = name.find(':');
    const std::string metric = colon == std::string::npos ? name : name.substr(colon + 1);
    const std::string output = colon == std::string::npos ? "" : name.substr(0, colon);
    if (!output.empty() && std::ranges::find(outputs_, output) == outputs_.end()) {
      throw InvalidArgument(formatted("metric \"{}\": the model must have an output named \"{}\", it has {}.{}", name,
                                      output, joined(outputs_), did_you_mean(output, outputs_)));
    }
    for (std::size_t k = 0; k < outputs_.size(); ++k) {
      if (!output.empty() && outputs_[k] != output) continue;
      metrics_.push_back({.output = k,
                          .tag = outputs_.size() > 1 ? formatted("{}_{}", outputs_[k], metric) : metric,
                          .metric = make_metric(metric)});
    }
  }
}

void BatchMetrics::update(double loss, std::span<const double> output_losses, std::span<const at::Tensor> outputs,
                          std::span<const at::Tensor> targets) {
  const auto rows = static_cast<double>(outputs[0].size(0));
  loss_.add(loss, rows);
  for (std::size_t k = 0; k < outputs_.size(); ++k) output_losses_[k].add(output_losses[k], rows);
  for (OutputMetric& each : metrics_) {
    const at::Tensor& output = outputs[each.output];
    const at::Tensor& target = targets[each.output];
    at::Tensor output_copy, target_copy;
    MetricBatch batch{.rows = static_cast<std::size_t>(output.size(0))};
    if (batch.rows == 0) continue;
    batch.predictions = numbers_of<float>(output, at::kFloat, output_copy);
    batch.columns = batch.predictions.size() / batch.rows;
    if (target.scalar_type() == at::kLong && target.dim() == 1) {
      batch.classes = numbers_of<std::int64_t>(target, at::kLong, target_copy);
    } else {
      batch.targets = numbers_of<float>(target, at::kFloat, target_copy);
    }
    each.metric->update(batch);
  }
}

void BatchMetrics::reset() {
  loss_ = {};
  std::ranges::fill(output_losses_, WeightedMean{});
  for (OutputMetric& each : metrics_) each.metric->reset();
}

runs::Metrics BatchMetrics::values(const std::string& prefix) const {
  if (loss_.weight == 0) return {};
  runs::Metrics values{{prefix + "loss", loss_.value()}};
  for (std::size_t k = 0; outputs_.size() > 1 && k < outputs_.size(); ++k) {
    values[formatted("{}{}_loss", prefix, outputs_[k])] = output_losses_[k].value();
  }
  for (const OutputMetric& each : metrics_) values[prefix + each.tag] = each.metric->value();
  return values;
}

std::vector<std::string> BatchMetrics::tags(const std::string& prefix) const {
  std::vector<std::string> tags{prefix + "loss"};
  for (std::size_t k = 0; outputs_.size() > 1 && k < outputs_.size(); ++k) {
    tags.push_back(formatted("{}{}_loss", prefix, outputs_[k]));
  }
  for (const OutputMetric& each : metrics_) tags.push_back(prefix + each.tag);
  return tags;
}

}  // namespace ludus::nn
