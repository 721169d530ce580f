#include "nn/training/fit_run.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

#include "base/checkpoint.h"
#include "base/file.h"
#include "base/format.h"
#include "base/value_io.h"
#include "nn/core/threads.h"
#include "nn/model/formats.h"
#include "nn/model/graph_nodes.h"
#include "nn/model/restore.h"
#include "nn/training/callbacks.h"
#include "nn/training/config_tables.h"
#include "nn/training/fit.h"
#include "nn/training/model_run.h"
#include "nn/training/parameter_histograms.h"
#include "runs/checkpoints.h"
#include "runs/early_stopping.h"
#include "runs/metrics_log.h"
#include "runs/run_folder.h"

namespace ludus::nn {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kEvaluationBatch = 256;  // the results do not depend on it, beyond rounding

// Far from each other, so that no two parts of a training draw the same numbers.
struct Seeds {
  std::uint64_t weights, order, noise;

  explicit Seeds(std::uint64_t seed) {
    const std::vector<SeedSequence> children = SeedSequence(seed).spawn(3);
    weights = children[0].generate_state64(1)[0];
    order = children[1].generate_state64(1)[0];
    noise = children[2].generate_state64(1)[0];
  }
};

fs::path description_path(const fs::path& run) {
  return run / "model.json";
}

// The penalties of the settings on the weights that have none in the description.
Description with_penalties(Description description, double l1, double l2) {
  if (l1 == 0 && l2 == 0) return description;
  for (const NetworkParameter& parameter : network_parameters(description)) {
    Node& node = description.nodes[parameter.node];
    if (parameter.spec.buffer || parameter.spec.shape.rank() < 2 || node.l1 != 0 || node.l2 != 0) continue;
    node.l1 = l1;
    node.l2 = l2;
  }
  return description;
}

// A model to begin with: a description alone, or with weights and the state of an optimiser.
struct Start {
  Description description;
  std::optional<LoadedModel> loaded;
};

Start start_of(const FitConfig& config) {
  const fs::path file = model_path(config.model);
  Start start;
  if (file.extension() == ".json") {
    start.description = load_description(file);
  } else {
    start.loaded = load_model(file);
    start.description = start.loaded->model->description();
  }
  return start;
}

struct Datasets {
  data::Dataset train;  // examples, prepared
  std::optional<data::Dataset> validation, test;
  std::int64_t examples = 0, validation_examples = 0, test_examples = 0;
};

// A share or a number of examples, if the setting is not files.
std::optional<double> split_of(const std::vector<std::string>& validation) {
  if (validation.size() != 1) return {};
  const std::string& text = validation[0];
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

// The number of examples at the end of `total` that are for the validation.
std::int64_t validation_count(double split, std::int64_t total) {
  const double count =
      split < 1 ? static_cast<double>(total) - std::floor(static_cast<double>(total) * (1 - split)) : split;
  if (!(split > 0) || std::floor(count) != count || count < 1 || count >= static_cast<double>(total)) {
    throw InvalidArgument(
        formatted("data: validation must be a share above 0 and below 1, or a number of examples below "
                  "the {} of the data, got {}",
                  total, split));
  }
  return static_cast<std::int64_t>(count);
}

// Names the part of the data in its errors, unless they begin with it.
template <class F>
auto in_part(const char* part, F f) {
  try {
    return f();
  } catch (Error& error) {
    if (!std::string_view(error.what()).starts_with(part)) error.prepend(part);
    throw;
  }
}

// A run and all its objects, created from its configuration.
class Run {
 public:
  Run(FitConfig config, FitRunOptions options, Start start);

  // Writes the first files of a new run, the configuration last: a folder with one can be resumed.
  void begin();
  // Loads the newest checkpoint that can be read. Throws InvalidArgument if it has begun more epochs than `epochs`.
  void restore(std::optional<std::int64_t> epochs);
  FitRunResult train();

 private:
  Datasets open_datasets();
  data::Dataset kept(const data::Dataset& prepared_examples) const {
    return config_.data.cache ? prepared_examples.cache() : prepared_examples;
  }
  FitOptions fit_options() const;
  void add_callbacks();
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_time_).count();
  }

