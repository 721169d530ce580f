#include "apps/gan_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <random>

#include "apps/console.h"
#include "apps/model_runs.h"
#include "apps/options.h"
#include "apps/table.h"
#include "base/file.h"
#include "base/format.h"
#include "nn/generative/gan_run.h"
#include "nn/io/image_file.h"
#include "nn/training/epoch_training.h"
#include "nn/vision/sheet.h"
#include "runs/run_folder.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;

struct GanOptions {
  std::vector<std::string> data;
  std::optional<std::string> run, resume, config;
  std::optional<std::int64_t> seed;
  Dict gan, settings;
  std::vector<std::string> columns;
  bool json = false;
};

struct SampleOptions {
  std::string run;
  std::optional<std::int64_t> count, seed, label, interpolate, columns;
  std::optional<std::string> output, checkpoint;
};

struct EvaluateOptions {
  std::string run;
  std::optional<std::string> classifier, features, checkpoint;
  std::vector<std::string> data;
  std::optional<std::int64_t> samples, seed;
  bool json = false;
};

void require_gan(const fs::path& run) {
  runs::require_run(run);
  if (nn::holds_gan(run)) return;
  throw UsageError(formatted("{}: must hold a training of `ludus gan`, got another", run.string()));
}

// In this order: the model's settings, the file of --config, options, --set.
nn::GanConfig config_of(const GanOptions& options) {
  std::string model = "dcgan";
  if (const Value* named = options.gan.find("model")) model = named->as_string();
  nn::GanConfig config = nn::gan_config_of(model);
  if (options.config) config.set_from_toml(read_text(*options.config), *options.config);
  for (const auto& [key, value] : options.gan) config.set(key, value);
  for (const auto& [key, value] : options.settings) config.set(key, value);
  config.data.train = options.data.empty() ? config.data.train : options.data;
  if (!options.columns.empty()) config.data.columns = options.columns;
  for (std::string& file : config.data.train) file = absolute_data_file(file);
  for (std::string* file : {&config.gan.generator, &config.gan.discriminator}) {
    if (!file->empty()) *file = fs::absolute(*file).lexically_normal().string();
  }
  config.seed = options.seed ? static_cast<std::uint64_t>(*options.seed) : std::random_device{}();
  return config;
}

int report(const nn::GanRunResult& result, bool json) {
  const bool complete = result.end.kind != runs::StopReason::Kind::kInterrupted;
  const std::string folder = result.folder.string();
  if (!complete) {
    print_status(formatted("interrupted after {} batches, with a checkpoint; resume with: ludus gan --resume {}",
                           result.steps, quoted(folder)));
  }
  if (json) {
    print_json(Dict{{"run", folder},
                    {"model", result.config.gan.model},
                    {"seed", static_cast<std::int64_t>(result.config.seed)},
                    {"epochs", result.epochs},
                    {"steps", result.steps},
                    {"seconds", result.seconds},
                    {"metrics", nn::as_dict(result.last)}});
  } else if (complete) {
    print(formatted("{}: {} epochs, {} batches in {} s; {}\n", result.end.text, result.epochs, result.steps,
                    fixed(result.seconds, 1), metrics_text(result.last)));
    print(formatted("sample with: ludus gan sample {} --output samples.png\n", quoted(folder)));
  }
  return complete ? kDone : kInterrupted;
}

int resume(const GanOptions& options, const CLI::App& command) {
  if (!options.data.empty()) {
    throw UsageError(formatted("--resume: takes no data, got `{}`; the run's folder determines them", options.data[0]));
  }
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_name();
    if (option->count() == 0 || name == "--resume" || name == "--epochs" || name == "--json") continue;
    throw UsageError(formatted("--resume: {} cannot change the settings of a run; omit it, or start a new run", name));
  }
  const fs::path folder(*options.resume);
  require_gan(folder);
  const Value* epochs = options.gan.find("epochs");
  return report(nn::resume_gan_run(model_run_options(folder), epochs ? std::optional(epochs->as_int()) : std::nullopt),
                options.json);
}

