#include "nn/vision/transfer/finetune_run.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>

#include "base/checkpoint.h"
#include "base/file.h"
#include "base/format.h"
#include "base/interruption.h"
#include "base/value_io.h"
#include "nn/core/threads.h"
#include "nn/data/array_source.h"
#include "nn/io/image_file.h"
#include "nn/model/restore.h"
#include "nn/training/callbacks.h"
#include "nn/training/fit.h"
#include "nn/vision/transfer/backbone.h"
#include "nn/vision/transfer/features.h"
#include "runs/checkpoints.h"
#include "runs/early_stopping.h"
#include "runs/metrics_log.h"
#include "runs/run_folder.h"

namespace ludus::vision {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kEvaluationBatch = 16;  // images
constexpr std::int64_t kFeatureBatch = 256;    // rows of features
constexpr double kSmallestDeviation = 1e-6;    // features that vary less are not scaled
constexpr std::int64_t kKeptCheckpoints = 2;
constexpr const char* kHead = "head";
constexpr const char* kFineTuning = "fine_tuning";

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double peak_memory_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;  // Linux counts KiB
}

// Far from each other, so that no two parts of a training draw the same numbers.
struct Seeds {
  std::uint64_t split, head, head_order, network, order, augmentation;

  explicit Seeds(std::uint64_t seed) {
    const std::vector<SeedSequence> children = SeedSequence(seed).spawn(6);
    const auto number = [&](std::size_t i) { return children[i].generate_state64(1)[0]; };
    split = number(0);
    head = number(1);
    head_order = number(2);
    network = number(3);
    order = number(4);
    augmentation = number(5);
  }
};

LabeledImages selected(const LabeledImages& images, const std::vector<std::size_t>& indices) {
  LabeledImages part;
  for (const std::size_t i : indices) {
    part.files.push_back(images.files[i]);
    part.labels.push_back(images.labels[i]);
  }
  return part;
}

Features selected(const Features& features, const std::vector<std::size_t>& indices) {
  const std::int64_t width = features.values.shape()[1];
  Features part{.values = Array(DType::kFloat32, Shape{static_cast<std::int64_t>(indices.size()), width}),
                .images = selected(features.images, indices)};
  const auto source = features.values.data<float>();
  auto place = part.values.data<float>().begin();
  for (const std::size_t i : indices) {
    const auto row = source.subspan(i * static_cast<std::size_t>(width), static_cast<std::size_t>(width));
    place = std::copy(row.begin(), row.end(), place);
  }
  return part;
}

// Features as the head is trained on them: z = (y - mean) / deviation. y is the layer normalisation of x, as in the
// network; every feature has its mean, and all have one deviation, because scaling each by its own would amplify those
// that are hardly ever active.
class Standardisation {
 public:
  // By the features of the training.
  explicit Standardisation(const Array& features) {
    const Array normalised = layer_norm(features);
    const auto values = normalised.data<float>();
    const auto count = static_cast<double>(features.shape()[0]);
    mean_.assign(static_cast<std::size_t>(features.shape()[1]), 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
      mean_[i % mean_.size()] += static_cast<double>(values[i]) / count;
    }
    double variance = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double difference = static_cast<double>(values[i]) - mean_[i % mean_.size()];
      variance += difference * difference / static_cast<double>(values.size());
    }
    deviation_ = std::max(std::sqrt(variance), kSmallestDeviation);
  }

  Array apply(const Array& features) const {
    Array result = layer_norm(features);
    const auto values = result.data<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>((static_cast<double>(values[i]) - mean_[i % mean_.size()]) / deviation_);
    }
    return result;
  }

  // The layer that computes of y what W z + b computes: W' = W / deviation, b' = b - W' mean.
  NamedArrays folded(const nn::Model& head, const std::string& name) const {
    NamedArrays arrays = head.state();
    Array& weight = arrays[0].second;
    Array& bias = arrays[1].second;
    const std::size_t width = mean_.size();
    for (std::size_t c = 0; c < bias.size(); ++c) {
      double shift = 0;
      for (std::size_t f = 0; f < width; ++f) {
        const double scaled = weight.get(c * width + f) / deviation_;
        weight.set(c * width + f, scaled);
        shift += scaled * mean_[f];
      }
      bias.set(c, bias.get(c) - shift);
    }
    return {{name + ".weight", weight}, {name + ".bias", bias}};
  }

 private:
  static Array layer_norm(const Array& features) {
    Array result = features;
    const auto width = static_cast<std::size_t>(features.shape()[1]);
    const auto values = result.data<float>();
    for (std::size_t begin = 0; begin < values.size(); begin += width) {
      double mean = 0, variance = 0;
      for (std::size_t f = 0; f < width; ++f) mean += static_cast<double>(values[begin + f]);
      mean /= static_cast<double>(width);
      for (std::size_t f = 0; f < width; ++f) {
        const double difference = static_cast<double>(values[begin + f]) - mean;
        variance += difference * difference / static_cast<double>(width);
      }
      const double scale = 1 / std::sqrt(variance + nn::layers::LayerNorm().epsilon);
      for (std::size_t f = 0; f < width; ++f) {
        values[begin + f] = static_cast<float>((static_cast<double>(values[begin + f]) - mean) * scale);
      }
    }
    return result;
  }

  std::vector<double> mean_;
  double deviation_ = 1;
};