  FitConfig config_;
  FitRunOptions options_;
  std::chrono::steady_clock::time_point start_time_ = std::chrono::steady_clock::now();
  DataTask task_;
  std::unique_ptr<Model> model_;
  Datasets datasets_;
  std::unique_ptr<Fit> fit_;
};

Run::Run(FitConfig config, FitRunOptions options, Start start)
    : config_(std::move(config)),
      options_(std::move(options)),
      datasets_{.train = data::Dataset(nullptr), .validation = {}, .test = {}} {
  config_.check();
  set_threads(static_cast<int>(config_.fit.threads));
  task_.description = std::move(start.description);
  task_.interface.outputs = config_.outputs_of(task_.description);
  // labels, scaling and columns of a model that was trained before
  if (start.loaded && config_.labels.empty()) {
    for (std::size_t k = 0; k < task_.interface.outputs.size(); ++k) {
      const OutputInterface& before = start.loaded->interface.outputs[k];
      if (before.kind == task_.interface.outputs[k].kind) task_.interface.outputs[k].labels = before.labels;
    }
  }
  task_.interface = completed(std::move(task_.interface), task_.description);
  for (const LossOptions& loss : config_.losses_of(task_.description)) task_.losses.push_back(loss.kind);

  datasets_ = open_datasets();
  task_.interface.signatures = {default_signature(task_.description, task_.interface)};

  const Seeds seeds(config_.seed);
  Generator random(seeds.weights);
  model_ = std::make_unique<Model>(task_.description, random, ModelOptions{.device = parse_device(config_.fit.device)});
  if (start.loaded) {
    model_->load_state(start.loaded->model->state());
    for (const FlatParameters::Entry& entry : start.loaded->model->parameters().layout()) {
      if (!entry.trainable) model_->freeze(entry.name);
    }
  }

  const std::int64_t buffer = std::min(config_.data.shuffle.value_or(datasets_.examples), datasets_.examples);
  data::Dataset train = datasets_.train.shuffle(static_cast<std::size_t>(buffer), seeds.order);
  if (config_.fit.noise > 0) {
    std::vector<std::string> fields;
    for (const InputSpec& input : task_.description.inputs) {
      if (is_floating(input.dtype)) fields.push_back(input_field(input.name));
    }
    const auto deviation = static_cast<float>(config_.fit.noise);
    train = train.map(
        [fields, deviation](data::Example example, Generator& noise) {
          for (const std::string& field : fields) {
            for (float& number : example.array(field).data<float>()) {
              number += deviation * noise.standard_normal_float32();
            }
          }
          return example;
        },
        {.workers = static_cast<std::size_t>(config_.fit.workers), .seed = seeds.noise});
  }
  train = train.batch(static_cast<std::size_t>(config_.fit.batch_size)).prefetch(2);
  std::optional<data::Dataset> validation;
  if (datasets_.validation) validation = datasets_.validation->batch(kEvaluationBatch);
  fit_ = std::make_unique<Fit>(*model_, train, fit_options(), validation, [this] { return seconds(); });
  if (start.loaded && start.loaded->training.optimizer) {
    try {
      fit_->load_optimizer(*start.loaded->training.optimizer);
    } catch (Error& error) {
      error.prepend(
          formatted("{}: the state of its optimiser does not fit {}; set the optimizer that it was trained "
                    "with, or use its weights alone with `ludus model freeze`",
                    config_.model, config_.optimizer.name));
      throw;
    }
  }
  add_callbacks();
}

