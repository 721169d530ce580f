#include "nn/generative/gan_run.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "base/checkpoint.h"
#include "base/file.h"
#include "base/format.h"
#include "base/value_io.h"
#include "nn/core/tensor_io.h"
#include "nn/core/threads.h"
#include "nn/generative/frechet.h"
#include "nn/generative/gan.h"
#include "nn/generative/latents.h"
#include "nn/io/image_file.h"
#include "nn/model/formats.h"
#include "nn/model/graph_nodes.h"
#include "nn/model/predictor.h"
#include "nn/training/callbacks.h"
#include "nn/training/config_tables.h"
#include "nn/training/image_log.h"
#include "nn/training/model_run.h"
#include "nn/vision/sheet.h"
#include "runs/checkpoints.h"
#include "runs/metrics_log.h"
#include "runs/run_folder.h"

namespace ludus::nn {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kGenerationBatch = 256;  // the images do not depend on it, beyond rounding

// Far from each other, so that no two parts of a training draw the same numbers.
struct Seeds {
  std::uint64_t weights, order, training, samples;

  explicit Seeds(std::uint64_t seed) {
    const std::vector<SeedSequence> children = SeedSequence(seed).spawn(4);
    weights = children[0].generate_state64(1)[0];
    order = children[1].generate_state64(1)[0];
    training = children[2].generate_state64(1)[0];
    samples = children[3].generate_state64(1)[0];
  }
};

constexpr const char* kModelFile = "model.safetensors";
constexpr const char* kDiscriminatorFile = "discriminator.safetensors";

fs::path generator_path(const fs::path& run) {
  return run / "generator.json";
}
fs::path discriminator_path(const fs::path& run) {
  return run / "discriminator.json";
}

// ---- data

const std::string kImage = input_field("image"), kLabel = input_field("label");

// Whether the networks take the class of an image.
bool takes_label(const GanConfig& config) {
  if (!config.gan.generator.empty()) return load_description(config.gan.generator).inputs.size() > 1;
  return config.gan.classes > 0 || config.gan.model == "conditional";
}

data::Dataset open_images(const std::vector<std::string>& files, const std::vector<std::string>& columns,
                          bool with_label) {
  Description names;
  names.outputs = {names.add_input("image", Shape{1})};
  if (with_label) names.add_input("label", Shape{}, DType::kInt64);
  const DataTask task{.description = names, .interface = completed({}, names)};
  return open_data(files, {.features = columns}, task);
}

// (channels, height, width) of a stored image.
Shape image_shape(const Array& stored) {
  const Shape& shape = stored.shape();
  if (shape.rank() == 2) return Shape{1, shape[0], shape[1]};
  if (shape.rank() == 3 && (shape[2] == 1 || shape[2] == 3)) return Shape{shape[2], shape[0], shape[1]};
  if (shape.rank() == 3 && (shape[0] == 1 || shape[0] == 3)) return shape;
  throw ShapeMismatch(
      formatted("an image must have shape (height, width), (height, width, channels) or (channels, height, width) with "
                "1 or 3 channels, got {}",
                shape.to_string()));
}

// How images are stored in files of data.
struct StoredForm {
  bool is_bytes = true;       // or floating-point numbers in [0, 1]
  bool channels_last = true;  // of three extents
};

StoredForm form_of(const Array& stored) {
  const Shape& shape = stored.shape();
  return {.is_bytes = stored.dtype() == DType::kUInt8,
          .channels_last = shape.rank() == 3 && (shape[2] == 1 || shape[2] == 3)};
}

// A stored image as numbers in [-1, 1].
Array as_real_image(const Array& stored, const Shape& shape) {
  if (image_shape(stored) != shape) {
    throw ShapeMismatch(formatted("all images must have one shape, (channels, height, width) = {}, got {}",
                                  shape.to_string(), image_shape(stored).to_string()));
  }
  const auto [is_bytes, channels_last] = form_of(stored);
  if (!is_bytes && !is_floating(stored.dtype())) {
    throw TypeMismatch(
        formatted("an image must be uint8, or floating-point numbers in [0, 1], got {}", name_of(stored.dtype())));
  }
  const auto channels = static_cast<std::size_t>(shape[0]), pixels = static_cast<std::size_t>(shape[1] * shape[2]);
  Array image(DType::kFloat32, shape);
  for (std::size_t i = 0; i < image.size(); ++i) {
    const double level = is_bytes ? stored.get(i) / 255 : stored.get(i);
    if (!(level >= 0 && level <= 1)) {
      throw InvalidArgument(formatted("an image of floating-point numbers must have them in [0, 1], got {}", level));
    }
    const std::size_t place = channels_last ? i % channels * pixels + i / channels : i;
    image.data<float>()[place] = static_cast<float>(2 * level - 1);
  }
  return image;
}

std::int64_t label_of(const Value& value) {
  const double number = value.is_array() && value.as_array().size() == 1 ? value.as_array().get(0)
                        : value.is_int()                                 ? static_cast<double>(value.as_int())
                                                                         : std::nan("");
  if (std::floor(number) == number && number >= 0 && number < 1 << 20) return static_cast<std::int64_t>(number);
  throw InvalidArgument(formatted("a class must be an integer of at least 0, got {}", value.describe()));
}

// Real images, checked and converted, with their classes.
struct RealImages {
  data::Dataset dataset;
  std::int64_t count = 0;
  Shape shape;
  StoredForm form;
  std::int64_t classes = 0;  // the largest class + 1
};

RealImages read_images(const GanConfig& config, bool with_label, const std::function<bool()>& interrupted) {
  const data::Dataset raw = open_images(config.data.train, config.data.columns, with_label);
  data::Example first;
  if (data::Epoch pass = raw.epoch(0); !pass.next(first)) {
    throw InvalidArgument("must hold at least one image, got none");
  }
  const Shape shape = image_shape(first.array(kImage));
  const data::Dataset images = raw.map([shape, with_label](data::Example example) {
                                    data::Example result;
                                    result.origin = example.origin;
                                    result["image"] = as_real_image(example.array(kImage), shape);
                                    if (with_label) {
                                      result["label"] = Array::scalar<std::int64_t>(label_of(example.at(kLabel)));
                                    }
                                    return result;
                                  })
                                   .cache();
  // everything is read once before the training, so that an error in the last image is found now
  RealImages result{.dataset = images, .count = 0, .shape = shape, .form = form_of(first.array(kImage)), .classes = 0};
  for (const data::Example& example : images.epoch(0)) {
    ++result.count;
    if (with_label) {
      result.classes = std::max(result.classes, example.array("label").data<std::int64_t>()[0] + 1);
    }
    if (result.count % 1024 == 0 && interrupted && interrupted()) throw Interrupted("interrupted");
  }
  return result;
}

// ---- samples

std::vector<std::int64_t> cyclic_labels(std::int64_t count, std::int64_t classes) {
  std::vector<std::int64_t> labels(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int64_t>(i) % classes;
  return labels;
}

// After every so many epochs, a sheet of the images of the same latent vectors.
class SampleSheets final : public runs::Callback {
 public:
  SampleSheets(Gan& gan, fs::path folder, std::shared_ptr<runs::MetricsLog> log, const GanConfig& config,
               std::uint64_t seed)
      : gan_(gan), folder_(std::move(folder)), log_(std::move(log)), every_(config.gan.sample_every) {
    Generator random(seed);
    const std::int64_t count = config.gan.samples;
    inputs_.push_back(latent_vectors(count, gan.generator().description().inputs[0].shape[0],
                                     config.gan.latent_distribution, random));
    if (gan.generator().description().inputs.size() > 1) {
      inputs_.push_back(Array::of(std::span<const std::int64_t>(cyclic_labels(count, config.gan.classes))));
    }
    columns_ = inputs_.size() > 1 && config.gan.classes <= 32 && count >= config.gan.classes
                   ? config.gan.classes
                   : static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(count))));
    if (count <= 8) columns_ = count;
  }

  std::string name() const override { return "samples"; }
  void on_start(runs::Training&) override {
    if (gan_.progress().step == 0) write();
  }
  void on_step(runs::Training&) override {
    if (gan_.step_in_epoch() == 0 && gan_.epoch() % every_ == 0) write();
  }

 private:
  void write() {
    fs::create_directories(folder_);
    const at::Device device = gan_.generator().parameters().values().device();
    std::vector<at::Tensor> inputs;
    for (const Array& input : inputs_) inputs.push_back(to_tensor(input).to(device));
    const std::vector<Array> images = to_images(to_array(gan_.sample(inputs)));
    const Array sheet = vision::sheet_of(images, columns_);
    io::write_image(folder_ / formatted("epoch_{:04}.png", gan_.epoch()), sheet);
    log_image(*log_, gan_.progress().step, "samples", sheet);
  }

  Gan& gan_;
  fs::path folder_;
  std::shared_ptr<runs::MetricsLog> log_;
  std::int64_t every_;
  std::vector<Array> inputs_;
  std::int64_t columns_;
};