// How bytes of (channels, height, width) become the input: y = (scale x / 255 - mean) / std is (x - shift) · factor.
nn::InputInterface interface_of(const Manifest& manifest) {
  const auto at = [](const std::vector<double>& list, std::size_t c) { return list.size() == 1 ? list[0] : list[c]; };
  nn::InputInterface interface;
  for (std::size_t c = 0; c < static_cast<std::size_t>(manifest.channels()); ++c) {
    interface.shift.push_back(at(manifest.mean, c) * 255 / manifest.scale);
    interface.scale.push_back(manifest.scale / (255 * at(manifest.std, c)));
  }
  return interface;
}

struct Phase {
  std::string name;
  std::int64_t epochs = 0, trainable = 0;  // parameters
  double seconds = 0;
  Classification validation = {};
  NamedArrays weights = {};  // of the whole network
  runs::StopReason end = {};

  bool interrupted() const { return end.kind == runs::StopReason::Kind::kInterrupted; }
  Value value() const {
    return Dict{{"name", name},
                {"epochs", epochs},
                {"trainable_parameters", trainable},
                {"seconds", seconds},
                {"accuracy", validation.accuracy},
                {"loss", validation.loss}};
  }
};

// A run and its objects, made from its configuration. In its order of construction: what is wrong with the settings is
// found before anything is written.
class Run {
 public:
  Run(FinetuneConfig config, nn::FitRunOptions options);

  FinetuneResult train();

 private:
  // Phase 1, and the images of both phases.
  void compute_features();
  void split();
  Phase train_head(nn::Model& model);
  Phase fine_tune(nn::Model& model);

  data::Dataset images_of(const LabeledImages& images, bool augmented) const;
  Classification evaluated(nn::Model& model) const;
  FinetuneResult finished(const std::vector<Phase>& phases);
  void say(const std::string& line) const {
    if (options_.on_ready) options_.on_ready(line);
  }

  FinetuneConfig config_;
  nn::FitRunOptions options_;
  Clock::time_point start_ = Clock::now();
  Seeds seeds_;
  ImageSets images_;
  ImageNetwork network_;
  FeatureNetwork features_;
  HeadedNetwork headed_;
  Manifest manifest_;  // of the new network
  nn::ModelInterface interface_;
  nn::Bundle backbone_;  // empty from scratch

  FeatureSets sets_;
  Features train_, validation_;  // without values from scratch
  double feature_seconds_ = 0;
};

