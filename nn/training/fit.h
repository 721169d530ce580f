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
#include "nn/training/epoch_training.h"
#include "nn/training/fit_options.h"
#include "nn/training/moving_average.h"

namespace ludus::nn {

class Fit final : public EpochTraining {
 public:
  /// `train` gives batches. The model must outlive this object. `clock` returns the seconds of training so far, those
  /// before a resumption included; without one they are 0. Throws InvalidArgument for options that do not fit the
  /// model, or a schedule of the learning rate that needs the number of steps if steps_per_epoch is 0 and the size of
  /// the dataset is unknown.
  Fit(Model& model, data::Dataset train, FitOptions options, std::optional<data::Dataset> validation = {},
      std::function<double()> clock = {});
  ~Fit() override;

  Model& model() { return model_; }

  /// The factor of the scheduled learning rate, 1 at first; see ReduceOnPlateau. Throws InvalidArgument unless the
  /// factor is positive.
  double learning_rate_scale() const { return learning_rate_scale_; }
  void set_learning_rate_scale(double scale);

  runs::Metrics epoch_metrics() const override { return epoch_metrics_.values("train/"); }

  /// Restores the weights of a file of save_model(), as when the best ones are wanted at the end; they also become the
  /// moving average. Throws as load_weights() does.
  void restore_weights(const std::filesystem::path& file);

  /// Returns the means since the last call of "train/loss" over examples, and the learning rate.
  runs::Metrics metrics() override;
  std::vector<std::string> metric_names() const override;
  /// Writes the model as save_model() in nn/model/restore.h, with the averaged parameters if there are any.
  void save_model(const std::filesystem::path& file) const override;

  /// Writes the whole model: save_model() with the state of the optimiser and `configuration`, from which another
  /// training continues.
  void save_whole_model(const std::filesystem::path& file, const Value& configuration) const;
  /// Restores the optimiser's state of a whole model. Throws as Optimizer::load_state() does.
  void load_optimizer(const NamedArrays& state);
  /// evaluate() of the model that save_model() writes.
  runs::Metrics evaluate(const data::Dataset& batches) const;

 private:
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit);

  void make_step(const data::Batch& batch, bool is_last) override;
  runs::Metrics end_epoch() override;
  void write_state(StateWriter& visit) const override;
  void read_state(StateReader& visit) override;

  double descend(const at::Tensor& loss, bool is_last);
  double lbfgs_step(const std::function<at::Tensor()>& loss);
  double learning_rate() const;

  Model& model_;
  std::optional<data::Dataset> validation_;
  FitOptions options_;
  std::unique_ptr<Optimizer> optimizer_;  // null for L-BFGS
  std::unique_ptr<Lbfgs> lbfgs_;
  std::unique_ptr<MovingAverage> average_;
  BatchMetrics epoch_metrics_;

  double learning_rate_scale_ = 1;
  at::Tensor accumulated_;  // sum of the gradients since the last step of the optimiser; undefined without `accumulate`
  std::int64_t accumulated_batches_ = 0;
  WeightedMean recent_loss_;  // since the last metrics()
};

/// Returns "loss" and the metrics of options.metrics over all batches of the dataset, each example counted once.
runs::Metrics evaluate(Model& model, const data::Dataset& batches, const FitOptions& options);

/// Computes the model's outputs for all batches of the dataset, one array (examples x shape) for each output.
/// `inputs`: the fields of the dataset for the inputs of the model; empty: the names of the inputs.
std::vector<Array> predict(Model& model, const data::Dataset& batches, const std::vector<std::string>& inputs = {});

}  // namespace ludus::nn
