#include "apps/style_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>

#include "apps/console.h"
#include "apps/model_runs.h"
#include "apps/options.h"
#include "apps/table.h"
#include "base/file.h"
#include "base/format.h"
#include "nn/io/image_file.h"
#include "nn/training/epoch_training.h"
#include "nn/vision/style/style_run.h"
#include "runs/run_folder.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;

struct StyleOptions {
  std::string content, style, output;
  std::optional<std::string> run, resume, config, optimizer;
  std::optional<double> learning_rate;
  std::optional<std::int64_t> seed;
  Dict settings_of_style, settings;
  bool json = false;
};

// Throws, before the work, for a file that could not be written after it.
void check_output(const std::string& output) {
  io::check_image_path(output);
  std::error_code ignored;
  const fs::path folder = fs::absolute(output).parent_path();
  if (fs::is_directory(output, ignored)) {
    throw FileError(formatted("{}: must be the name of an image, got a folder", output));
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw FileError(formatted("{}: cannot be written ({}); name a folder that exists and can be written", output,
                              std::strerror(errno)));
  }
}

// Adds an option of several numbers, into `values` by the name of its field.
void add_numbers(CLI::App& command, const FieldInfo& field, Dict& values) {
  const std::string name = option_of(field.name);
  command
      .add_option_function<std::vector<std::string>>(
          name,
          [&values, name, key = field.name](const std::vector<std::string>& texts) {
            List numbers;
            for (const std::string& text : texts) numbers.emplace_back(parse_number(name, text));
            values[key] = std::move(numbers);
          },
          field.help)
      ->type_name("X");
}

// In this order: defaults, the file of --config, options, --set.
vision::StyleConfig config_of(const StyleOptions& options) {
  vision::StyleConfig config;
  if (options.config) config.set_from_toml(read_text(*options.config), *options.config);
  for (const auto& [key, value] : options.settings_of_style) config.set(key, value);
  if (options.optimizer) config.set("optimizer.name", *options.optimizer);
  if (options.learning_rate) config.set("learning_rate.initial", *options.learning_rate);
  // the optimiser first: its default learning rate does not replace one that is set
  if (const Value* name = options.settings.find("optimizer.name")) config.set("optimizer.name", *name);
  for (const auto& [key, value] : options.settings) {
    if (key != "optimizer.name") config.set(key, value);
  }
  if (!options.content.empty()) config.style.content = options.content;
  if (!options.style.empty()) config.style.style = options.style;
  if (config.style.content.empty() || config.style.style.empty()) {
    throw UsageError(
        "the images are missing: name a photograph and the image whose style it gets, as in `ludus style content.jpg "
        "style.jpg result.png --weights squeezenet1_1.safetensors`");
  }
  if (config.style.weights.empty()) {
    throw UsageError(formatted("--weights is missing: name the file of weights of network {}", config.style.network));
  }
  for (std::string* file : {&config.style.content, &config.style.style, &config.style.weights}) {
    *file = fs::absolute(*file).lexically_normal().string();
  }
  config.seed = options.seed ? static_cast<std::uint64_t>(*options.seed) : std::random_device{}();
  return config;
}

int report(const vision::StyleRunResult& result, const StyleOptions& options, const std::string& output) {
  const bool complete = result.end.kind != runs::StopReason::Kind::kInterrupted;
  const std::string folder = result.folder.string();
  if (complete) io::write_image(output, result.image);
  if (!complete) {
    print_status(formatted("interrupted after {} steps, with a checkpoint; resume with: ludus style {} --resume {}",
                           result.steps, quoted(output), quoted(folder)));
  }
  if (options.json) {
    print_json(Dict{{"run", folder},
                    {"output", complete ? Value(output) : Value()},
                    {"network", result.config.style.network},
                    {"seed", static_cast<std::int64_t>(result.config.seed)},
                    {"steps", result.steps},
                    {"seconds", result.seconds},
                    {"metrics", nn::as_dict(result.last)}});
  } else if (complete) {
    print(formatted("{}: {} steps in {} s; {}\n", output, result.steps, fixed(result.seconds, 1),
                    metrics_text(result.last)));
  }
  return complete ? kDone : kInterrupted;
}