// ---- the run

class Run {
 public:
  // `networks`: those of the run's folder, or of the configuration.
  Run(GanConfig config, FitRunOptions options, std::optional<GanNetworks> networks);

  // Writes the first files of a new run, the configuration last: a folder with one can be resumed.
  void begin();
  void restore(std::optional<std::int64_t> epochs) {
    gan_->resume(options_.folder, options_.warn, [&] {
      if (epochs) gan_->require_epochs(*epochs, options_.folder);
    });
    // of an earlier end, which samples would take for the newest
    for (const char* name : {kModelFile, kDiscriminatorFile}) fs::remove(options_.folder / name);
  }
  GanRunResult train();

 private:
  void add_callbacks(std::uint64_t seed);
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_time_).count();
  }

  GanConfig config_;
  FitRunOptions options_;
  std::chrono::steady_clock::time_point start_time_ = std::chrono::steady_clock::now();
  std::unique_ptr<Model> generator_, discriminator_;
  std::unique_ptr<Gan> gan_;
};

Run::Run(GanConfig config, FitRunOptions options, std::optional<GanNetworks> networks)
    : config_(std::move(config)), options_(std::move(options)) {
  config_.check();
  set_threads(static_cast<int>(config_.gan.threads));
  // the networks of a run are in its folder: the files of descriptions may be gone
  const bool with_label = networks ? networks->generator.inputs.size() > 1 : takes_label(config_);
  const RealImages images = [&] {
    try {
      return read_images(config_, with_label, options_.interrupted);
    } catch (Error& error) {
      error.prepend("data");
      throw;
    }
  }();
  if (config_.examples != 0 && (config_.examples != images.count || config_.image != images.shape)) {
    throw InvalidArgument(formatted(
        "{}: the data must be the {} images of {} with which the run was started, got {} of {}",
        options_.folder.string(), config_.examples, config_.image.to_string(), images.count, images.shape.to_string()));
  }
  config_.examples = images.count;
  config_.image = images.shape;
  if (config_.gan.classes == 0) config_.gan.classes = images.classes;
  if (images.classes > config_.gan.classes) {
    throw InvalidArgument(
        formatted("data: a class must be below classes, {}, got {}", config_.gan.classes, images.classes - 1));
  }

  if (!networks) networks = config_.networks();
  const Seeds seeds(config_.seed);
  Generator random(seeds.weights);
  const Device device = parse_device(config_.gan.device);
  generator_ = std::make_unique<Model>(networks->generator, random, ModelOptions{.device = device});
  // the gradient penalty needs second derivatives, which the fused kernels do not have
  discriminator_ = std::make_unique<Model>(networks->discriminator, random,
                                           ModelOptions{.device = device, .fused = config_.gan.gradient_penalty == 0});
  GanOptions gan = config_.options();
  gan.seed = seeds.training;
  const auto batch = static_cast<std::size_t>(config_.gan.batch_size);
  gan.steps_per_epoch = (config_.examples + config_.gan.batch_size - 1) / config_.gan.batch_size;
  gan_ = std::make_unique<Gan>(
      *generator_, *discriminator_,
      images.dataset.shuffle(static_cast<std::size_t>(config_.examples), seeds.order).batch(batch).prefetch(2), gan,
      [this] { return seconds(); });
  add_callbacks(seeds.samples);
}

