#include "apps/fit_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <random>

#include "agents/runner/run_config.h"
#include "apps/console.h"
#include "apps/model_runs.h"
#include "apps/options.h"
#include "apps/table.h"
#include "base/file.h"
#include "base/format.h"
#include "nn/model/formats.h"
#include "nn/training/epoch_training.h"
#include "nn/training/fit_run.h"
#include "runs/run_folder.h"
#include "runs/toml_values.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;

struct FitOptions {
  std::string model;
  std::optional<std::string> run, resume, config, optimizer, schedule;
  std::optional<double> learning_rate;
  std::optional<std::int64_t> seed;
  std::vector<std::string> losses, labels;
  Dict fit, data, settings;
  bool json = false;
};

// The options of the command line for settings of tables other than [fit].
struct Alias {
  const char* option;
  const char* setting;
};
constexpr Alias kDataOptions[] = {{"--data", "train"},        {"--validation", "validation"}, {"--test", "test"},
                                  {"--features", "features"}, {"--targets", "targets"},       {"--scale", "scale"},
                                  {"--shift", "shift"}};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// The output and the rest of "weather=…"; the only output without a name.
std::pair<std::string, std::string> of_output(const char* option, const std::string& word,
                                              const nn::Description& description) {
  const std::size_t equals = word.find('=');
  if (equals != std::string::npos) return {word.substr(0, equals), word.substr(equals + 1)};
  if (description.outputs.size() == 1) return {description.outputs[0], word};
  throw UsageError(formatted("{}: must name an output, as in {}={}, because the model has {}, got `{}`", option,
                             description.outputs[0], word, joined(description.outputs), word));
}

// "clear,rain", or the lines of a file.
std::vector<std::string> read_labels(const std::string& text) {
  if (!fs::is_regular_file(text)) return split(text, ',');
  std::vector<std::string> lines = split(read_text(text), '\n');
  for (std::string& line : lines) {
    if (line.ends_with('\r')) line.pop_back();
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

// In this order: defaults, the file of --config, options, --set.
nn::FitConfig config_of(const FitOptions& options) {
  nn::FitConfig config;
  if (options.config) config.set_from_toml(read_text(*options.config), *options.config);
  config.model = fs::absolute(options.model).lexically_normal().string();
  const nn::Description description = nn::read_description(options.model);
  for (const auto& [key, value] : options.fit) config.set(key, value);
  for (const auto& [key, value] : options.data) config.set(formatted("data.{}", key), value);
  if (options.optimizer) config.set("optimizer.name", *options.optimizer);
  if (options.learning_rate) config.set("learning_rate.initial", *options.learning_rate);
  if (options.schedule) config.set("learning_rate.schedule", *options.schedule);
  config.set_losses(options.losses);
  for (const std::string& word : options.labels) {
    const auto [output, text] = of_output("--labels", word, description);
    config.labels[output] = read_labels(text);
  }
  for (const auto& [key, value] : options.settings) config.set(key, value);
  for (auto* files : {&config.data.train, &config.data.validation, &config.data.test}) {
    for (std::string& file : *files) file = absolute_data_file(file);
  }
  config.seed = options.seed ? static_cast<std::uint64_t>(*options.seed) : std::random_device{}();
  config.examples = 0;
  return config;
}

int report(const nn::FitRunResult& result, bool json) {
  const bool complete = result.end.kind != runs::StopReason::Kind::kInterrupted;
  const std::string folder = result.folder.string();
  if (!complete) {
    print_status(formatted("interrupted after {} batches, with a checkpoint; resume with: ludus fit --resume {}",
                           result.steps, quoted(folder)));
  }
  if (json) {
    print_json(Dict{{"run", folder},
                    {"model", result.config.model},
                    {"seed", static_cast<std::int64_t>(result.config.seed)},
                    {"epochs", result.epochs},
                    {"steps", result.steps},
                    {"seconds", result.seconds},
                    {"metrics", nn::as_dict(result.last)},
                    {"test", nn::as_dict(result.test)}});
  } else if (complete) {
    print(formatted("{}: {} epochs, {} batches in {} s; {}\n", result.end.text, result.epochs, result.steps,
                    fixed(result.seconds, 1), metrics_text(result.last)));
    if (!result.test.empty()) print(formatted("test: {}\n", metrics_text(result.test)));
    print(formatted("predict with: ludus predict {} --input FILE\n", quoted(folder)));
  }
  return complete ? kDone : kInterrupted;
}

int resume(const FitOptions& options, const CLI::App& command) {
  if (!options.model.empty()) {
    throw UsageError(formatted("--resume: takes no model, got `{}`; the run's folder determines it", options.model));
  }
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_name();
    if (option->count() == 0 || name == "--resume" || name == "--epochs" || name == "--json") continue;
    throw UsageError(formatted("--resume: {} cannot change the settings of a run; omit it, or start a new run", name));
  }
  const fs::path folder(*options.resume);
  if (runs::holds_run(folder) && !nn::holds_fit(folder)) {
    const fs::path file = runs::config_path(folder);
    runs::parse_toml(read_text(file), file.string());  // throws if it is damaged
    throw UsageError(formatted("{}: holds a training of an agent; resume it with `ludus train --resume {}`",
                               folder.string(), quoted(folder.string())));
  }
  const Value* epochs = options.fit.find("epochs");
  return report(nn::resume_fit_run(model_run_options(folder), epochs ? std::optional(epochs->as_int()) : std::nullopt),
                options.json);
}

int fit(const FitOptions& options, const CLI::App& command) {
  if (options.resume) return resume(options, command);
  if (options.model.empty()) {
    throw UsageError("the model is missing, as in `ludus fit model.json --data images.gz labels.gz`");
  }
  const nn::FitConfig config = config_of(options);
  if (config.data.train.empty()) {
    throw UsageError("--data is missing: name the files of the training, as in --data images.gz labels.gz");
  }
  const std::string name = fs::path(options.model).stem().string();
  const fs::path folder = options.run ? runs::resolved_run_folder(*options.run)
                                      : runs::next_run_folder(fs::path("runs") / "fit", name.empty() ? "model" : name);
  return report(nn::train_fit_run(config, model_run_options(folder)), options.json);
}

std::string settings_text() {
  Table table{.header = {"setting", "default", "range", "meaning"}, .rows = {}, .right = {false, false, false, false}};
  const auto add = [&](const std::string& name, const std::vector<FieldInfo>& fields) {
    for (FieldInfo field : fields) {
      field.name = formatted("{}.{}", name, field.name);
      table.rows.push_back(setting_row(field, field.default_value));
    }
  };
  std::vector<FieldInfo> of_data = describe_fields<nn::DataSettings>();
  std::erase_if(of_data, [](const FieldInfo& field) {
    return std::any_of(std::begin(kDataOptions), std::end(kDataOptions),
                       [&](const Alias& alias) { return field.name == alias.setting; });
  });
  add("data", of_data);
  add("optimizer", describe_fields<nn::OptimizerOptions>());
  add("learning_rate", describe_fields<nn::LearningRate>());
  add("loss", describe_fields<nn::LossOptions>());
  return formatted(
      "Settings for --set key=value and for tables of the file of --config, which also take every option by "
      "its name (batch_size, data.scale); losses.OUTPUT.weight sets one of several outputs:\n{}",
      to_text(table));
}

}  // namespace