int train(const GanOptions& options, const CLI::App& command) {
  if (options.resume) return resume(options, command);
  const nn::GanConfig config = config_of(options);
  if (config.data.train.empty()) {
    throw UsageError("the data are missing: name a file of images, as in `ludus gan images.gz --model dcgan`");
  }
  const fs::path folder = options.run ? runs::resolved_run_folder(*options.run)
                                      : runs::next_run_folder(fs::path("runs") / "gan", config.gan.model);
  return report(nn::train_gan_run(config, model_run_options(folder)), options.json);
}

nn::GanConfig config_of_run(const fs::path& run) {
  require_gan(run);
  const fs::path file = runs::config_path(run);
  return nn::GanConfig::from_toml(read_text(file), file.string());
}

int sample(const SampleOptions& options) {
  if (options.run.empty()) throw UsageError("the run is missing, as in `ludus gan sample runs/gan/dcgan_1`");
  const std::string output = options.output.value_or("samples.png");
  io::check_image_path(output);
  const nn::GanConfig config = config_of_run(options.run);
  nn::SampleOptions sampling{.count = options.count.value_or(options.interpolate ? 8 * *options.interpolate : 8),
                             .seed = static_cast<std::uint64_t>(options.seed.value_or(0)),
                             .label = options.label,
                             .interpolation = options.interpolate};
  const nn::Samples samples =
      nn::sample_images(config, nn::read_generator(options.run, options.checkpoint.value_or("")), sampling);
  const auto count = static_cast<std::int64_t>(samples.images.size());
  const auto square = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(count))));
  const std::int64_t columns = options.columns.value_or(options.interpolate.value_or(count <= 10 ? count : square));
  io::write_image(output, vision::sheet_of(samples.images, columns));
  print(formatted("{}: {} images of {}\n", output, count, options.run));
  return kDone;
}

int evaluate(const EvaluateOptions& options) {
  if (options.run.empty()) {
    throw UsageError("the run is missing, as in `ludus gan evaluate runs/gan/dcgan_1 --classifier runs/lenet`");
  }
  if (!options.classifier) throw UsageError("--classifier is missing: name a model that classifies such images");
  const nn::GanConfig config = config_of_run(options.run);
  const nn::GanQuality quality =
      nn::evaluate_gan(config, nn::read_generator(options.run, options.checkpoint.value_or("")),
                       {.classifier = *options.classifier,
                        .features = options.features.value_or(""),
                        .data = options.data,
                        .samples = options.samples.value_or(10'000),
                        .seed = static_cast<std::uint64_t>(options.seed.value_or(0))});
  List shares(quality.class_shares.begin(), quality.class_shares.end());
  if (options.json) {
    print_json(Dict{{"run", options.run},
                    {"samples", quality.samples},
                    {"mean_confidence", quality.mean_confidence},
                    {"class_shares", std::move(shares)},
                    {"agreement", quality.agreement ? Value(*quality.agreement) : Value()},
                    {"frechet_distance", quality.frechet_distance}});
    return kDone;
  }
  Table table{.header = {"measure", "value"}, .rows = {}, .right = {false, true}};
  table.rows.push_back({"samples", formatted("{}", quality.samples)});
  table.rows.push_back({"mean confidence", fixed(quality.mean_confidence, 4)});
  for (std::size_t k = 0; k < quality.class_shares.size(); ++k) {
    table.rows.push_back({formatted("share of class {}", k), fixed(quality.class_shares[k], 4)});
  }
  if (quality.agreement) table.rows.push_back({"of the class asked for", fixed(*quality.agreement, 4)});
  table.rows.push_back({"Fréchet distance", fixed(quality.frechet_distance, 3)});
  print(to_text(table));
  return kDone;
}

std::string models_text() {
  Table table{.header = {"model", "networks and settings"}, .rows = {}, .right = {false, false}};
  for (const nn::GanModel& model : nn::gan_models()) {
    table.rows.push_back({std::string(model.name), std::string(model.summary)});
  }
  return to_text(table);
}

}  // namespace

