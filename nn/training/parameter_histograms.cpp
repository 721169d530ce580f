#include "nn/training/parameter_histograms.h"

#include <ATen/ATen.h>

#include <utility>
#include <vector>

#include "base/error.h"
#include "base/format.h"

namespace ludus::nn {

ParameterHistograms::ParameterHistograms(Fit& fit, std::shared_ptr<runs::MetricsLog> log, std::int64_t every)
    : fit_(fit), log_(std::move(log)), every_(every) {
  if (every_ < 0) throw InvalidArgument(formatted("parameter histograms: every must be 0 or more, got {}", every_));
}

void ParameterHistograms::on_step(runs::Training& training) {
  const runs::Progress progress = training.progress();
  if (every_ == 0 || !progress.is_due(every_)) return;
  FlatParameters& parameters = fit_.model().parameters();
  const at::Tensor weights = parameters.values().detach().to(at::kCPU, at::kFloat).contiguous();
  const at::Tensor gradients = parameters.gradients().to(at::kCPU, at::kFloat).contiguous();
  std::vector<std::pair<std::string, runs::Histogram>> histograms;
  for (const FlatParameters::Entry& entry : parameters.layout()) {
    for (const auto& [kind, values] : {std::pair("weights", &weights), std::pair("gradients", &gradients)}) {
      const std::span<const float> numbers(values->data_ptr<float>() + entry.offset,
                                           static_cast<std::size_t>(entry.count));
      histograms.emplace_back(formatted("{}/{}", kind, entry.name), runs::Histogram::of(numbers));
    }
  }
  log_->events().append_summary(progress.step, runs::histogram_summary(histograms));
}

}  // namespace ludus::nn