void Run::add_callbacks(std::uint64_t seed) {
  const GanSettings& settings = config_.gan;
  const std::int64_t steps = gan_->steps_per_epoch();
  const auto log = std::make_shared<runs::MetricsLog>(
      options_.folder, gan_->metric_names(), settings.log_every.value_or(gan_->log_interval()),
      runs::Experiment{.hyperparameters = flat_tables(config_),
                       .graph = [this] { return graph_nodes(generator_->description()); }});
  gan_->add(log);
  if (options_.write) {
    gan_->add(std::make_shared<EpochProgress>(*gan_, options_.terminal, options_.write));
  }
  if (settings.sample_every > 0) {
    gan_->add(std::make_shared<SampleSheets>(*gan_, options_.folder / "samples", log, config_, seed));
  }
  gan_->add(std::make_shared<runs::Checkpoints>(options_.folder, settings.checkpoint_every.value_or(steps),
                                                settings.keep_checkpoints));
}

void Run::begin() {
  save_description(generator_path(options_.folder), generator_->description());
  save_description(discriminator_path(options_.folder), discriminator_->description());
  gan_->save(runs::checkpoint_path(options_.folder, 0));
  write_atomically(runs::config_path(options_.folder), config_.to_toml());
}

GanRunResult Run::train() {
  if (options_.on_ready) {
    options_.on_ready(
        formatted("{}: {} parameters of the generator, {} of the discriminator; {} images {}{}; seed {}, "
                  "run folder {}",
                  config_.gan.model, parameter_count(generator_->description()),
                  parameter_count(discriminator_->description()), config_.examples, config_.image.to_string(),
                  config_.gan.classes > 0 ? formatted(" of {} classes", config_.gan.classes) : "", config_.seed,
                  options_.folder.string()));
  }
  start_time_ = std::chrono::steady_clock::now();
  GanRunResult result;
  result.folder = options_.folder;
  result.end = gan_->run(options_.interrupted);
  result.config = config_;
  result.epochs = gan_->epoch();
  result.steps = gan_->progress().step;
  if (!gan_->history().empty()) result.last = gan_->history().back();
  if (result.end.kind != runs::StopReason::Kind::kInterrupted) {
    gan_->save_model(options_.folder / kModelFile);
    gan_->save_discriminator(options_.folder / kDiscriminatorFile);
    write_atomically(
        options_.folder / "results.json",
        to_json(Dict{{"epochs", result.epochs}, {"steps", result.steps}, {"last", as_dict(result.last)}}, 2) + "\n");
  }
  result.seconds = seconds();
  return result;
}

}  // namespace