Run::Run(FinetuneConfig config, nn::FitRunOptions options)
    : config_(std::move(config)), options_(std::move(options)), seeds_(config_.seed) {
  config_.check();
  const FinetuneSettings& settings = config_.finetune;
  nn::set_threads(static_cast<int>(settings.threads));
  nn::parse_device(settings.device);
  network_ = read_image_network(settings.model, settings.weights, settings.manifest);
  features_ = feature_network(network_.description, settings.layer);
  images_ = list_image_sets(settings.data);
  if (images_.classes.size() < 2) {
    throw InvalidArgument(formatted("{}: must have folders of two classes or more, got one, \"{}\"", settings.data,
                                    images_.classes.front()));
  }
  const auto classes = static_cast<std::int64_t>(images_.classes.size());
  headed_ = with_head(features_, classes, settings.dropout);
  headed_.description.name = network_.description.name;
  manifest_ = network_.manifest;
  manifest_.labels = images_.classes;
  manifest_.output = "logits";
  interface_.inputs = {interface_of(manifest_)};
  interface_.outputs = {{.kind = nn::OutputKind::kClasses, .labels = images_.classes}};
  interface_ = nn::completed(interface_, headed_.description);
  if (!images_.validation) {
    Generator random(seeds_.split);
    split_by_class(images_.train.labels, images_.classes, settings.validation, random);  // throws for a class too small
  }
  if (!settings.from_scratch) backbone_ = load_backbone(network_, features_);
}

void Run::compute_features() {
  const Clock::time_point start = Clock::now();
  const FinetuneSettings& settings = config_.finetune;
  FeatureOptions options{.skip_broken = settings.skip_broken,
                         .workers = static_cast<std::size_t>(settings.workers),
                         .device = settings.device,
                         .interrupted = options_.interrupted,
                         .report_broken = options_.warn};
  options.on_part = [this](std::size_t done, std::size_t of) { say(formatted("features: {} of {} images", done, of)); };
  sets_ = vision::compute_features(backbone_, manifest_, images_, options_.folder / "features.npz", options);
  feature_seconds_ = seconds_since(start);
}

void Run::split() {
  const bool has_values = !config_.finetune.from_scratch;
  Features all{.values = Array(DType::kFloat32, Shape{0, 1}), .images = images_.train};
  if (has_values) all = sets_.train;
  std::optional<Features> validation;
  if (images_.validation) {
    validation = Features{.values = Array(DType::kFloat32, Shape{0, 1}), .images = *images_.validation};
    if (has_values) validation = sets_.validation;
  }
  if (validation) {
    train_ = std::move(all);
    validation_ = std::move(*validation);
    return;
  }
  Generator random(seeds_.split);
  const Split split = split_by_class(all.images.labels, images_.classes, config_.finetune.validation, random);
  if (has_values) {
    train_ = selected(all, split.train);
    validation_ = selected(all, split.validation);
  } else {
    train_.images = selected(all.images, split.train);
    validation_.images = selected(all.images, split.validation);
  }
}

