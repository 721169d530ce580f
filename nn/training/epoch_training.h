// A training in epochs over a dataset of batches: the loop, the position in the data, callbacks, history, checkpoints.
// Fit and Gan make the steps. This header does not include torch.
//
// One step is one batch. The step that ends an epoch reports the epoch's metrics to the callbacks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/state_fields.h"
#include "nn/data/dataset.h"
#include "runs/callback_list.h"
#include "runs/training.h"

namespace ludus::nn {

/// Returns metrics by their tags.
Dict as_dict(const runs::Metrics& metrics);

class EpochTraining : public runs::Training {
 public:
  /// Adds a callback; see runs::CallbackList. A callback that saves checkpoints is added last.
  void add(std::shared_ptr<runs::Callback> callback) { callbacks_.add(std::move(callback)); }

  /// Trains until all epochs are done or a stop is requested. `interrupted` is called after every step; true stops the
  /// training so that it can be resumed. Throws WorkError if the loss or its gradient is not finite, and what the
  /// dataset and the model throw for batches that do not fit.
  runs::StopReason run(const std::function<bool()>& interrupted = {});

  std::int64_t epochs() const { return epochs_; }
  std::int64_t epoch() const { return epoch_; }  ///< complete epochs so far
  /// Returns the reported metrics of every complete epoch.
  const std::vector<runs::Metrics>& history() const { return history_; }

  /// The position within an epoch, for a progress line: batches done, batches in all (0: not known yet), and the
  /// metrics so far, "train/loss".
  std::int64_t step_in_epoch() const { return step_in_epoch_; }
  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  virtual runs::Metrics epoch_metrics() const = 0;
  /// Returns about a tenth of an epoch, in steps: a divisor of its steps, so that a row of a log at its end holds the
  /// epoch's metrics. 1 while the number of steps is not known.
  std::int64_t log_interval() const;

  runs::Progress progress() const override;
  double seconds() const override { return clock_ ? clock_() : 0.0; }
  std::string status() const override;
  /// Writes a checkpoint from which load() continues identically, also in the middle of an epoch.
  void save(const std::filesystem::path& file) override;

  /// Save and load everything that the subclass lists, the position in the data, and callbacks. load() throws
  /// CorruptCheckpoint naming the faulty entry, and then leaves everything unchanged.
  void save(Checkpoint& checkpoint) const;
  void load(const Checkpoint& checkpoint);
  /// Throws InvalidArgument, naming the run's folder, if more than `epochs` epochs have begun.
  void require_epochs(std::int64_t epochs, const std::filesystem::path& run) const;
  /// Loads the newest checkpoint of a run that can be used; see runs::resume_from_newest(). `check` is called after it;
  /// an exception of it is thrown.
  void resume(const std::filesystem::path& run, const std::function<void(const std::string&)>& warn,
              const std::function<void()>& check = {});

 protected:
  struct EpochOptions {
    std::int64_t epochs = 1;
    std::int64_t steps_per_epoch = 0;  ///< 0: all batches of the dataset
  };

  /// `kind`: the group of the checkpoint's entries and the first word of messages, "fit". `clock` returns the seconds
  /// of training so far, those before a resumption included; without one they are 0. Throws InvalidArgument for a
  /// dataset without batches, and for an endless one without steps_per_epoch.
  EpochTraining(std::string kind, data::Dataset train, EpochOptions options, std::function<double()> clock);

  /// Learns from a batch. `is_last`: of the epoch.
  virtual void make_step(const data::Batch& batch, bool is_last) = 0;
  /// Returns the metrics of the epoch that has just ended, and starts over.
  virtual runs::Metrics end_epoch() = 0;
  /// The state beside position, history and callbacks.
  virtual void write_state(StateWriter& visit) const = 0;
  virtual void read_state(StateReader& visit) = 0;

  std::int64_t step() const { return step_; }  ///< batches, of all epochs
  /// Returns the metrics of an epoch that has ended since the last call.
  runs::Metrics take_epoch_row() { return std::exchange(epoch_row_, {}); }

 private:
  template <class Self, class Visit>
  static void position(Self& self, Visit&& visit);

  void finish_epoch();

  std::string kind_;
  data::Dataset train_;
  std::int64_t epochs_;
  std::int64_t batches_of_epoch_;  // the option steps_per_epoch
  std::function<double()> clock_;
  runs::CallbackList callbacks_;

  std::int64_t epoch_ = 0;
  std::int64_t step_ = 0;
  std::int64_t step_in_epoch_ = 0;
  std::int64_t steps_per_epoch_;  // 0: not known yet
  bool endless_ = false;          // one pass of the dataset serves all epochs
  data::Epoch pass_;
  data::Batch next_;  // the batch after the present step, if has_next_
  bool has_next_ = false;
  runs::Metrics epoch_row_;  // of an epoch that has ended since the last take_epoch_row()
  std::vector<runs::Metrics> history_;
};

}  // namespace ludus::nn
