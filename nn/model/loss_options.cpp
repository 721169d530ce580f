#include "nn/model/loss_options.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"

namespace ludus::nn {
namespace {

// in the order of the enumeration
constexpr std::string_view kLossNames[] = {"cross_entropy", "binary_cross_entropy", "mse", "mae", "huber",
                                           "hinge",         "kl_divergence"};

void check_weights(const char* name, const std::vector<double>& weights) {
  for (const double weight : weights) {
    if (!(std::isfinite(weight) && weight >= 0.0)) {
      throw InvalidArgument(formatted("loss: each of {} must be 0 or more, got {}", name, weight));
    }
  }
}

void require_kind(bool applies, const char* option, LossKind kind) {
  if (!applies) throw InvalidArgument(formatted("loss: {} does not apply to {}; leave it out", option, name_of(kind)));
}

}  // namespace

std::string_view name_of(LossKind kind) {
  return kLossNames[static_cast<std::size_t>(kind)];
}

LossKind loss_kind_of(std::string_view name) {
  const auto place = std::find(std::begin(kLossNames), std::end(kLossNames), name);
  if (place == std::end(kLossNames)) {
    const std::vector<std::string> names(std::begin(kLossNames), std::end(kLossNames));
    throw InvalidArgument(
        formatted("loss must be one of {}, got \"{}\".{}", joined(names), name, did_you_mean(name, names)));
  }
  return static_cast<LossKind>(place - std::begin(kLossNames));
}

void read_field(const Value& value, LossKind& field) {
  field = loss_kind_of(value.as_string());
}

Value show_field(LossKind field) {
  return name_of(field);
}

void LossOptions::check() const {
  if (!(std::isfinite(weight) && weight >= 0.0)) {
    throw InvalidArgument(formatted("loss: weight must be 0 or more, got {}", weight));
  }
  if (!(label_smoothing >= 0.0 && label_smoothing < 1.0)) {
    throw InvalidArgument(formatted("loss: label_smoothing must be in [0, 1), got {}", label_smoothing));
  }
  if (!(std::isfinite(delta) && delta > 0.0)) {
    throw InvalidArgument(formatted("loss: delta must be positive, got {}", delta));
  }
  check_weights("class_weights", class_weights);
  check_weights("positive_weights", positive_weights);
  const bool binary = kind == LossKind::kBinaryCrossEntropy, entropy = binary || kind == LossKind::kCrossEntropy;
  require_kind(label_smoothing == 0.0 || entropy, "label_smoothing", kind);
  require_kind(class_weights.empty() || entropy || kind == LossKind::kHinge, "class_weights", kind);
  require_kind(positive_weights.empty() || binary, "positive_weights", kind);
}

}  // namespace ludus::nn
