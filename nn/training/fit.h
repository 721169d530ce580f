// Trains a model on a dataset, evaluates it, and computes its predictions.
//
//   Fit fit(model, train.shuffle(60000, seed).batch(128), {.epochs = 10,
//                                                          .inputs = {"image"},
//                                                          .targets = {"label"},
//                                                          .metrics = {"accuracy"}}, test.batch(1000));
//   fit.add(std::make_shared<runs::EarlyStopping>(
//       runs::EarlyStopping::Options{.metric = "val/loss", .higher_is_better = false, .patience = 3}));
//   fit.run();
//   fit.history().back().at("val/accuracy");
//
// One step is one batch. The step that ends an epoch reports the epoch's metrics to the callbacks: "train/loss",
// "train/accuracy" and, with validation data, "val/loss", "val/accuracy".
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nn/core/lbfgs.h"
#include "nn/core/optimizer.h"
#include "nn/data/dataset.h"
#include "nn/model/build.h"
#include "nn/training/batch_metrics.h"
#include "nn/training/fit_options.h"
#include "nn/training/moving_average.h"
#include "runs/callback_list.h"
#include "runs/training.h"

namespace ludus::nn {

class Fit final : public runs::Training {
 public:
  /// `train` gives batches. The model must outlive this object. `clock` returns the seconds of training so far, those
  /// before a resumption included; without one they are 0. Throws InvalidArgument for options that do not fit the
  /// model, or a schedule of the learning rate that needs the number of steps if steps_per_epoch is 0 and the size of
  /// the dataset is unknown.
  Fit(Model& model, data::Dataset train, FitOptions options, std::optional<data::Dataset> validation = {},
      std::function<double()> clock = {});
  ~Fit() override;

  /// Adds a callback; see runs::CallbackList. A callback that saves checkpoints is added last.
  void add(std::shared_ptr<runs::Callback> callback) { callbacks_.add(std::move(callback)); }

  /// Trains until all epochs are done or a stop is requested. `interrupted` is called after every step; true stops the
  /// training so that it can be resumed. Throws WorkError if the loss or its gradient is not finite, and what the
  /// dataset and the model throw for batches that do not fit.
  runs::StopReason run(const std::function<bool()>& interrupted = {});

  Model& model() { return model_; }
  std::int64_t epoch() const { return epoch_; }  ///< complete epochs so far
  /// Returns the reported metrics of every complete epoch.
  const std::vector<runs::Metrics>& history() const { return history_; }

  /// The factor of the scheduled learning rate, 1 at first; see ReduceOnPlateau. Throws InvalidArgument unless the
  /// factor is positive.
  double learning_rate_scale() const { return learning_rate_scale_; }
  void set_learning_rate_scale(double scale);

  /// Restores the weights of a file of save_model(), as when the best ones are wanted at the end. Throws as
  /// load_weights() does.
  void restore_weights(const std::filesystem::path& file);

  runs::Progress progress() const override;
  double seconds() const override { return clock_ ? clock_() : 0.0; }
  /// Returns the means since the last call of "train/loss" over examples, and the learning rate.
  runs::Metrics metrics() override;
  std::vector<std::string> metric_names() const override;
  std::string status() const override;
  /// Writes a checkpoint from which load() continues identically, also in the middle of an epoch.
  void save(const std::filesystem::path& file) override;
  /// Writes the model as save_model() in nn/model/restore.h, with the averaged parameters if there are any.
  void save_model(const std::filesystem::path& file) const override;

  /// Save and load model, optimiser, position in the data, averages and callbacks. load() throws CorruptCheckpoint
  /// naming the faulty entry, and then leaves everything unchanged.
  void save(Checkpoint& checkpoint) const;
  void load(const Checkpoint& checkpoint);

 private:
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit);

  void make_step(const data::Batch& batch, bool is_last);
  double descend(const at::Tensor& loss, bool is_last);
  double lbfgs_step(const std::function<at::Tensor()>& loss);
  void end_epoch();
  double learning_rate() const;

  Model& model_;
  data::Dataset train_;
  std::optional<data::Dataset> validation_;
  FitOptions options_;
  std::function<double()> clock_;
  runs::CallbackList callbacks_;
  std::unique_ptr<Optimizer> optimizer_;  // null for L-BFGS
  std::unique_ptr<Lbfgs> lbfgs_;
  std::unique_ptr<MovingAverage> average_;
  BatchMetrics epoch_metrics_;

  std::int64_t epoch_ = 0;
  std::int64_t step_ = 0;  // batches, of all epochs
  std::int64_t step_in_epoch_ = 0;
  std::int64_t steps_per_epoch_ = 0;  // 0: not known yet
  bool endless_ = false;              // one pass of the dataset serves all epochs
  double learning_rate_scale_ = 1;
  data::Epoch pass_;
  data::Batch next_;  // the batch after the present step, if has_next_
  bool has_next_ = false;
  at::Tensor accumulated_;  // sum of the gradients since the last step of the optimiser; undefined without `accumulate`
  std::int64_t accumulated_batches_ = 0;
  WeightedMean recent_loss_;  // since the last metrics()
  runs::Metrics epoch_row_;   // of an epoch that has ended since the last metrics()
  std::vector<runs::Metrics> history_;
};

/// Returns "loss" and the metrics of options.metrics over all batches of the dataset, each example counted once.
runs::Metrics evaluate(Model& model, const data::Dataset& batches, const FitOptions& options);

/// Computes the model's outputs for all batches of the dataset, one array (examples x shape) for each output.
/// `inputs`: the fields of the dataset for the inputs of the model; empty: the names of the inputs.
std::vector<Array> predict(Model& model, const data::Dataset& batches, const std::vector<std::string>& inputs = {});

}  // namespace ludus::nn
