// The complete configuration of a training of a model, sufficient to repeat it. Saved as config.toml in the run folder.
// This header does not include torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "nn/training/data_files.h"
#include "nn/training/fit_options.h"

namespace ludus::nn {

/// The options of a training. A line in `fields` is an option of `ludus fit` (--batch-size), and the key in [fit] of
/// config.toml and of --set (batch_size).
struct FitSettings {
  std::int64_t epochs = 10;
  std::int64_t batch_size = 32;
  std::int64_t accumulate = 1;
  std::optional<double> max_gradient_norm = {};
  std::optional<double> max_gradient_value = {};
  std::optional<double> average_decay = {};
  double l1 = 0;
  double l2 = 0;
  double noise = 0;
  std::vector<std::string> metrics = {};
  std::string monitor = "";
  std::optional<std::int64_t> early_stopping = {};  // epochs
  bool restore_best = false;
  std::optional<std::int64_t> reduce_on_plateau = {};  // epochs
  double plateau_factor = 0.1;
  std::optional<std::int64_t> checkpoint_every = {};  // batches
  std::int64_t keep_checkpoints = 3;
  std::optional<std::int64_t> log_every = {};  // batches
  std::int64_t histograms_every = 0;           // batches
  std::int64_t workers = 0;
  std::int64_t threads = 1;
  std::string device = "auto";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("epochs", self.epochs, at_least(1), "passes over the data (default: 10)");
    visit("batch_size", self.batch_size, between(1, 1 << 24), "examples of a batch (default: 32)");
    visit("accumulate", self.accumulate, at_least(1), "batches whose gradients are averaged for a step (default: 1)");
    visit("max_gradient_norm", self.max_gradient_norm, above(0), "largest Euclidean norm of the gradient");
    visit("max_gradient_value", self.max_gradient_value, above(0), "largest absolute value of a gradient's element");
    visit("average_decay", self.average_decay, at_least(0).below(1),
          "decay of a moving average of the parameters, which validation and saved models use");
    visit("l1", self.l1, between(0, 1e6), "L1 penalty on the weights of layers that have none in the description");
    visit("l2", self.l2, between(0, 1e6), "L2 penalty, likewise");
    visit("noise", self.noise, at_least(0),
          "standard deviation of normal noise on the scaled inputs of the training (default: 0)");
    visit("metrics", self.metrics, "metrics beside the loss: accuracy, f1, mae, …, or of one output, as in head:f1");
    visit("monitor", self.monitor, "metric of early stopping and of the best model (default: val/loss, or train/loss)");
    visit("early_stopping", self.early_stopping, at_least(1), "stop after so many epochs without improvement");
    visit("restore_best", self.restore_best, "end with the weights of the best epoch");
    visit("reduce_on_plateau", self.reduce_on_plateau, at_least(1),
          "epochs without improvement after which the learning rate is multiplied by plateau_factor");
    visit("plateau_factor", self.plateau_factor, above(0).below(1), "see reduce_on_plateau (default: 0.1)");
    visit("checkpoint_every", self.checkpoint_every, at_least(1), "batches between checkpoints (default: an epoch)");
    visit("keep_checkpoints", self.keep_checkpoints, at_least(1), "number of newest checkpoints to keep (default: 3)");
    visit("log_every", self.log_every, at_least(1),
          "batches between rows of progress.csv (default: about a tenth of an epoch)");
    visit("histograms_every", self.histograms_every, at_least(0),
          "batches between histograms of weights and gradients for TensorBoard; 0: none (default: 0)");
    visit("workers", self.workers, between(0, 1024), "threads that prepare the examples; does not change the results");
    visit("threads", self.threads, between(1, 1024), "threads of an operation (default: 1)");
    visit("device", self.device, "auto, cpu or cuda");
  }
};

/// [data]: which files, and what they mean.
struct DataSettings {
  std::vector<std::string> train = {};
  std::vector<std::string> validation = {};
  std::vector<std::string> test = {};
  std::vector<std::string> features = {};
  std::vector<std::string> targets = {};
  std::string scale = "1";
  double shift = 0;
  bool cache = true;
  std::optional<std::int64_t> shuffle = {};  // examples

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("train", self.train, "files of the training");
    visit("validation", self.validation,
          "share of the training data (0.1) or number of examples (5000) at its end, or "
          "files");
    visit("test", self.test, "files that are evaluated once, at the end");
    visit("features", self.features, "columns, arrays or features of the inputs");
    visit("targets", self.targets, "columns, arrays or features of the targets");
    visit("scale", self.scale, "factor of the inputs: a number, 1/255, mean-std or min-max (default: 1)");
    visit("shift", self.shift, finite_number(), "subtracted from the inputs before they are scaled (default: 0)");
    visit("cache", self.cache, "keep the prepared examples in memory (default: true)");
    visit("shuffle", self.shuffle, at_least(1),
          "examples of the buffer from which the order is drawn; 1: the order of the files (default: all examples)");
  }
};

struct FitConfig {
  std::string model;  // the file of the description or model, for messages
  std::uint64_t seed = 0;
  std::int64_t examples = 0;  // of the training, without those of the validation; 0: not counted yet
  FitSettings fit;
  DataSettings data;
  OptimizerOptions optimizer;
  LearningRate learning_rate;
  LossOptions loss;                                        // of every output …
  std::map<std::string, Dict> losses;                      // … but for settings by the name of an output
  std::map<std::string, std::vector<std::string>> labels;  // names of the classes, by the name of an output

  template <class Self, class Visit>
  static void tables(Self& self, Visit&& visit) {
    visit("fit", self.fit);
    visit("data", self.data);
    visit("optimizer", self.optimizer);
    visit("learning_rate", self.learning_rate);
    visit("loss", self.loss);
  }

  /// Sets one setting: "batch_size" of [fit], "optimizer.momentum", "losses.weather.weight". Throws UnknownField with a
  /// suggestion, InvalidArgument or TypeMismatch.
  void set(std::string_view key, const Value& value);
  /// Sets the kinds of losses: "mse" for every output, "weather=cross_entropy" for one. Throws as set() does.
  void set_losses(const std::vector<std::string>& words);
  /// Sets everything that a TOML text names, as in config.toml. `name` is used in messages.
  void set_from_toml(std::string_view text, const std::string& name);
  /// The same from the tables of to_dict().
  void set_from_dict(const Dict& tables, const std::string& name);
  /// Returns the names of all settings, as set() takes them.
  static std::vector<std::string> setting_names();

  /// Checks all ranges. Throws InvalidArgument.
  void check() const;

  /// Returns the losses of the outputs in their order. Throws InvalidArgument for a loss of an output that does not
  /// exist, UnknownField and InvalidArgument for their settings.
  std::vector<LossOptions> losses_of(const Description& description) const;
  /// Returns what the outputs mean by their losses, with labels. Throws InvalidArgument for labels of an output that
  /// does not exist, and for an output that is a softmax or sigmoid already, since the losses take logits.
  std::vector<OutputInterface> outputs_of(const Description& description) const;

  Dict to_dict() const;
  std::string to_toml() const;
  static FitConfig from_toml(std::string_view text, const std::string& name);
};

/// Returns whether the run folder is that of a model, not of an agent.
bool holds_fit(const std::filesystem::path& run);

/// Returns whether higher values of a metric are better: not of losses and errors.
bool is_higher_better(std::string_view metric);

}  // namespace ludus::nn