Command add_gan_command(CLI::App& program) {
  const auto options = std::make_shared<GanOptions>();
  CLI::App* command =
      program.add_subcommand("gan", "train a generator of images against a discriminator; writes a run folder");
  add_words(*command, "data", "DATA", options->data,
            "file of images (IDX, NPY, NPZ, TFRecord), and after it the file of their classes for --model conditional");
  for (const FieldInfo& field : describe_fields<nn::GanSettings>()) add_field(*command, field, options->gan);
  add_words(*command, "--columns", "NAME", options->columns, "arrays or features of images and classes in the files");
  add_integer(*command, "--seed", options->seed, 0, kMaxInteger, "random seed (default: drawn and printed)");
  add_settings(*command, "--set", options->settings, "setting, such as generator_optimizer.beta1=0.5; repeatable");
  add_text(*command, "--config", "FILE", options->config, "settings as TOML, in the form of a run's config.toml");
  add_text(*command, "--run", "DIR", options->run, "run folder (default: runs/gan/MODEL_1, or the next free number)");
  add_text(*command, "--resume", "DIR", options->resume,
           "resume the run in that folder from its newest checkpoint, up to --epochs if present");
  add_flag(*command, "--json", options->json, "print one JSON object");

  const auto sampling = std::make_shared<SampleOptions>();
  CLI::App* of_sample = command->add_subcommand("sample", "write a sheet of generated images");
  add_text(*of_sample, "run", "RUN", sampling->run, "run folder of `ludus gan`");
  add_integer(*of_sample, "--count", sampling->count, 1, 100'000, "number of images (default: 8)");
  add_integer(*of_sample, "--class", sampling->label, 0, kMaxInteger, "class of all images (default: each in turn)");
  add_integer(*of_sample, "--interpolate", sampling->interpolate, 2, 1000,
              "rows of this many images from one latent vector to another");
  add_integer(*of_sample, "--columns", sampling->columns, 1, 1000, "images in a row of the sheet");
  add_integer(*of_sample, "--seed", sampling->seed, 0, kMaxInteger, "seed of the latent vectors (default: 0)");
  add_text(*of_sample, "--checkpoint", "FILE", sampling->checkpoint, "generator of a checkpoint of the run");
  add_text(*of_sample, "--output", "FILE", sampling->output, "image to write, .png or .jpg (default: samples.png)");

  const auto evaluation = std::make_shared<EvaluateOptions>();
  CLI::App* of_evaluate = command->add_subcommand("evaluate", "compare generated with real images by a classifier");
  add_text(*of_evaluate, "run", "RUN", evaluation->run, "run folder of `ludus gan`");
  add_text(*of_evaluate, "--classifier", "MODEL", evaluation->classifier,
           "model of such images with an output of classes");
  add_text(*of_evaluate, "--features", "LAYER", evaluation->features,
           "layer for the Fréchet distance (default: the one before the output)");
  add_words(*of_evaluate, "--data", "FILE", evaluation->data, "real images (default: those of the training)");
  add_integer(*of_evaluate, "--samples", evaluation->samples, 2, 1'000'000, "number of images (default: 10000)");
  add_integer(*of_evaluate, "--seed", evaluation->seed, 0, kMaxInteger, "seed of the latent vectors (default: 0)");
  add_text(*of_evaluate, "--checkpoint", "FILE", evaluation->checkpoint, "generator of a checkpoint of the run");
  add_flag(*of_evaluate, "--json", evaluation->json, "print one JSON object");

  command->footer([] {
    return models_text() +
           "\nExamples:\n  ludus gan train-images-idx3-ubyte.gz --model dcgan --run runs/digits\n"
           "  ludus gan images.gz labels.gz --model conditional\n  ludus gan sample runs/digits --count 64\n"
           "  ludus gan sample runs/digits --interpolate 10\n"
           "  ludus gan evaluate runs/digits --classifier runs/lenet\n  ludus gan --resume runs/digits";
  });
  return {command, [=]() -> int {
            if (of_sample->parsed()) return sample(*sampling);
            if (of_evaluate->parsed()) return evaluate(*evaluation);
            return train(*options, *command);
          }};
}

}  // namespace ludus::apps
