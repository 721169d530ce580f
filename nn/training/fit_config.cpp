#include "nn/training/fit_config.h"

#include <algorithm>

#include "base/file.h"
#include "base/format.h"
#include "nn/training/config_tables.h"
#include "runs/run_folder.h"
#include "runs/toml_values.h"

namespace ludus::nn {
namespace {

constexpr const char* kFit = "fit";

// [run]: what is recorded beside the settings.
struct RunFields {
  std::string model;
  std::uint64_t seed = 0;
  std::int64_t examples = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("model", self.model, "file of the description or model");
    visit("seed", self.seed, "random seed; text, since it may need 64 bits");
    visit("examples", self.examples, at_least(0), "examples of the training");
  }
};

std::vector<std::string> strings_of(const Value& value) {
  std::vector<std::string> strings;
  if (value.is_string()) return {value.as_string()};
  read_field(value, strings);
  return strings;
}

// Throws for the entry of an output that does not exist.
void require_output(const Description& description, const std::string& name, const char* table) {
  if (std::find(description.outputs.begin(), description.outputs.end(), name) != description.outputs.end()) return;
  throw InvalidArgument(formatted("{}: \"{}\" must be an output of network \"{}\", which has {}.{}", table, name,
                                  description.name, joined(description.outputs),
                                  did_you_mean(name, description.outputs)));
}

// The function at the end of an output that makes probabilities of logits; empty if there is none.
std::string_view final_function(const Description& description, const std::string& output) {
  for (const Node& node : description.nodes) {
    if (node.name != output) continue;
    if (std::holds_alternative<layers::Softmax>(node.layer) || std::holds_alternative<layers::LogSoftmax>(node.layer)) {
      return kind_of(node.layer);
    }
    Activation activation = Activation::kNone;
    if (const auto* dense = std::get_if<layers::Dense>(&node.layer)) activation = dense->activation;
    if (const auto* layer = std::get_if<layers::ActivationLayer>(&node.layer)) activation = layer->function;
    if (activation == Activation::kSigmoid) return "sigmoid";
  }
  return {};
}

}  // namespace

std::vector<std::string> FitConfig::setting_names() {
  return nn::setting_names(FitConfig());
}

void FitConfig::set(std::string_view key, const Value& value) {
  const std::size_t dot = key.find('.');
  const std::string_view table = dot == std::string_view::npos ? kFit : key.substr(0, dot);
  const std::string_view name = dot == std::string_view::npos ? key : key.substr(dot + 1);
  if (table == "losses") {
    const std::size_t last = name.rfind('.');
    if (last == std::string_view::npos) throw_unknown_field(kFit, key, std::vector<std::string>{"losses.OUTPUT.kind"});
    losses[std::string(name.substr(0, last))][name.substr(last + 1)] = value;
    return;
  }
  if (table == "labels") {
    labels[std::string(name)] = strings_of(value);
    return;
  }
  set_setting(*this, key, value);
}

void FitConfig::set_losses(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      set("loss.kind", word);
    } else {
      set(formatted("losses.{}.kind", word.substr(0, equals)), word.substr(equals + 1));
    }
  }
}

void FitConfig::set_from_toml(std::string_view text, const std::string& name) {
  set_from_dict(runs::parse_toml(text, name), name);
}

void FitConfig::set_from_dict(const Dict& all, const std::string& name) {
  set_tables(*this, all, name, {"run", "losses", "labels"});
  if (const Value* entries = all.find("run")) {
    RunFields run{.model = model, .seed = seed, .examples = examples};
    assign_fields(run, entries->as_dict(), formatted("{}, [run]", name));
    model = run.model, seed = run.seed, examples = run.examples;
  }
  if (const Value* entries = all.find("losses")) {
    for (const auto& [output, settings] : entries->as_dict()) losses[output] = settings.as_dict();
  }
  if (const Value* entries = all.find("labels")) {
    for (const auto& [output, texts] : entries->as_dict()) labels[output] = strings_of(texts);
  }
}

void FitConfig::check() const {
  check_tables(*this);
}

std::vector<LossOptions> FitConfig::losses_of(const Description& description) const {
  for (const auto& [output, settings] : losses) require_output(description, output, "losses");
  std::vector<LossOptions> options;
  for (const std::string& output : description.outputs) {
    LossOptions of_output = loss;
    if (const auto place = losses.find(output); place != losses.end()) {
      assign_fields(of_output, place->second, formatted("fit, losses.{}", output));
    }
    of_output.check();
    options.push_back(std::move(of_output));
  }
  return options;
}

std::vector<OutputInterface> FitConfig::outputs_of(const Description& description) const {
  for (const auto& [output, texts] : labels) require_output(description, output, "labels");
  std::vector<OutputInterface> outputs;
  const std::vector<LossOptions> options = losses_of(description);
  for (std::size_t k = 0; k < options.size(); ++k) {
    const std::string& name = description.outputs[k];
    OutputInterface output;
    switch (options[k].kind) {
      case LossKind::kCrossEntropy:
      case LossKind::kKlDivergence:
      case LossKind::kHinge: output.kind = OutputKind::kClasses; break;
      case LossKind::kBinaryCrossEntropy: output.kind = OutputKind::kLabels; break;
      default: break;
    }
    if (const std::string_view function = final_function(description, name);
        output.kind != OutputKind::kNumbers && !function.empty()) {
      throw InvalidArgument(formatted(
          "output \"{}\" must be logits for the loss {}, which includes the {}, got a {}; "
          "remove it from the description",
          name, name_of(options[k].kind), output.kind == OutputKind::kLabels ? "sigmoid" : "softmax", function));
    }
    if (const auto place = labels.find(name); place != labels.end()) output.labels = place->second;
    outputs.push_back(std::move(output));
  }
  return outputs;
}

Dict FitConfig::to_dict() const {
  Dict dict{{"run", fields_as_dict(RunFields{.model = model, .seed = seed, .examples = examples})}};
  for (auto& [table, settings] : tables_as_dict(*this)) dict[table] = std::move(settings);
  Dict of_outputs, texts;
  for (const auto& [output, settings] : losses) of_outputs[output] = settings;
  for (const auto& [output, list] : labels) texts[output] = ludus::show_field(list);
  if (!of_outputs.empty()) dict["losses"] = std::move(of_outputs);
  if (!texts.empty()) dict["labels"] = std::move(texts);
  return dict;
}

std::string FitConfig::to_toml() const {
  return "# a training of a model by ludus; resume it with `ludus fit --resume` and this folder\n\n" +
         runs::to_toml(to_dict());
}

FitConfig FitConfig::from_toml(std::string_view text, const std::string& name) {
  return read_config<FitConfig>(text, name);
}

bool holds_fit(const std::filesystem::path& run) {
  return runs::holds_run_with(run, kFit);
}

bool is_higher_better(std::string_view metric) {
  const std::size_t separator = metric.find_last_of("/_");
  const std::string_view last = separator == std::string_view::npos ? metric : metric.substr(separator + 1);
  return last != "loss" && last != "mse" && last != "mae";
}

}  // namespace ludus::nn