GanRunResult train_gan_run(GanConfig config, const FitRunOptions& run_options) {
  config.check();
  config.examples = 0;
  return begin_model_run(run_options, [&](const FitRunOptions& options) { return Run(config, options, {}); });
}

GanRunResult resume_gan_run(const FitRunOptions& run_options, std::optional<std::int64_t> epochs) {
  return resume_model_run<GanConfig>(
      run_options, epochs, [](GanConfig& config, std::int64_t total) { config.gan.epochs = total; },
      [](const GanConfig& config, const FitRunOptions& options) {
        return Run(config, options,
                   GanNetworks{.generator = load_description(generator_path(options.folder)),
                               .discriminator = load_description(discriminator_path(options.folder))});
      });
}

Bundle read_generator(const fs::path& run, const fs::path& checkpoint) {
  runs::require_run(run);
  if (checkpoint.empty() && fs::exists(run / kModelFile)) return read_bundle(run / kModelFile);
  const fs::path file = checkpoint.empty() ? runs::newest_checkpoint(run) : checkpoint;
  const Checkpoint saved = Checkpoint::load(file);
  const CheckpointReader gan = saved.reader("gan");
  Bundle bundle{.description = load_description(generator_path(run))};
  // flat, in the order of the parameters
  const auto averages_of = [&](const char* name) {
    return gan.contains(name) ? gan.array(name).data<float>() : std::span<const float>();
  };
  std::span<const float> values = averages_of("average/values"), buffers = averages_of("average/buffers");
  const bool is_averaged = gan.contains("average/values");
  for (const NetworkParameter& parameter : network_parameters(bundle.description)) {
    Array weights = gan.within("generator").array(parameter.name);
    if (is_averaged && weights.dtype() == DType::kFloat32) {
      std::span<const float>& averages = parameter.spec.buffer ? buffers : values;
      if (averages.size() < weights.size()) {
        gan.fail(parameter.spec.buffer ? "average/buffers" : "average/values", "is too short");
      }
      weights = Array::of(averages.first(weights.size()), weights.shape());
      averages = averages.subspan(weights.size());
    }
    bundle.weights.emplace_back(parameter.name, std::move(weights));
  }
  try {
    check_weights(bundle.description, bundle.weights);
  } catch (const InputError& error) {
    gan.fail(error.what());
  }
  bundle.interface = completed({}, bundle.description);
  return bundle;
}

