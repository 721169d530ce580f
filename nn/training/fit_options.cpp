#include "nn/training/fit_options.h"

#include <cmath>

#include "base/error.h"
#include "base/fields.h"
#include "base/format.h"

namespace ludus::nn {

void FitOptions::check() const {
  const auto require = [](bool holds, std::string_view field, std::string_view range, auto value) {
    if (!holds) throw InvalidArgument(formatted("fit: {} must be {}, got {}", field, range, value));
  };
  require(epochs > 0, "epochs", "positive", epochs);
  require(steps_per_epoch >= 0, "steps_per_epoch", "at least 0", steps_per_epoch);
  require(accumulate > 0, "accumulate", "positive", accumulate);
  if (max_gradient_norm) require(*max_gradient_norm > 0, "max_gradient_norm", "positive", *max_gradient_norm);
  if (max_gradient_value) require(*max_gradient_value > 0, "max_gradient_value", "positive", *max_gradient_value);
  if (average_decay) {
    require(*average_decay >= 0 && *average_decay < 1, "average_decay", "at least 0 and below 1", *average_decay);
  }
  learning_rate.check();
  for (const LossOptions& loss : losses) loss.check();
  if (optimizer.name != kLbfgs) return;
  require(accumulate == 1, "accumulate", "1 with lbfgs, which evaluates each batch several times", accumulate);
  if (max_gradient_norm) throw InvalidArgument("fit: max_gradient_norm cannot be used with lbfgs");
  if (max_gradient_value) throw InvalidArgument("fit: max_gradient_value cannot be used with lbfgs");
}

Dict hyperparameters_of(const FitOptions& options) {
  const auto number = [](const std::optional<double>& value) { return value ? Value(*value) : Value(); };
  Dict settings{{"epochs", options.epochs},
                {"accumulate", options.accumulate},
                {"max_gradient_norm", number(options.max_gradient_norm)},
                {"max_gradient_value", number(options.max_gradient_value)},
                {"average_decay", number(options.average_decay)}};
  const auto add = [&](const char* part, const Dict& fields) {
    for (const auto& [name, value] : fields) settings[formatted("{}/{}", part, name)] = value;
  };
  add("optimizer", fields_as_dict(options.optimizer));
  add("learning_rate", fields_as_dict(options.learning_rate));
  return settings;
}

}  // namespace ludus::nn
