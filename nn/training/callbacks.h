// Callbacks of Fit beside those of runs/: the best weights, learning rates that fall on a plateau, progress by epochs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>

#include "nn/training/fit.h"

namespace ludus::nn {

/// Saves the model whenever a reported metric is the best so far.
class BestModel final : public runs::Callback {
 public:
  struct Options {
    std::string metric = "val/loss";
    bool higher_is_better = false;
    bool restore = false;  ///< at the end, the model gets the best weights
  };

  /// `fit` must outlive the callback.
  BestModel(Fit& fit, std::filesystem::path file, Options options)
      : fit_(fit), file_(std::move(file)), options_(std::move(options)) {}

  std::string name() const override { return "best_model"; }
  void on_step(runs::Training& training) override;
  void on_end(runs::Training& training) override;
  void write_state(StateWriter& visit) const override { visit("best", best_); }
  void read_state(StateReader& visit) override { visit("best", best_); }

  double best() const { return best_; }  ///< NaN before the first value

 private:
  Fit& fit_;
  std::filesystem::path file_;
  Options options_;
  double best_ = std::numeric_limits<double>::quiet_NaN();
};

/// Multiplies the learning rate by `factor` when a reported metric has not improved by more than `min_delta` for
/// `patience` epochs (Keras's ReduceLROnPlateau, with its defaults).
class ReduceOnPlateau final : public runs::Callback {
 public:
  struct Options {
    std::string metric = "val/loss";
    bool higher_is_better = false;
    double factor = 0.1;
    std::int64_t patience = 10;
    double min_delta = 1e-4;
    double min_scale = 0;  ///< of Fit::learning_rate_scale()
  };

  /// `fit` must outlive the callback. Throws InvalidArgument unless 0 < factor < 1 and patience >= 1.
  ReduceOnPlateau(Fit& fit, Options options);

  std::string name() const override { return "reduce_on_plateau"; }
  void on_step(runs::Training& training) override;
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

 private:
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("best", self.best_);
    visit("without_improvement", self.without_improvement_);
  }

  Fit& fit_;
  Options options_;
  double best_ = std::numeric_limits<double>::quiet_NaN();
  std::int64_t without_improvement_ = 0;  // values in a row
};

/// Shows the progress of every epoch in the form of Keras: "Epoch 2/10", then
/// "1265/1265 [==============================] - 941s 744ms/step - loss: 0.1234 - val_loss: 0.1400".
class EpochProgress final : public runs::Callback {
 public:
  /// On a terminal the line is redrawn in place; elsewhere it is written every ten seconds and at the end of the epoch.
  /// `write`: takes text for the user, line ends included. `training` must outlive the callback.
  EpochProgress(const EpochTraining& training, bool terminal, std::function<void(const std::string&)> write);

  std::string name() const override { return "progress"; }
  void on_start(runs::Training& training) override;
  void on_step(runs::Training& training) override;
  void on_end(runs::Training& training) override;

 private:
  void begin_epoch(double seconds);
  void draw(std::int64_t step, const runs::Metrics& metrics, double seconds, bool is_last);

  const EpochTraining& training_;
  bool terminal_;
  std::function<void(const std::string&)> write_;
  std::int64_t epoch_ = -1;      // whose title was written
  double epoch_start_ = 0;       // s
  std::int64_t first_step_ = 0;  // of the epoch, done before a resumption
  double next_ = 0;              // s, when to draw next
  bool is_open_ = false;         // whether the line is to be redrawn
};

}  // namespace ludus::nn
