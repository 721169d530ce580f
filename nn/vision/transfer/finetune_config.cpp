#include "nn/vision/transfer/finetune_config.h"

#include "base/format.h"
#include "nn/training/config_tables.h"
#include "runs/toml_values.h"

namespace ludus::vision {
namespace {

// [run]: what is recorded beside the settings.
struct RunFields {
  std::uint64_t seed = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("seed", self.seed, "random seed; text, since it may need 64 bits");
  }
};

constexpr double kFineLearningRate = 1e-4;
constexpr double kScratchLearningRate = 1e-3;

}  // namespace

void FinetuneConfig::set(std::string_view key, const Value& value) {
  nn::set_setting(*this, key, value);
}

void FinetuneConfig::set_from_toml(std::string_view text, const std::string& name) {
  RunFields run{.seed = seed};
  nn::set_from_config_text(*this, run, text, name);
  seed = run.seed;
}

void FinetuneConfig::check() const {
  nn::check_tables(*this);
  if (finetune.from_scratch && !finetune.weights.empty()) {
    throw InvalidArgument(formatted(
        "finetune: from_scratch starts with random weights, got weights `{}`; omit one of them", finetune.weights));
  }
  if (finetune.from_scratch && finetune.epochs_fine == 0) {
    throw InvalidArgument("finetune: epochs_fine must be positive from scratch, got 0");
  }
}

double FinetuneConfig::fine_learning_rate() const {
  return finetune.fine_learning_rate.value_or(finetune.from_scratch ? kScratchLearningRate : kFineLearningRate);
}

std::string FinetuneConfig::to_toml() const {
  return nn::config_text(*this, RunFields{.seed = seed},
                         "a fine-tuning by ludus; resume it with `ludus finetune --resume` and this folder");
}

FinetuneConfig FinetuneConfig::from_toml(std::string_view text, const std::string& name) {
  return nn::read_config<FinetuneConfig>(text, name);
}

}  // namespace ludus::vision