Phase Run::train_head(nn::Model& model) {
  const Clock::time_point start = Clock::now();
  const FinetuneSettings& settings = config_.finetune;
  const fs::path folder = options_.folder / kHead;
  std::error_code ignored;
  fs::remove_all(folder, ignored);  // of a run that was interrupted: the head is trained again, to the same weights
  fs::create_directories(folder);

  const Standardisation standardisation(train_.values);
  const auto dataset = [&](const Features& features) {
    return data::from_arrays({{"features", standardisation.apply(features.values)},
                              {"label", Array::of(std::span<const std::int64_t>(features.images.labels))}});
  };
  nn::Description description{.name = kHead};
  description.add_input("features", ludus::Shape{features_.width});
  description.outputs = {description.add(nn::layers::Dense{.units = static_cast<std::int64_t>(images_.classes.size()),
                                                           .weight_init = nn::Initializer::zeros()},
                                         {"features"}, headed_.head)};
  Generator random(seeds_.head);
  nn::Model head(description, random);
  nn::Fit fit(
      head,
      dataset(train_).shuffle(train_.size(), seeds_.head_order).batch(static_cast<std::size_t>(settings.batch_size)),
      {.epochs = settings.head_epochs,
       .inputs = {"features"},
       .targets = {"label"},
       .metrics = {"accuracy"},
       .optimizer = {.weight_decay = settings.head_weight_decay},
       .learning_rate = {.schedule = "cosine", .initial = settings.head_learning_rate}},
      dataset(validation_).batch(kFeatureBatch), [start] { return seconds_since(start); });
  const fs::path best = folder / "best.safetensors";
  fit.add(std::make_shared<runs::EarlyStopping>(runs::EarlyStopping::Options{
      .metric = "val/loss", .higher_is_better = false, .patience = settings.early_stopping - 1}));
  fit.add(std::make_shared<nn::BestModel>(fit, best, nn::BestModel::Options{.restore = true}));
  fit.add(std::make_shared<runs::MetricsLog>(folder, fit.metric_names(), fit.steps_per_epoch()));

  Phase phase{.name = kHead};
  phase.end = fit.run(options_.interrupted);
  phase.epochs = fit.epoch();
  phase.trainable = nn::parameter_count(description);
  if (phase.interrupted()) return phase;
  fs::remove(best, ignored);
  nn::restore(model, backbone_.weights);
  nn::restore(model, standardisation.folded(head, headed_.head));
  phase.validation = evaluated(model);
  phase.weights = model.state();
  phase.seconds = seconds_since(start);
  say(formatted("head: {} epochs in {:.1f} s; {} of {} images of the validation right, accuracy {:.4f}", phase.epochs,
                phase.seconds, phase.validation.images() - static_cast<std::int64_t>(phase.validation.mistakes.size()),
                phase.validation.images(), phase.validation.accuracy));
  return phase;
}

data::Dataset Run::images_of(const LabeledImages& images, bool augmented) const {
  data::Dataset dataset = data::from_index(images.files.size(), [images, folder = images_.folder](std::uint64_t i) {
    data::Example example;
    example["path"] = (folder / images.files[static_cast<std::size_t>(i)]).string();
    example["label"] = images.labels[static_cast<std::size_t>(i)];
    return example;
  });
  if (augmented) dataset = dataset.shuffle(images.files.size(), seeds_.order);
  // augmentation changes what the network would see; only the intensities are left for the manifest
  Manifest intensities = manifest_;
  intensities.resize = "none";
  intensities.crop = "none";
  const auto prepare = [manifest = manifest_, intensities, augmented, augmentation = config_.augmentation](
                           data::Example example, Generator& random) {
    Array image = resized_and_cropped(io::read_image(example.text("path")), manifest);
    if (augmented) image = augment(image, augmentation, random);
    data::Example prepared;
    prepared["image"] = preprocess(image, intensities);
    prepared["label"] = example.at("label");
    return prepared;
  };
  return dataset.map(prepare,
                     {.workers = static_cast<std::size_t>(config_.finetune.workers), .seed = seeds_.augmentation});
}

Classification Run::evaluated(nn::Model& model) const {
  const data::Dataset batches = images_of(validation_.images, false).batch(kEvaluationBatch).prefetch(2);
  return classification_of(nn::predict(model, batches, {"image"}).front(), validation_.images, images_.classes);
}