Command add_fit_command(CLI::App& program) {
  const auto options = std::make_shared<FitOptions>();
  CLI::App* command = program.add_subcommand("fit", "train a model on data; writes a run folder");
  add_text(*command, "model", "MODEL", options->model,
           "description of a network in JSON, or a whole model from which the training continues");
  for (const FieldInfo& field : describe_fields<nn::DataSettings>()) {
    for (const Alias& alias : kDataOptions) {
      if (field.name != alias.setting) continue;
      FieldInfo renamed = field;
      renamed.name = std::string(alias.option).substr(2);
      if (renamed.name == field.name) {
        add_field(*command, field, options->data);
      } else {
        command
            ->add_option_function<std::vector<std::string>>(
                alias.option,
                [options, key = field.name](const std::vector<std::string>& words) {
                  options->data[key] = List(words.begin(), words.end());
                },
                "files of the training: arrays (IDX, NPY) of inputs and then targets, NPZ, CSV or TFRecord")
            ->type_name("FILE");
      }
    }
  }
  add_words(*command, "--loss", "NAME", options->losses,
            "loss (default: cross_entropy), or OUTPUT=NAME for each output");
  add_words(*command, "--labels", "A,B", options->labels,
            "names of the classes or a file with a line each, or OUTPUT=A,B");
  add_text(*command, "--optimizer", "NAME", options->optimizer, "optimiser (default: adam)");
  add_number(*command, "--learning-rate", options->learning_rate, "learning rate (default: 0.001)");
  add_text(*command, "--schedule", "NAME", options->schedule, "schedule of the learning rate (default: constant)");
  for (const FieldInfo& field : describe_fields<nn::FitSettings>()) add_field(*command, field, options->fit);
  add_integer(*command, "--seed", options->seed, 0, kMaxInteger, "random seed (default: drawn and printed)");
  add_settings(*command, "--set", options->settings, "setting, see below; repeatable");
  add_text(*command, "--config", "FILE", options->config, "settings as TOML, in the form of a run's config.toml");
  add_text(*command, "--run", "DIR", options->run, "run folder (default: runs/fit/MODEL_1, or the next free number)");
  add_text(*command, "--resume", "DIR", options->resume,
           "resume the run in that folder from its newest checkpoint, up to --epochs if present");
  add_flag(*command, "--json", options->json, "print one JSON object");
  command->footer([] {
    return settings_text() +
           "\nExamples:\n  ludus fit digits.json --data images.gz labels.gz --scale 1/255 --validation 0.1 --metrics "
           "accuracy\n  ludus fit prices.json --data houses.csv --targets price --scale mean-std --loss mse\n"
           "  ludus fit --resume runs/fit/digits_1";
  });
  return {command, [options, command] { return fit(*options, *command); }};
}

}  // namespace ludus::apps
