/// @file
/// A training as its callbacks see it, of an agent or of a network.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/interruption.h"
#include "runs/metrics.h"
#include "runs/progress.h"

namespace ludus::runs {

using ludus::Interrupted;

/// The reason why a training ended: the kind for the program, the text for messages.
struct StopReason {
  enum class Kind : std::uint8_t {
    kCompleted,    ///< all steps are done
    kFinished,     ///< the learner has nothing left to learn
    kRequested,    ///< a callback ended it
    kInterrupted,  ///< from outside (Ctrl-C); the training is to be resumed
  };

  Kind kind = Kind::kCompleted;
  std::string text = "all steps are done";

  friend bool operator==(const StopReason&, const StopReason&) = default;
};

class Training {
 public:
  virtual ~Training() = default;

  virtual Progress progress() const = 0;
  /// Returns the seconds of training so far, those before a resumption included. Reads a clock, which progress()
  /// spares.
  virtual double seconds() const = 0;

  /// Returns the metrics since the last call, some or all of metric_names().
  virtual Metrics metrics() = 0;
  virtual std::vector<std::string> metric_names() const = 0;

  /// Returns a phrase on how well it goes, for a progress bar; empty if there is none yet.
  virtual std::string status() const { return {}; }

  /// Tells the callbacks that the training does something other than steps for a while, such as "evaluating".
  virtual void announce(const std::string&) {}

  /// Writes a checkpoint: everything that a resumption needs to continue identically. Throws WriteFailed.
  virtual void save(const std::filesystem::path& file) = 0;
  /// Writes only the state needed for inference. Throws WriteFailed.
  virtual void save_model(const std::filesystem::path& file) const = 0;

  /// Ends the training after the present step. The first reason stands, except that an interruption replaces any other.
  void request_stop(StopReason reason);
  void request_stop(std::string text) { request_stop({StopReason::Kind::kRequested, std::move(text)}); }
  /// Returns the reason, if a stop was requested.
  const std::optional<StopReason>& stop_reason() const { return stop_; }

  /// Reports a metric of the present step, such as "eval/mean_reward", to the callbacks that follow in this step.
  void report(const std::string& tag, double value) { reported_[tag] = value; }
  /// Returns the reported metric, if there is one in this step.
  std::optional<double> reported(const std::string& tag) const;

 protected:
  void clear_stop() { stop_.reset(); }
  void clear_reports() { reported_.clear(); }

 private:
  std::optional<StopReason> stop_;
  Metrics reported_;  // of the present step
};

}  // namespace ludus::runs
