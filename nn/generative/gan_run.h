// An adversarial training as a run folder: created, trained, interrupted, resumed. This header does not include torch.
//
//   config.toml  generator.json  discriminator.json  progress.csv  events.out.tfevents.*  results.json
//   model.safetensors (the generator)  discriminator.safetensors  samples/epoch_0010.png
//   checkpoints/step_000000010000.safetensors
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/array.h"
#include "nn/generative/gan_config.h"
#include "nn/model/bundle.h"
#include "nn/training/fit_run.h"

namespace ludus::nn {

struct GanRunResult {
  std::filesystem::path folder;
  GanConfig config;
  std::int64_t epochs = 0;  ///< complete ones, those before a resumption included
  std::int64_t steps = 0;   ///< batches, likewise
  double seconds = 0;       ///< of this process
  runs::Metrics last = {};  ///< of the last epoch
  runs::StopReason end;
};

/// Trains from the start. All images are read, checked and kept in memory as numbers before the first step: uint8, or
/// floating-point numbers in [0, 1], of shape (height, width), (height, width, channels) or (channels, height, width).
/// Throws RunFolderError if the folder already holds a run or cannot be written, InvalidArgument and FileError for
/// settings, networks or data that do not fit, WorkError if the training diverges.
GanRunResult train_gan_run(GanConfig config, const FitRunOptions& options);

/// Resumes from the newest checkpoint that can be read, up to `epochs` if present. Throws as resume_fit_run() does.
GanRunResult resume_gan_run(const FitRunOptions& options, std::optional<std::int64_t> epochs = {});

/// Returns the generator of a run: model.safetensors, or, of a run that is not complete, that of its newest checkpoint;
/// or of one of its checkpoint files. Throws RunFolderError or CorruptCheckpoint.
Bundle read_generator(const std::filesystem::path& run, const std::filesystem::path& checkpoint = {});

/// Images of a run's generator.
struct SampleOptions {
  std::int64_t count = 8;
  std::uint64_t seed = 0;
  std::optional<std::int64_t> label = {};          ///< of all images; otherwise 0, 1, 2, …, again and again
  std::optional<std::int64_t> interpolation = {};  ///< images from one latent vector to another, in each row of as many
};
struct Samples {
  std::vector<Array> images;         ///< uint8 (height, width, channels)
  std::vector<std::int64_t> labels;  ///< of conditional networks
};
/// Throws InvalidArgument for a label that does not exist or that the generator does not take.
Samples sample_images(const GanConfig& config, const Bundle& generator, const SampleOptions& options);

/// How a classifier of real images sees those of a generator.
struct GanQuality {
  std::int64_t samples = 0;
  double mean_confidence = 0;        ///< of the classifier in its choice
  std::vector<double> class_shares;  ///< of the chosen classes
  std::optional<double> agreement;   ///< share of the images whose class is the one asked for; conditional networks
  double frechet_distance = 0;       ///< between features of real and of generated images; see frechet.h
};
struct GanQualityOptions {
  std::string classifier;              ///< model file or run folder with one output of classes
  std::string features = {};           ///< layer whose output the distance compares; empty: the one before the output
  std::vector<std::string> data = {};  ///< files of real images; empty: those of the training
  std::int64_t samples = 10'000;       ///< generated images; as many real ones, or all of them, are compared
  std::uint64_t seed = 0;
};
/// Both kinds of images are classified in the form (bytes or numbers, order of the channels) of the files of real ones,
/// as which the classifier must take them. Real images are drawn at random by `seed`. Throws InvalidArgument for a
/// classifier of another form or, for conditional networks, another number of classes.
GanQuality evaluate_gan(const GanConfig& config, const Bundle& generator, const GanQualityOptions& options);

}  // namespace ludus::nn
