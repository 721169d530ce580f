// A training of a model as a run folder: created, trained, interrupted, resumed. This header does not include torch.
//
//   config.toml  model.json  progress.csv  events.out.tfevents.*  best.safetensors  model.safetensors  results.json
//   checkpoints/step_000000010000.safetensors
//
// best.safetensors is the model of the best epoch, model.safetensors the one at the end, whole: with the state of the
// optimiser and the configuration, so that another training continues from it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nn/training/fit_config.h"
#include "runs/metrics.h"
#include "runs/training.h"

namespace ludus::nn {

struct FitRunOptions {
  std::filesystem::path folder;
  std::function<bool()> interrupted = {};                 ///< called after every step; true ends it with a checkpoint
  std::function<void(const std::string&)> on_ready = {};  ///< gets a line on model and data before the first step
  std::function<void(const std::string&)> warn = {};      ///< gets sentences on a checkpoint that cannot be used
  bool terminal = false;                                  ///< whether progress is redrawn in place
  std::function<void(const std::string&)> write = {};     ///< takes the text of the progress; none is shown without it
};

struct FitRunResult {
  std::filesystem::path folder;
  FitConfig config;
  std::int64_t epochs = 0;  ///< complete ones, those before a resumption included
  std::int64_t steps = 0;   ///< batches, likewise
  double seconds = 0;       ///< of this process
  runs::Metrics last = {};  ///< of the last epoch: "train/loss", "val/accuracy"
  runs::Metrics test = {};  ///< of the test files: "loss"; empty without them, and of an interrupted training
  runs::StopReason end;
};

/// Trains the model of `config.model` (a description, a whole model or a bundle) from the start. Every file of data is
/// read and checked before the first step. Throws RunFolderError if the folder already holds a run or cannot be
/// written, InvalidArgument and FileError for settings, a model or data that do not fit, WorkError if the training
/// diverges.
FitRunResult train_fit_run(const FitConfig& config, const FitRunOptions& options);

/// Resumes from the newest checkpoint that can be read, up to `epochs` if present, otherwise to the run's original
/// number. Log files are first truncated to the rows of the checkpoint. Throws RunFolderError or CorruptCheckpoint, and
/// as above.
FitRunResult resume_fit_run(const FitRunOptions& options, std::optional<std::int64_t> epochs = {});

/// Returns the configuration of the training of a run folder or a whole model; nothing for a bundle.
std::optional<FitConfig> training_of(const std::filesystem::path& model_or_run);

struct EvaluateOptions {
  std::vector<std::string> files = {};    ///< empty: the test files of the run
  DataColumns columns = {};               ///< empty: those of the training
  std::vector<std::string> losses = {};   ///< as of FitConfig::set_losses(), in the place of those of the training
  std::vector<std::string> metrics = {};  ///< in addition to those of the training
  std::string device = "auto";
};
struct Evaluation {
  std::filesystem::path model;
  std::int64_t examples = 0;
  runs::Metrics metrics;  ///< "loss", "accuracy"
};
/// Returns the loss and the metrics of a model on files of data. Without a training the losses follow from the outputs:
/// cross entropy, binary cross entropy or mse. Throws InvalidArgument and FileError for a model or data that do not
/// fit.
Evaluation evaluate_model(const std::filesystem::path& model_or_run, const EvaluateOptions& options);

}  // namespace ludus::nn