namespace {

// The images of latent vectors and labels, in batches.
std::vector<Array> generate(Predictor& generator, const Array& latents, const std::vector<std::int64_t>& labels) {
  std::vector<Array> images;
  const std::int64_t count = latents.shape()[0], size = latents.shape()[1];
  for (std::int64_t first = 0; first < count; first += kGenerationBatch) {
    const std::int64_t n = std::min(kGenerationBatch, count - first);
    std::vector<Array> inputs{Array::of(
        latents.data<float>().subspan(static_cast<std::size_t>(first * size), static_cast<std::size_t>(n * size)),
        Shape{n, size})};
    if (!labels.empty()) {
      inputs.push_back(Array::of(
          std::span<const std::int64_t>(labels).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(n))));
    }
    for (Array& image : to_images(generator.run(inputs)[0])) images.push_back(std::move(image));
  }
  return images;
}

}  // namespace

Samples sample_images(const GanConfig& config, const Bundle& bundle, const SampleOptions& options) {
  const bool conditional = bundle.description.inputs.size() > 1;
  if (options.label && !conditional) {
    throw InvalidArgument("sample: the generator takes no class; train one with --model conditional");
  }
  if (options.label && (*options.label < 0 || *options.label >= config.gan.classes)) {
    throw InvalidArgument(formatted("sample: a class must be 0 to {}, got {}", config.gan.classes - 1, *options.label));
  }
  if (options.count < 1) throw InvalidArgument(formatted("sample: count must be positive, got {}", options.count));
  const std::int64_t size = bundle.description.inputs[0].shape[0];
  const Latent distribution = config.gan.latent_distribution;
  Generator random(options.seed);
  Samples samples;
  Array latents(DType::kFloat32, Shape{options.count, size});
  if (options.interpolation) {
    const std::int64_t steps = *options.interpolation,
                       rows = (options.count + steps - 1) / std::max<std::int64_t>(steps, 1);
    latents = Array(DType::kFloat32, Shape{rows * steps, size});
    for (std::int64_t row = 0; row < rows; ++row) {
      const Array path = interpolated(latent_vectors(2, size, distribution, random), steps, distribution);
      std::copy(path.data<float>().begin(), path.data<float>().end(),
                latents.data<float>().begin() + row * steps * size);
      if (!conditional) continue;
      // one class along a path
      samples.labels.insert(samples.labels.end(), static_cast<std::size_t>(steps),
                            options.label.value_or(row % config.gan.classes));
    }
  } else {
    latents = latent_vectors(options.count, size, distribution, random);
    if (conditional) {
      samples.labels = options.label
                           ? std::vector<std::int64_t>(static_cast<std::size_t>(options.count), *options.label)
                           : cyclic_labels(options.count, config.gan.classes);
    }
  }
  Predictor generator(bundle);
  samples.images = generate(generator, latents, samples.labels);
  return samples;
}

namespace {

// What the classifier makes of images: probabilities and features, a row each.
struct Views {
  std::vector<float> probabilities, features;
  std::int64_t count = 0, classes = 0, width = 0;

  void add(const std::vector<Array>& outputs) {
    const Array classes_of = probabilities_of(outputs[0]);
    classes = classes_of.shape()[1];
    width = static_cast<std::int64_t>(outputs[1].size()) / outputs[1].shape()[0];
    count += outputs[1].shape()[0];
    const auto append = [](std::vector<float>& list, const Array& rows) {
      list.insert(list.end(), rows.data<float>().begin(), rows.data<float>().end());
    };
    append(probabilities, classes_of);
    append(features, outputs[1]);
  }
  Array feature_rows() const { return Array::of(std::span<const float>(features), Shape{count, width}); }

  static Array probabilities_of(const Array& logits) { return nn::probabilities(logits, OutputKind::kClasses); }
};

// An image, uint8 (height, width, channels), in the form of files.
Array as_stored(const Array& image, const StoredForm& form) {
  const Shape& shape = image.shape();
  const auto channels = static_cast<std::size_t>(shape[2]), pixels = static_cast<std::size_t>(shape[0] * shape[1]);
  Array stored(form.is_bytes ? DType::kUInt8 : DType::kFloat32,
               form.channels_last ? shape : Shape{shape[2], shape[0], shape[1]});
  for (std::size_t i = 0; i < image.size(); ++i) {
    const std::size_t place = form.channels_last ? i : i % channels * pixels + i / channels;
    stored.set(place, form.is_bytes ? image.get(i) : image.get(i) / 255);
  }
  return stored;
}

// The classifier with the features that the distance compares as its second output.
Bundle with_features(const Bundle& classifier, const GanQualityOptions& options) {
  if (classifier.description.outputs.size() != 1 || classifier.interface.outputs.size() != 1 ||
      classifier.interface.outputs[0].kind != OutputKind::kClasses) {
    throw InvalidArgument(
        formatted("{}: a classifier must have one output, the logits of classes", options.classifier));
  }
  const std::string output = classifier.description.outputs[0];
  const std::string features =
      options.features.empty() ? classifier.description.node(output).inputs[0] : options.features;
  return keep_outputs(classifier, {output, features});
}

}  // namespace