Datasets Run::open_datasets() {
  const DataColumns columns{.features = config_.data.features, .targets = config_.data.targets};
  const auto workers = static_cast<std::size_t>(config_.fit.workers);
  const std::optional<double> split = split_of(config_.data.validation);
  data::Dataset raw = in_part("data", [&] { return open_data(config_.data.train, columns, task_); });

  // the statistics of the scaling are those of the examples of the training alone
  const std::vector<std::string> names = feature_names(config_.data.train, columns, task_);
  std::optional<std::int64_t> total;
  std::int64_t validation_examples = 0;
  if (split) {
    total = raw.size() ? static_cast<std::int64_t>(*raw.size())
                       : in_part("data", [&] { return count_examples(raw, options_.interrupted); });
    validation_examples = validation_count(*split, *total);
  }
  in_part("data", [&] {
    const data::Dataset part = split ? raw.take(static_cast<std::uint64_t>(*total - validation_examples)) : raw;
    for (std::size_t i = 0; i < task_.description.inputs.size(); ++i) {
      const InputSpec& input = task_.description.inputs[i];
      if (!is_floating(input.dtype)) continue;  // indices
      task_.interface.inputs[i] = scaling_of(part, input, config_.data.scale, config_.data.shift);
    }
  });
  if (!names.empty()) {
    // of one input all columns, of several inputs a name each
    const std::size_t inputs = task_.description.inputs.size();
    for (std::size_t i = 0; i < inputs; ++i) {
      if (inputs == 1) task_.interface.inputs[i].columns = names;
      if (inputs > 1 && names.size() == inputs) task_.interface.inputs[i].columns = {names[i]};
    }
  }

  // everything is read once before the training, so that an error in the last example is found now
  const data::Dataset examples = kept(prepared(raw, task_, workers));
  const std::int64_t count = in_part("data", [&] { return count_examples(examples, options_.interrupted); });
  if (count == validation_examples) throw InvalidArgument("data: must hold at least one example, got none");
  Datasets datasets{.train = examples, .validation = {}, .test = {}, .examples = count - validation_examples};
  if (split) {
    datasets.validation_examples = validation_examples;
    datasets.train = examples.take(static_cast<std::uint64_t>(datasets.examples));
    datasets.validation = examples.skip(static_cast<std::uint64_t>(datasets.examples));
  } else if (!config_.data.validation.empty()) {
    in_part("validation", [&] {
      datasets.validation = kept(prepared(open_data(config_.data.validation, columns, task_), task_, workers));
      datasets.validation_examples = count_examples(*datasets.validation, options_.interrupted);
      if (datasets.validation_examples == 0) throw InvalidArgument("must hold at least one example, got none");
    });
  }
  if (!config_.data.test.empty()) {
    in_part("test", [&] {
      datasets.test = prepared(open_data(config_.data.test, columns, task_), task_, workers);
      datasets.test_examples = count_examples(*datasets.test, options_.interrupted);
      if (datasets.test_examples == 0) throw InvalidArgument("must hold at least one example, got none");
    });
  }
  if (config_.examples != 0 && config_.examples != datasets.examples) {
    throw InvalidArgument(formatted("{}: the data must hold the {} examples with which the run was started, got {}",
                                    options_.folder.string(), config_.examples, datasets.examples));
  }
  config_.examples = datasets.examples;
  return datasets;
}

FitOptions Run::fit_options() const {
  const FitSettings& settings = config_.fit;
  FitOptions options{.epochs = settings.epochs,
                     .steps_per_epoch = (datasets_.examples + settings.batch_size - 1) / settings.batch_size,
                     .losses = config_.losses_of(task_.description),
                     .metrics = settings.metrics,
                     .optimizer = config_.optimizer,
                     .learning_rate = config_.learning_rate,
                     .accumulate = settings.accumulate,
                     .max_gradient_norm = settings.max_gradient_norm,
                     .max_gradient_value = settings.max_gradient_value,
                     .average_decay = settings.average_decay,
                     .interface = task_.interface};
  for (const InputSpec& input : task_.description.inputs) options.inputs.push_back(input_field(input.name));
  for (const std::string& output : task_.description.outputs) options.targets.push_back(target_field(output));
  return options;
}