Phase Run::fine_tune(nn::Model& model) {
  const Clock::time_point start = Clock::now();
  const FinetuneSettings& settings = config_.finetune;
  const fs::path folder = options_.folder / kFineTuning;
  fs::create_directories(runs::checkpoints_folder(folder));

  Phase phase{.name = kFineTuning};
  if (!settings.from_scratch) {
    model.freeze("*");
    model.unfreeze(headed_.head + ".*");
    for (const std::string& layer : last_layers(features_.description, settings.fine_tune_layers)) {
      model.unfreeze(layer + ".*");
    }
  }
  for (const nn::FlatParameters::Range& range : model.parameters().trainable_ranges()) phase.trainable += range.count;

  const auto count = static_cast<std::int64_t>(train_.images.files.size());
  nn::Fit fit(model, images_of(train_.images, true).batch(static_cast<std::size_t>(settings.batch_size)).prefetch(2),
              {.epochs = settings.epochs_fine,
               .steps_per_epoch = (count + settings.batch_size - 1) / settings.batch_size,
               .inputs = {"image"},
               .targets = {"label"},
               .metrics = {"accuracy"},
               .learning_rate = {.schedule = "cosine", .initial = config_.fine_learning_rate()}},
              images_of(validation_.images, false).batch(kEvaluationBatch).prefetch(2),
              [start] { return seconds_since(start); });
  const fs::path best = folder / "best.safetensors";
  fit.add(std::make_shared<runs::EarlyStopping>(runs::EarlyStopping::Options{
      .metric = "val/loss", .higher_is_better = false, .patience = settings.early_stopping - 1}));
  fit.add(std::make_shared<nn::BestModel>(fit, best, nn::BestModel::Options{.restore = true}));
  fit.add(std::make_shared<runs::MetricsLog>(folder, fit.metric_names(), fit.log_interval()));
  if (options_.write) fit.add(std::make_shared<nn::EpochProgress>(fit, options_.terminal, options_.write));
  fit.add(std::make_shared<runs::Checkpoints>(folder, fit.steps_per_epoch(), kKeptCheckpoints));
  if (!fs::is_empty(runs::checkpoints_folder(folder))) {
    fit.resume(folder, options_.warn);
  }

  say(formatted("fine-tuning: {} of {} parameters are trained, for {} epochs", phase.trainable,
                model.parameters().size(), settings.epochs_fine));
  phase.end = fit.run(options_.interrupted);
  phase.epochs = fit.epoch();
  if (phase.interrupted()) return phase;
  std::error_code ignored;
  fs::remove_all(runs::checkpoints_folder(folder), ignored);
  fs::remove(best, ignored);
  phase.validation = evaluated(model);
  phase.weights = model.state();
  phase.seconds = seconds_since(start);
  return phase;
}

FinetuneResult Run::finished(const std::vector<Phase>& phases) {
  const FinetuneSettings& settings = config_.finetune;
  const Phase* chosen = &phases.front();
  for (const Phase& phase : phases) {
    const auto rank = [](const Phase& of) { return std::pair(of.validation.accuracy, -of.validation.loss); };
    if (rank(phase) > rank(*chosen)) chosen = &phase;
  }
  const fs::path& folder = options_.folder;
  nn::write_bundle(folder / "model.safetensors",
                   {.description = headed_.description, .weights = chosen->weights, .interface = interface_});
  save_manifest(folder / "manifest.json", manifest_);
  const Classification& validation = chosen->validation;
  if (!validation.mistakes.empty()) {
    io::write_image(folder / "mistakes.png", mistakes_sheet(validation, images_.folder));
  }

  List values;
  std::string text = formatted(
      "{}: {} classes, {} images of training, {} of validation{}\nnetwork {}, {} features of "
      "layer {}; seed {}\n\n",
      settings.data, images_.classes.size(), train_.images.files.size(), validation_.images.files.size(),
      sets_.broken > 0 ? formatted(", {} left out", sets_.broken) : std::string(), settings.model, features_.width,
      features_.layer, config_.seed);
  for (const Phase& phase : phases) {
    values.push_back(phase.value());
    text += formatted("{:<12} accuracy {:.4f}, loss {:.4f}; {} epochs, {} parameters trained, {:.1f} s{}\n", phase.name,
                      phase.validation.accuracy, phase.validation.loss, phase.epochs, phase.trainable, phase.seconds,
                      phases.size() > 1 && &phase == chosen ? "  <- the model of this run" : "");
  }
  const double seconds = seconds_since(start_), memory = peak_memory_mib();
  text += formatted("features in {:.1f} s; {:.1f} s in all, at most {:.0f} MiB of memory\n\n", feature_seconds_,
                    seconds, memory);
  text += to_text(validation);

  FinetuneResult result{.folder = folder, .config = config_, .report = {}, .text = text, .end = chosen->end};
  result.report = Dict{{"data", settings.data},
                       {"model", settings.model},
                       {"weights", network_.weights.string()},
                       {"seed", static_cast<std::int64_t>(config_.seed)},
                       {"images", Dict{{"train", static_cast<std::int64_t>(train_.images.files.size())},
                                       {"validation", static_cast<std::int64_t>(validation_.images.files.size())},
                                       {"broken", sets_.broken}}},
                       {"features", Dict{{"layer", features_.layer},
                                         {"width", features_.width},
                                         {"cached", sets_.cached},
                                         {"seconds", feature_seconds_}}},
                       {"phases", std::move(values)},
                       {"result", chosen->name},
                       {"validation", to_value(validation)},
                       {"seconds", seconds},
                       {"peak_memory_mib", memory}};
  write_atomically(folder / "report.txt", text);
  write_atomically(folder / "report.json", to_json(result.report, 2) + "\n");
  return result;
}

