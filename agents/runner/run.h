/// @file
/// A training run as a folder: created, trained, interrupted, resumed.
///
///   config.toml  monitor.csv  progress.csv  evaluations.csv  events.out.tfevents.*  best.safetensors  curve.png
///   checkpoints/step_000000010000.safetensors
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agents/runner/run_config.h"
#include "agents/runner/trainer.h"
#include "envs/vector/vector_env.h"
#include "runs/run_folder.h"

namespace ludus::agents {

struct RunOptions {
  std::filesystem::path folder;
  std::function<bool()> interrupted = {};  ///< called after every step; true ends the run after a checkpoint
  std::int64_t env_threads = 1;            ///< step the environments; they do not affect the results
  std::function<void(const Agent&)> on_ready =
      {};  ///< called before the first step, when everything is created and loaded
  std::vector<std::shared_ptr<runs::Callback>> extra = {};  ///< in addition to the run's callbacks: progress, a window
  std::function<void(const std::string&)> warn = {};        ///< takes sentences for the user
  bool continue_schedules = false;        ///< of a run resumed to another total: see Trainer::continue_schedules()
  std::vector<std::string> plugins = {};  ///< of a resumed run: replace those of its configuration, which have moved
};

struct RunResult {
  std::filesystem::path folder;
  RunConfig config;
  std::int64_t steps = 0;  ///< environment steps, those before a resumption included
  double seconds = 0;      ///< of this process
  double best_mean = 0;    ///< mean return of the best periodic evaluation; NaN without one
  double final_mean =
      0;  ///< mean return of the final policy's evaluation; NaN if the run was interrupted, or without one
  runs::StopReason end;
};

/// Returns the configuration of a run with every setting in config.agent. In this order: the algorithm's defaults, the
/// preset for the environment, `env_kwargs` and `overrides` ([agent] settings). `wrappers`, if present, replace the
/// preset's. Throws UnknownAlgorithm, UnknownEnvironment, UnknownField, InvalidArgument.
RunConfig resolve_config(const std::string& algorithm, const std::string& env_id, const Dict& env_kwargs,
                         const Dict& overrides, const std::optional<Wrappers>& wrappers = {});

/// Creates `n` wrapped environments for training. Throws UnknownEnvironment, UnknownField, and InvalidArgument for a
/// wrapper that does not exist, does not fit or cannot be used in a training.
envs::VectorEnvPtr training_envs(const RunConfig& config, std::size_t n, std::int64_t threads = 1);

/// Trains from the start. Throws RunFolderError if the folder already holds a run, cannot be written or is in use by
/// another training. A training that throws before its first step leaves nothing behind.
RunResult train_run(const RunConfig& config, const RunOptions& options);

/// Resumes from the newest checkpoint, up to `total_steps` if present, otherwise to the run's original total. Log files
/// are first truncated to the rows of the checkpoint. A checkpoint that is damaged, that is not of this run or that
/// counts rows which the log files have lost is passed over for the one before, with a warning; if all of them count
/// lost rows, the newest is taken. A run that was killed before its first checkpoint starts over. Throws RunFolderError
/// or CorruptCheckpoint, and InvalidArgument if `total_steps` is below the steps made; the folder is then unchanged.
RunResult resume_run(const RunOptions& options, std::optional<std::int64_t> total_steps = {});

}  // namespace ludus::agents