// The order matters: what stops the training or changes the model comes before the checkpoint, which includes it.
void Run::add_callbacks() {
  const FitSettings& settings = config_.fit;
  const std::string metric = !settings.monitor.empty() ? settings.monitor
                             : datasets_.validation    ? "val/loss"
                                                       : "train/loss";
  const std::vector<std::string> names = fit_->metric_names();
  if (std::find(names.begin(), names.end(), metric) == names.end()) {
    throw InvalidArgument(formatted("fit: monitor must be a metric of the training, one of {}, got \"{}\".{}",
                                    joined(names), metric, did_you_mean(metric, names)));
  }
  const bool higher = is_higher_better(metric);
  if (settings.early_stopping) {
    fit_->add(std::make_shared<runs::EarlyStopping>(runs::EarlyStopping::Options{
        .metric = metric, .higher_is_better = higher, .patience = *settings.early_stopping - 1}));
  }
  fit_->add(std::make_shared<BestModel>(
      *fit_, runs::best_model_path(options_.folder),
      BestModel::Options{.metric = metric, .higher_is_better = higher, .restore = settings.restore_best}));
  if (settings.reduce_on_plateau) {
    fit_->add(
        std::make_shared<ReduceOnPlateau>(*fit_, ReduceOnPlateau::Options{.metric = metric,
                                                                          .higher_is_better = higher,
                                                                          .factor = settings.plateau_factor,
                                                                          .patience = *settings.reduce_on_plateau}));
  }

  const std::int64_t steps = fit_->steps_per_epoch();
  const auto log =
      std::make_shared<runs::MetricsLog>(options_.folder, names, settings.log_every.value_or(fit_->log_interval()),
                                         runs::Experiment{.hyperparameters = flat_tables(config_),
                                                          .graph = [this] { return graph_nodes(task_.description); }});
  fit_->add(log);
  if (settings.histograms_every > 0) {
    fit_->add(std::make_shared<ParameterHistograms>(*fit_, log, settings.histograms_every));
  }
  if (options_.write) {
    fit_->add(std::make_shared<EpochProgress>(*fit_, options_.terminal, options_.write));
  }
  fit_->add(std::make_shared<runs::Checkpoints>(options_.folder, settings.checkpoint_every.value_or(steps),
                                                settings.keep_checkpoints));
}

void Run::begin() {
  save_description(description_path(options_.folder), task_.description);
  fit_->save(runs::checkpoint_path(options_.folder, 0));
  write_atomically(runs::config_path(options_.folder), config_.to_toml());
}

void Run::restore(std::optional<std::int64_t> epochs) {
  fit_->resume(options_.folder, options_.warn, [&] {
    if (epochs) fit_->require_epochs(*epochs, options_.folder);
  });
}

FitRunResult Run::train() {
  if (options_.on_ready) {
    std::string line = formatted("{}: {} parameters; {} examples of training", config_.model,
                                 parameter_count(task_.description), datasets_.examples);
    if (datasets_.validation) line += formatted(", {} of validation", datasets_.validation_examples);
    if (datasets_.test) line += formatted(", {} of test", datasets_.test_examples);
    options_.on_ready(formatted("{}; seed {}, run folder {}", line, config_.seed, options_.folder.string()));
  }
  start_time_ = std::chrono::steady_clock::now();
  FitRunResult result;
  result.folder = options_.folder;
  result.end = fit_->run(options_.interrupted);
  result.config = config_;
  result.epochs = fit_->epoch();
  result.steps = fit_->progress().step;
  if (!fit_->history().empty()) result.last = fit_->history().back();
  if (result.end.kind != runs::StopReason::Kind::kInterrupted) {
    fit_->save_whole_model(options_.folder / "model.safetensors", config_.to_dict());
    if (datasets_.test) result.test = fit_->evaluate(datasets_.test->batch(kEvaluationBatch));
    write_atomically(options_.folder / "results.json", to_json(Dict{{"epochs", result.epochs},
                                                                    {"steps", result.steps},
                                                                    {"last", as_dict(result.last)},
                                                                    {"test", as_dict(result.test)}},
                                                               2) +
                                                           "\n");
  }
  result.seconds = seconds();
  return result;
}

}  // namespace