FinetuneResult Run::train() {
  const FinetuneSettings& settings = config_.finetune;
  say(formatted("{}: {} classes, {} images; {}, {} features of layer {}; seed {}, run folder {}", settings.data,
                images_.classes.size(),
                images_.train.files.size() + (images_.validation ? images_.validation->files.size() : 0),
                settings.model, features_.width, features_.layer, config_.seed, options_.folder.string()));
  if (!settings.from_scratch) compute_features();
  split();

  Generator random(seeds_.network);
  nn::Model model(headed_.description, random, {.device = nn::parse_device(settings.device)});
  std::vector<Phase> phases;
  if (!settings.from_scratch) phases.push_back(train_head(model));
  const bool is_fine_tuned = settings.from_scratch || (settings.epochs_fine > 0 && settings.fine_tune_layers > 0);
  if (is_fine_tuned && (phases.empty() || !phases.back().interrupted())) phases.push_back(fine_tune(model));
  if (phases.back().interrupted()) {
    return {.folder = options_.folder, .config = config_, .report = {}, .text = {}, .end = phases.back().end};
  }
  return finished(phases);
}

// What a run that could not begin leaves beside the files that RunFolder removes.
void remove_new_files(const fs::path& folder) {
  std::error_code ignored;
  for (const char* name : {"features.npz", "features.npz.parts", kHead, kFineTuning}) {
    fs::remove_all(folder / name, ignored);
  }
}

// Trains in a locked folder. What was computed before an interruption stays, not what came before a mistake.
FinetuneResult train_in(runs::RunFolder& folder, Run& run, const fs::path& path, bool is_new) {
  try {
    FinetuneResult result = run.train();
    folder.keep();
    return result;
  } catch (const InputError&) {
    if (is_new) remove_new_files(path);
    throw;
  } catch (...) {
    folder.keep();
    throw;
  }
}

}  // namespace

FinetuneResult run_finetune(const FinetuneConfig& config, const nn::FitRunOptions& run_options) {
  nn::FitRunOptions options = run_options;
  options.folder = runs::resolved_run_folder(options.folder);
  runs::require_no_run(options.folder);
  Run run(config, options);
  runs::RunFolder folder(options.folder);
  runs::require_no_run(options.folder);  // another process may have trained here in between
  write_atomically(runs::config_path(options.folder), config.to_toml());
  return train_in(folder, run, options.folder, /*is_new=*/true);
}

FinetuneResult resume_finetune(const nn::FitRunOptions& run_options) {
  nn::FitRunOptions options = run_options;
  options.folder = runs::resolved_run_folder(options.folder);
  runs::require_run(options.folder);
  if (!runs::holds_run_with(options.folder, "finetune")) {
    throw InvalidArgument(formatted("{}: must hold a run of `ludus finetune`, got another", options.folder.string()));
  }
  if (fs::exists(options.folder / "report.json")) {
    throw InvalidArgument(
        formatted("{}: the run is complete and cannot be resumed; see report.txt", options.folder.string()));
  }
  runs::RunFolder folder(options.folder);
  folder.keep();
  const fs::path file = runs::config_path(options.folder);
  Run run(FinetuneConfig::from_toml(read_text(file), file.string()), options);
  return train_in(folder, run, options.folder, /*is_new=*/false);
}

}  // namespace ludus::vision
