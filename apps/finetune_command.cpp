#include "apps/finetune_command.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <random>

#include "apps/console.h"
#include "apps/model_runs.h"
#include "apps/options.h"
#include "apps/table.h"
#include "base/file.h"
#include "base/format.h"
#include "nn/vision/transfer/finetune_run.h"
#include "runs/run_folder.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;

struct FinetuneOptions {
  std::string data;
  std::optional<std::string> run, resume, config;
  std::optional<std::int64_t> seed;
  Dict finetune, settings;
  bool json = false;
};

std::string absolute(const std::string& path) {
  return fs::absolute(path).lexically_normal().string();
}

// In this order: defaults, the file of --config, options, --set.
vision::FinetuneConfig config_of(const FinetuneOptions& options) {
  vision::FinetuneConfig config;
  if (options.config) config.set_from_toml(read_text(*options.config), *options.config);
  for (const auto& [key, value] : options.finetune) config.set(key, value);
  for (const auto& [key, value] : options.settings) config.set(key, value);
  vision::FinetuneSettings& settings = config.finetune;
  if (!options.data.empty()) settings.data = options.data;
  if (settings.data.empty()) {
    throw UsageError(
        "the folder of images is missing, as in `ludus finetune animals --model mobilenet_v2_folded --weights "
        "mobilenet_v2.safetensors`");
  }
  if (settings.model.empty()) throw UsageError("--model is missing: name a network of `ludus model zoo`, or a file");
  // the run may be resumed from another folder
  settings.data = absolute(settings.data);
  if (fs::exists(settings.model)) settings.model = absolute(settings.model);
  for (std::string* file : {&settings.weights, &settings.manifest}) {
    if (!file->empty()) *file = absolute(*file);
  }
  config.seed = options.seed ? static_cast<std::uint64_t>(*options.seed) : std::random_device{}();
  return config;
}

int report(const vision::FinetuneResult& result, bool json) {
  const std::string folder = result.folder.string();
  if (result.report.is_null()) {
    print_status(formatted("interrupted, with a checkpoint; resume with: ludus finetune --resume {}", quoted(folder)));
    if (json) print_json(Dict{{"run", folder}, {"complete", false}});
    return kInterrupted;
  }
  if (json) {
    Dict dict{{"run", folder}, {"complete", true}};
    for (const auto& [key, value] : result.report.as_dict()) dict[key] = value;
    print_json(dict);
  } else {
    print(result.text);
    print(formatted("\nclassify with: ludus classify --model {} IMAGE\n", quoted(folder)));
  }
  return kDone;
}

int finetune(const FinetuneOptions& options, const CLI::App& command) {
  if (options.resume) {
    for (const CLI::Option* option : command.get_options()) {
      const std::string name = option->get_name();
      if (option->count() == 0 || name == "--resume" || name == "--json") continue;
      throw UsageError(
          formatted("--resume: {} cannot change the settings of a run; omit it, or start a new run", name));
    }
    return report(vision::resume_finetune(model_run_options(*options.resume)), options.json);
  }
  const vision::FinetuneConfig config = config_of(options);
  const std::string name = fs::path(config.finetune.data).filename().string();
  const fs::path folder = options.run
                              ? runs::resolved_run_folder(*options.run)
                              : runs::next_run_folder(fs::path("runs") / "finetune", name.empty() ? "images" : name);
  return report(vision::run_finetune(config, model_run_options(folder)), options.json);
}

std::string augmentation_text() {
  Table table{.header = {"setting", "default", "range", "meaning"}, .rows = {}, .right = {false, false, false, false}};
  for (FieldInfo field : describe_fields(vision::FinetuneConfig().augmentation)) {
    field.name = "augmentation." + field.name;
    table.rows.push_back(setting_row(field, field.default_value));
  }
  return "Settings for --set key=value and for tables of the file of --config:\n" + to_text(table);
}

}  // namespace

Command add_finetune_command(CLI::App& program) {
  const auto options = std::make_shared<FinetuneOptions>();
  CLI::App* command =
      program.add_subcommand("finetune", "teach a network with its weights the classes of a folder of images");
  add_text(*command, "folder", "DIR", options->data,
           "folder with a sub-folder of images for each class, or with folders train and val of these");
  for (const FieldInfo& field : describe_fields<vision::FinetuneSettings>()) {
    if (field.name != "data") add_field(*command, field, options->finetune);
  }
  add_integer(*command, "--seed", options->seed, 0, kMaxInteger, "random seed (default: drawn and printed)");
  add_settings(*command, "--set", options->settings, "setting, see below; repeatable");
  add_text(*command, "--config", "FILE", options->config, "settings as TOML, in the form of a run's config.toml");
  add_text(*command, "--run", "DIR", options->run,
           "run folder (default: runs/finetune/DIR_1, or the next free number)");
  add_text(*command, "--resume", "DIR", options->resume, "continue the run in that folder, which was interrupted");
  add_flag(*command, "--json", options->json, "print one JSON object");
  command->footer([] {
    return augmentation_text() +
           "\nExamples:\n  ludus finetune animals --model mobilenet_v2_folded --weights mobilenet_v2.safetensors\n"
           "  ludus finetune animals --model squeezenet1_1_caffe --weights squeezenet1_1.safetensors --epochs-fine 0\n"
           "  ludus classify --model runs/finetune/animals_1 photo.jpg";
  });
  return {command, [options, command] { return finetune(*options, *command); }};
}

}  // namespace ludus::apps