FitRunResult train_fit_run(const FitConfig& config, const FitRunOptions& run_options) {
  config.check();
  return begin_model_run(run_options, [&](const FitRunOptions& options) {
    Start start = start_of(config);
    start.description = with_penalties(std::move(start.description), config.fit.l1, config.fit.l2);
    return Run(config, options, std::move(start));
  });
}

FitRunResult resume_fit_run(const FitRunOptions& run_options, std::optional<std::int64_t> epochs) {
  return resume_model_run<FitConfig>(
      run_options, epochs, [](FitConfig& config, std::int64_t total) { config.fit.epochs = total; },
      [](const FitConfig& config, const FitRunOptions& options) {
        return Run(config, options, {.description = load_description(description_path(options.folder)), .loaded = {}});
      });
}

std::optional<FitConfig> training_of(const fs::path& model_or_run) {
  if (fs::is_directory(model_or_run)) {
    if (!holds_fit(model_or_run)) return {};
    const fs::path file = runs::config_path(model_or_run);
    return FitConfig::from_toml(read_text(file), file.string());
  }
  const Checkpoint checkpoint = Checkpoint::load(model_or_run);
  if (!checkpoint.contains_value("training")) return {};
  FitConfig config;
  config.set_from_dict(checkpoint.value("training").as_dict(), model_or_run.string());
  return config;
}

Evaluation evaluate_model(const fs::path& model_or_run, const EvaluateOptions& options) {
  const fs::path file = model_path(model_or_run);
  const std::optional<FitConfig> training = training_of(model_or_run);
  const Bundle bundle = read_model_file(file);

  DataTask task{.description = bundle.description, .interface = bundle.interface};
  FitOptions fit;
  DataColumns columns = options.columns;
  std::vector<std::string> files = options.files;
  if (!options.losses.empty()) {
    FitConfig config;
    config.set_losses(options.losses);
    fit.losses = config.losses_of(bundle.description);
  } else if (training) {
    fit.losses = training->losses_of(bundle.description);
  } else {
    for (const OutputInterface& output : bundle.interface.outputs) {
      fit.losses.push_back({.kind = output.kind == OutputKind::kClasses  ? LossKind::kCrossEntropy
                                    : output.kind == OutputKind::kLabels ? LossKind::kBinaryCrossEntropy
                                                                         : LossKind::kMeanSquaredError});
    }
  }
  if (training) {
    fit.metrics = training->fit.metrics;
    if (columns.features.empty()) columns.features = training->data.features;
    if (columns.targets.empty()) columns.targets = training->data.targets;
    if (files.empty()) files = training->data.test;
  }
  if (files.empty()) {
    throw InvalidArgument(
        formatted("{}: was trained without test files; name files of data by --data", model_or_run.string()));
  }
  for (const std::string& metric : options.metrics) {
    if (std::find(fit.metrics.begin(), fit.metrics.end(), metric) == fit.metrics.end()) fit.metrics.push_back(metric);
  }
  for (const LossOptions& loss : fit.losses) task.losses.push_back(loss.kind);
  for (const InputSpec& input : task.description.inputs) fit.inputs.push_back(input_field(input.name));
  for (const std::string& output : task.description.outputs) fit.targets.push_back(target_field(output));

  const std::unique_ptr<Model> model = build_model(bundle, {.device = parse_device(options.device)});
  const data::Dataset examples = prepared(open_data(files, columns, task), task);
  Evaluation evaluation{.model = file, .examples = count_examples(examples), .metrics = {}};
  evaluation.metrics = evaluate(*model, examples.batch(kEvaluationBatch), fit);
  return evaluation;
}

}  // namespace ludus::nn
