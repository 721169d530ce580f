#include "nn/vision/style/style_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/checkpoint.h"
#include "base/file.h"
#include "base/format.h"
#include "nn/core/threads.h"
#include "nn/io/image_file.h"
#include "nn/model/graph_nodes.h"
#include "nn/model/restore.h"
#include "nn/training/callbacks.h"
#include "nn/training/config_tables.h"
#include "nn/training/image_log.h"
#include "nn/training/model_run.h"
#include "nn/vision/matconvnet.h"
#include "nn/vision/style/style.h"
#include "runs/checkpoints.h"
#include "runs/metrics_log.h"
#include "runs/run_folder.h"

namespace ludus::vision {
namespace {

namespace fs = std::filesystem;

constexpr int kBlocks = 5;  // of convolutions in VGG19

// The image with its longer side of `size` pixels.
Array with_longer_side(const Array& image, std::int64_t size) {
  const ImageSize present = size_of(image);
  const double factor = static_cast<double>(size) / static_cast<double>(std::max(present.height, present.width));
  const auto scaled = [&](std::int64_t extent) {
    return std::max<std::int64_t>(std::llround(factor * static_cast<double>(extent)), 1);
  };
  return resize(with_channels(image, 3), {.height = scaled(present.height), .width = scaled(present.width)},
                Filter::kBicubic);
}

// Arrays of a file of weights, and the channels of a VGG19 of MatConvNet.
struct Weights {
  NamedArrays arrays;  // of MatConvNet; otherwise the file is read by restore()
  std::vector<std::int64_t> channels;
  std::vector<double> mean;  // of each channel; empty: that of the network's manifest
};

Weights read_weights(const StyleSettings& settings) {
  if (settings.weights.empty()) {
    throw InvalidArgument("style: weights must name a file; without trained weights there is no style to compare");
  }
  Weights weights;
  if (fs::path(settings.weights).extension() != ".mat") return weights;
  if (settings.network != "vgg19_features") {
    throw InvalidArgument(
        formatted("{}: weights of MatConvNet are for network vgg19_features, got network {}; set --network",
                  settings.weights, settings.network));
  }
  MatConvNet file = read_matconvnet(settings.weights);
  weights.arrays = std::move(file.weights);
  weights.mean.assign(file.mean.begin(), file.mean.end());
  for (int block = 1; block <= kBlocks; ++block) {
    const std::string name = formatted("conv{}_1.weight", block);
    for (const auto& [key, array] : weights.arrays) {
      if (key == name) weights.channels.push_back(array.shape()[0]);
    }
  }
  if (weights.channels.size() != kBlocks) {
    throw InvalidArgument(formatted("{}: must hold conv1_1 to conv5_1 of VGG19, got {} of these {} layers",
                                    settings.weights, weights.channels.size(), kBlocks));
  }
  return weights;
}

// Loads the weights of the layers up to the outputs; others of the file are not needed.
void load_weights(nn::Model& model, const Weights& weights, const std::string& file) {
  nn::RestoreReport report =
      weights.arrays.empty() ? nn::restore(model, fs::path(file)) : nn::restore(model, weights.arrays);
  std::erase_if(report.missing, [](const std::string& name) { return name.ends_with(".num_batches_tracked"); });
  if (report.complete()) return;
  throw CorruptCheckpoint(formatted(
      "{}: must hold the weights of network {}, got a file in which {} arrays are missing and {} have another "
      "shape; name the file of this network, or its --network",
      file, model.description().name, report.missing.size(), report.wrong_shape.size()));
}

// After every epoch, the image.
class Images final : public runs::Callback {
 public:
  Images(const StyleTransfer& transfer, fs::path folder, std::shared_ptr<runs::MetricsLog> log)
      : transfer_(transfer), folder_(std::move(folder)), log_(std::move(log)) {}

  std::string name() const override { return "images"; }
  void on_start(runs::Training&) override {
    if (transfer_.progress().step == 0) write();
  }
  void on_step(runs::Training&) override {
    if (transfer_.step_in_epoch() == 0) write();
  }

 private:
  void write() {
    fs::create_directories(folder_);
    const std::int64_t step = transfer_.progress().step;
    const Array image = transfer_.image();
    io::write_image(folder_ / formatted("step_{:06}.png", step), image);
    nn::log_image(*log_, step, "image", image);
  }

