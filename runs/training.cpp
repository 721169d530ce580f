#include "runs/training.h"

#include <utility>

namespace ludus::runs {

void Training::request_stop(StopReason reason) {
  if (stop_ && reason.kind != StopReason::Kind::kInterrupted) return;
  stop_ = std::move(reason);
}

std::optional<double> Training::reported(const std::string& tag) const {
  const auto metric = reported_.find(tag);
  if (metric == reported_.end()) return {};
  return metric->second;
}

}  // namespace ludus::runs