int resume(const StyleOptions& options, const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_name();
    if (option->count() == 0 || name == "--resume" || name == "--steps" || name == "--json" || name == "content") {
      continue;
    }
    throw UsageError(formatted("--resume: {} cannot change the settings of a run; omit it, or start a new run", name));
  }
  // the only word is the image to write
  const fs::path folder(*options.resume);
  const std::string output = options.content.empty() ? "style.png" : options.content;
  runs::require_run(folder);
  if (!runs::holds_run_with(folder, "style")) {
    throw UsageError(formatted("{}: must hold a run of `ludus style`, got another", folder.string()));
  }
  check_output(output);
  const Value* steps = options.settings_of_style.find("steps");
  return report(vision::resume_style(model_run_options(folder), steps ? std::optional(steps->as_int()) : std::nullopt),
                options, output);
}

int transfer(const StyleOptions& options, const CLI::App& command) {
  if (options.resume) return resume(options, command);
  const vision::StyleConfig config = config_of(options);
  const std::string output = options.output.empty() ? "style.png" : options.output;
  check_output(output);
  const fs::path folder = options.run
                              ? runs::resolved_run_folder(*options.run)
                              : runs::next_run_folder(fs::path("runs") / "style", fs::path(output).stem().string());
  return report(vision::run_style(config, model_run_options(folder)), options, output);
}

}  // namespace

Command add_style_command(CLI::App& program) {
  const auto options = std::make_shared<StyleOptions>();
  CLI::App* command = program.add_subcommand("style", "give a photograph the style of another image");
  add_text(*command, "content", "CONTENT", options->content, "photograph whose content is kept");
  add_text(*command, "style", "STYLE", options->style, "image whose style is transferred");
  add_text(*command, "output", "OUT", options->output, "image to write, .png or .jpg (default: style.png)");
  for (const FieldInfo& field : describe_fields<vision::StyleSettings>()) {
    if (field.name == "content" || field.name == "style") continue;
    if (field.name.ends_with("_layer_weights")) {
      add_numbers(*command, field, options->settings_of_style);
    } else {
      add_field(*command, field, options->settings_of_style);
    }
  }
  add_text(*command, "--optimizer", "NAME", options->optimizer, "optimiser (default: lbfgs)");
  add_number(*command, "--learning-rate", options->learning_rate,
             "learning rate, for pixels in [0, 1] (default: 1 for lbfgs, 2/255 for others)");
  add_integer(*command, "--seed", options->seed, 0, kMaxInteger, "random seed (default: drawn and printed)");
  add_settings(*command, "--set", options->settings, "setting, such as optimizer.beta1=0.5; repeatable");
  add_text(*command, "--config", "FILE", options->config, "settings as TOML, in the form of a run's config.toml");
  add_text(*command, "--run", "DIR", options->run, "run folder (default: runs/style/OUT_1, or the next free number)");
  add_text(
      *command, "--resume", "DIR", options->resume,
      "resume the run in that folder from its newest checkpoint, up to --steps if present, and write the one image "
      "that is named");
  add_flag(*command, "--json", options->json, "print one JSON object");
  command->footer(
      "Examples:\n  ludus style coffee.png starry_night.jpg result.png --weights squeezenet1_1.safetensors\n"
      "  ludus style coffee.png starry_night.jpg result.png --network vgg19_features --weights "
      "imagenet-vgg-verydeep-19.mat --optimizer adam\n"
      "  ludus style result.png --resume runs/style/result_1 --steps 600");
  return {command, [options, command] { return transfer(*options, *command); }};
}

}  // namespace ludus::apps