  const StyleTransfer& transfer_;
  fs::path folder_;
  std::shared_ptr<runs::MetricsLog> log_;
};

// In its order of construction: what is wrong with the settings is found first.
class Run {
 public:
  Run(StyleConfig config, nn::FitRunOptions options) : config_(std::move(config)), options_(std::move(options)) {
    config_.check();
    nn::set_threads(static_cast<int>(config_.style.threads));
    const StyleSettings& settings = config_.style;
    const Array content = with_longer_side(io::read_image(settings.content), settings.size);
    const Array style = with_longer_side(io::read_image(settings.style), settings.size);
    const Weights weights = read_weights(settings);
    StyleNetwork network = style_network(config_, size_of(content), weights.channels);
    // of any size: the style may have other proportions
    free_extents(network.description);
    Generator random(0);  // its numbers are replaced
    model_ = std::make_unique<nn::Model>(network.description, random,
                                         nn::ModelOptions{.device = nn::parse_device(settings.device)});
    if (!weights.mean.empty()) network.manifest.mean = weights.mean;
    load_weights(*model_, weights, settings.weights);
    transfer_ = std::make_unique<StyleTransfer>(*model_, std::move(network), content, style, config_,
                                                [this] { return seconds(); });
    const std::int64_t every = settings.image_every;
    const auto log = std::make_shared<runs::MetricsLog>(
        options_.folder, transfer_->metric_names(), transfer_->log_interval(),
        runs::Experiment{.hyperparameters = nn::flat_tables(config_),
                         .graph = [this] { return nn::graph_nodes(model_->description()); }});
    transfer_->add(log);
    if (options_.write) {
      transfer_->add(std::make_shared<nn::EpochProgress>(*transfer_, options_.terminal, options_.write));
    }
    transfer_->add(std::make_shared<Images>(*transfer_, options_.folder / "images", log));
    transfer_->add(std::make_shared<runs::Checkpoints>(options_.folder, every, settings.keep_checkpoints));
  }

  // Writes the first files of a new run, the configuration last: a folder with one can be resumed.
  void begin() {
    transfer_->save(runs::checkpoint_path(options_.folder, 0));
    write_atomically(runs::config_path(options_.folder), config_.to_toml());
  }

  void restore(std::optional<std::int64_t>) {
    transfer_->resume(options_.folder, options_.warn, [this] {
      if (transfer_->progress().step <= config_.style.steps) return;
      throw InvalidArgument(formatted("--steps: must be at least the {} that {} has made already, got {}",
                                      transfer_->progress().step, options_.folder.string(), config_.style.steps));
    });
  }

  StyleRunResult train() {
    if (options_.on_ready) {
      const ImageSize size = size_of(transfer_->image());
      options_.on_ready(formatted("{}: {} x {} pixels, {} steps of {}; seed {}, run folder {}", config_.style.network,
                                  size.width, size.height, config_.style.steps, config_.optimizer.name, config_.seed,
                                  options_.folder.string()));
    }
    start_time_ = std::chrono::steady_clock::now();
    StyleRunResult result;
    result.folder = options_.folder;
    result.end = transfer_->run(options_.interrupted);
    result.config = config_;
    result.steps = transfer_->progress().step;
    if (!transfer_->history().empty()) result.last = transfer_->history().back();
    result.image = transfer_->image();
    result.seconds = seconds();
    return result;
  }

 private:
  static void free_extents(nn::Description& description) {
    ludus::Shape& shape = description.inputs[0].shape;
    shape = ludus::Shape{shape[0], nn::kFree, nn::kFree};
  }
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_time_).count();
  }

  StyleConfig config_;
  nn::FitRunOptions options_;
  std::chrono::steady_clock::time_point start_time_ = std::chrono::steady_clock::now();
  std::unique_ptr<nn::Model> model_;
  std::unique_ptr<StyleTransfer> transfer_;
};

}  // namespace

StyleRunResult run_style(const StyleConfig& config, const nn::FitRunOptions& run_options) {
  config.check();
  return nn::begin_model_run(run_options, [&](const nn::FitRunOptions& options) { return Run(config, options); });
}

StyleRunResult resume_style(const nn::FitRunOptions& run_options, std::optional<std::int64_t> steps) {
  return nn::resume_model_run<StyleConfig>(
      run_options, steps, [](StyleConfig& config, std::int64_t total) { config.style.steps = total; },
      [](const StyleConfig& config, const nn::FitRunOptions& options) { return Run(config, options); });
}

}  // namespace ludus::vision