GanQuality evaluate_gan(const GanConfig& config, const Bundle& bundle, const GanQualityOptions& options) {
  const Bundle classifier_bundle = with_features(read_model_file(options.classifier), options);
  if (classifier_bundle.description.inputs.size() != 1) {
    throw InvalidArgument(formatted("{}: a classifier must have one input, the image", options.classifier));
  }
  GanConfig of_data = config;
  if (!options.data.empty()) {
    of_data.data.train = options.data;
  } else if (of_data.data.train.size() > 1) {
    of_data.data.train.resize(1);
  }
  const RealImages real_images = read_images(of_data, /*with_label=*/false, {});
  // in a random order: files are often sorted by class
  const data::Dataset shuffled = real_images.dataset.shuffle(static_cast<std::size_t>(real_images.count), options.seed)
                                     .take(static_cast<std::uint64_t>(options.samples));

  const InputSpec input = classifier_bundle.description.inputs[0];
  const InputInterface preprocessing = classifier_bundle.interface.inputs[0];
  Predictor classifier(classifier_bundle);
  // The classifier was trained on images as the files have them. Generated and real ones go through bytes.
  const auto classify = [&](Views& views, std::span<const Array> images) {
    for (std::size_t first = 0; first < images.size(); first += kGenerationBatch) {
      const auto some = images.subspan(first, std::min<std::size_t>(kGenerationBatch, images.size() - first));
      std::vector<float> numbers;
      for (const Array& image : some) {
        const Array one = preprocess(as_stored(image, real_images.form), input, preprocessing);
        numbers.insert(numbers.end(), one.data<float>().begin(), one.data<float>().end());
      }
      views.add(classifier.run(
          {Array::of(std::span<const float>(numbers), input.shape.prepended(static_cast<std::int64_t>(some.size())))}));
    }
  };

  const Samples samples = sample_images(config, bundle, {.count = options.samples, .seed = options.seed});
  Views generated;
  classify(generated, samples.images);
  if (!samples.labels.empty() && generated.classes != config.gan.classes) {
    throw InvalidArgument(formatted("{}: a classifier must have the {} classes of the generator, got {}",
                                    options.classifier, config.gan.classes, generated.classes));
  }

  Views real;
  std::vector<Array> batch;
  for (const data::Example& example : shuffled.epoch(0)) {
    const Array& image = example.array("image");
    batch.push_back(to_images(Array::of(image.data<float>(), image.shape().prepended(1)))[0]);
  }
  classify(real, batch);

  GanQuality quality;
  quality.samples = generated.count;
  std::vector<std::int64_t> counts(static_cast<std::size_t>(generated.classes));
  std::int64_t agreeing = 0;
  double confidence = 0;
  for (std::int64_t i = 0; i < generated.count; ++i) {
    const auto row =
        std::span<const float>(generated.probabilities)
            .subspan(static_cast<std::size_t>(i * generated.classes), static_cast<std::size_t>(generated.classes));
    const auto best = std::max_element(row.begin(), row.end());
    confidence += *best;
    ++counts[static_cast<std::size_t>(best - row.begin())];
    if (!samples.labels.empty() && samples.labels[static_cast<std::size_t>(i)] == best - row.begin()) ++agreeing;
  }
  const auto share = [&](auto sum) { return static_cast<double>(sum) / static_cast<double>(generated.count); };
  quality.mean_confidence = share(confidence);
  for (const std::int64_t count : counts) quality.class_shares.push_back(share(count));
  if (!samples.labels.empty()) quality.agreement = share(agreeing);
  quality.frechet_distance = frechet_distance(real.feature_rows(), generated.feature_rows());
  return quality;
}

}  // namespace ludus::nn
