#include "nn/generative/gan_options.h"

#include <array>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"

namespace ludus::nn {
namespace {

constexpr std::array<std::string_view, 5> kLosses{"non_saturating", "minimax", "least_squares", "hinge", "wasserstein"};
constexpr std::array<std::string_view, 2> kLatents{"uniform", "normal"};

template <class Enum, std::size_t N>
Enum enum_of(const Value& value, const std::array<std::string_view, N>& names, std::string_view subject) {
  const std::string& text = value.as_string();
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  const std::vector<std::string> all(names.begin(), names.end());
  throw InvalidArgument(
      formatted("{} must be one of {}, got \"{}\".{}", subject, joined(all), text, did_you_mean(text, all)));
}

bool takes_labels(GanLoss loss) {
  return loss == GanLoss::kNonSaturating || loss == GanLoss::kMinimax || loss == GanLoss::kLeastSquares;
}

}  // namespace

std::string_view name_of(GanLoss loss) {
  return kLosses[static_cast<std::size_t>(loss)];
}

void read_field(const Value& value, GanLoss& field) {
  field = enum_of<GanLoss>(value, kLosses, "loss");
}

Value show_field(GanLoss field) {
  return std::string(name_of(field));
}

std::string_view name_of(Latent latent) {
  return kLatents[static_cast<std::size_t>(latent)];
}

void read_field(const Value& value, Latent& field) {
  field = enum_of<Latent>(value, kLatents, "latent distribution");
}

Value show_field(Latent field) {
  return std::string(name_of(field));
}

void GanOptions::check() const {
  const auto require = [](bool holds, std::string_view field, std::string_view range, const auto& value) {
    if (!holds) throw InvalidArgument(formatted("gan: {} must be {}, got {}", field, range, value));
  };
  require(epochs > 0, "epochs", "positive", epochs);
  require(steps_per_epoch >= 0, "steps_per_epoch", "at least 0", steps_per_epoch);
  require(discriminator_steps > 0, "discriminator_steps", "positive", discriminator_steps);
  require(gradient_penalty >= 0, "gradient_penalty", "at least 0", gradient_penalty);
  if (average_decay) {
    require(*average_decay >= 0 && *average_decay < 1, "average_decay", "at least 0 and below 1", *average_decay);
  }
  const auto check_label = [&](const std::vector<double>& label, std::string_view field, double usual) {
    require(label.size() == 1 || label.size() == 2, field, "one number or two bounds, low and high",
            formatted("{} numbers", label.size()));
    for (const double bound : label) require(bound >= 0 && bound <= 1, field, "between 0 and 1", bound);
    require(label.front() <= label.back(), field, "bounds, low and high",
            formatted("[{}, {}]", label.front(), label.back()));
    if (!takes_labels(loss) && (label.size() != 1 || label[0] != usual)) {
      throw InvalidArgument(
          formatted("gan: {} cannot be set for the loss {}, which has no labels", field, name_of(loss)));
    }
  };
  check_label(real_label, "real_label", 1.0);
  check_label(generated_label, "generated_label", 0.0);
  generator_learning_rate.check();
  discriminator_learning_rate.check();
  for (const OptimizerOptions* optimizer : {&generator_optimizer, &discriminator_optimizer}) {
    require(optimizer->name != kLbfgs, "an optimizer", "other than lbfgs, which needs one loss that falls", kLbfgs);
  }
}

}  // namespace ludus::nn
