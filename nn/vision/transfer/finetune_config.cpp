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
  const Dict tables = runs::parse_toml(text, name);
  nn::set_tables(*this, tables, name, {"run"});
  if (const Value* entries = tables.find("run")) {
    RunFields run;
    assign_fields(run, entries->as_dict(), formatted("{}, [run]", name));
    seed = run.seed;
  }
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
  Dict dict{{"run", fields_as_dict(RunFields{.seed = seed})}};
  for (auto& [table, settings] : nn::tables_as_dict(*this)) dict[table] = std::move(settings);
  return "# a fine-tuning by ludus; resume it with `ludus finetune --resume` and this folder\n\n" + runs::to_toml(dict);
}

FinetuneConfig FinetuneConfig::from_toml(std::string_view text, const std::string& name) {
  FinetuneConfig config;
  config.set_from_toml(text, name);
  config.check();
  return config;
}

}  // namespace ludus::vision
