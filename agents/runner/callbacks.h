// What a run records beside learning: its episodes, its figures, its evaluations, its checkpoints.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "agents/runner/evaluations_file.h"
#include "agents/runner/monitor.h"
#include "agents/runner/progress_file.h"
#include "runs/tensorboard.h"
#include "agents/runner/trainer.h"

namespace ludus::agents {

// The files that only grow while a run goes on; on resumption they are cut back to what the checkpoint knew.
class RecordCallback final : public Callback {
 public:
  // `clock`: seconds since the start of the run, those before an interruption included. A row of progress.csv and of
  // the TensorBoard events is written every `log_every` environment steps.
  RecordCallback(const std::filesystem::path& folder, const std::string& env_id, const Agent& agent,
                 std::int64_t log_every, std::function<double()> clock);

  std::string name() const override { return "records"; }
  void on_episode(Trainer& trainer, const EpisodeEnd& episode) override;
  bool on_step(Trainer& trainer) override;
  void on_end(Trainer& trainer) override;
  Value save() const override;
  void restore(const Value& saved) override;

  // Brings to the disk what was appended.
  void flush();

  // The time of the last episode in the file, s: where the clock of a resumed run goes on.
  double last_seconds() const { return monitor_.last_seconds(); }

 private:
  void log(Trainer& trainer);

  Monitor monitor_;
  ProgressFile progress_;
  runs::TensorBoardWriter events_;
  std::int64_t log_every_;
  std::function<double()> clock_;
};

// Evaluates the policy every so many steps on environments of its own, keeps the best, and may end the training.
class EvaluationCallback final : public Callback {
 public:
  struct Options {
    std::int64_t every = 10000;                 // environment steps
    std::int64_t episodes = 10;                 // per evaluation
    std::uint64_t seed = 0;                     // the same episodes every time
    std::optional<double> stop_at_reward = {};  // ends the training when the mean reaches it
    // Ends it when more evaluations in a row than this brought no better mean (0: at the first), as
    // Stable-Baselines3's StopTrainingOnNoModelImprovement does; the first `min_evals` evaluations do not count.
    std::optional<std::int64_t> max_no_improvement_evals = {};
    std::int64_t min_evals = 0;
  };

  // `envs` in the mode kDisabled. `save_best` is called with the mean whenever it is the best so far.
  EvaluationCallback(envs::VectorEnvPtr envs, const Options& options, const std::filesystem::path& folder,
                     std::function<void(Trainer&, double mean)> save_best, std::function<bool()> interrupted);

  std::string name() const override { return "evaluation"; }
  bool on_start(Trainer& trainer) override;
  bool on_step(Trainer& trainer) override;
  Value save() const override;
  void restore(const Value& saved) override;

  // kReward or kNoImprovement once the evaluations so far end the training; a run that was resumed ends by it too.
  std::optional<TrainingEnd> stop() const;

  // Mean return of one evaluation of the present policy; recorded.
  double evaluate_now(Trainer& trainer);

  double best_mean() const { return best_mean_; }  // NaN before the first
  double last_mean() const { return last_mean_; }
  std::int64_t last_step() const { return last_step_; }

 private:
  envs::VectorEnvPtr envs_;
  Options options_;
  EvaluationsFile file_;
  std::function<void(Trainer&, double)> save_best_;
  std::function<bool()> interrupted_;
  double best_mean_ = std::numeric_limits<double>::quiet_NaN();
  double last_mean_ = std::numeric_limits<double>::quiet_NaN();
  std::int64_t last_step_ = -1;           // environment steps at the last evaluation
  std::int64_t without_improvement_ = 0;  // evaluations in a row
};

// Writes a checkpoint every so many steps; add it last, so that it holds what the others did in the same step.
class CheckpointCallback final : public Callback {
 public:
  CheckpointCallback(std::int64_t every, std::function<void(Trainer&)> write)
      : every_(every), write_(std::move(write)) {}

  std::string name() const override { return "checkpoint"; }
  bool on_step(Trainer& trainer) override {
    if (trainer.is_due(every_)) write_(trainer);
    return true;
  }

 private:
  std::int64_t every_;
  std::function<void(Trainer&)> write_;
};

}  // namespace ludus::agents
