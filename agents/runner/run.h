// A training run as a folder: made, trained, interrupted, resumed.
//
//   config.toml  monitor.csv  progress.csv  evaluations.csv  events.out.tfevents.*  best.safetensors  curve.png
//   checkpoints/step_000010000.safetensors
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

namespace ludus::agents {

// A run's folder is missing, incomplete, occupied or cannot be written.
class RunFolderError : public InputError {
 public:
  using InputError::InputError;
};

struct RunOptions {
  std::filesystem::path folder;
  std::function<bool()> interrupted = {};             // asked after every step; true ends the run after a checkpoint
  std::int64_t env_threads = 1;                       // that step the environments; no result depends on it
  std::vector<std::shared_ptr<Callback>> extra = {};  // shown beside the run's own callbacks: progress, a window
};

struct RunResult {
  std::filesystem::path folder;
  RunConfig config;
  std::int64_t steps = 0;  // environment steps made, those before a resumption included
  double seconds = 0;      // of this process
  double best_mean = 0;    // mean return of the best periodic evaluation; NaN without one
  double final_mean = 0;   // mean return of an evaluation of the last policy; NaN if the run was interrupted
  TrainingEnd end = TrainingEnd::kSteps;
};

// Fills `config` in order: the algorithm's defaults, the preset for the environment, what is already set in
// `env_kwargs` and `overrides` ([agent] settings), so that config.agent holds every setting. `wrappers`, if given, take
// the place of the preset's. Throws UnknownAlgorithm, UnknownEnvironment, UnknownField, InvalidArgument.
RunConfig resolve_config(const std::string& algorithm, const std::string& env_id, const Dict& env_kwargs,
                          const Dict& overrides, const std::optional<Wrappers>& wrappers = {});

// `n` environments that a run learns in, wrapped. Throws UnknownEnvironment, UnknownField, and InvalidArgument for a
// wrapper that does not exist, does not fit or has no place in a training.
envs::VectorEnvPtr training_envs(const RunConfig& config, std::size_t n, std::int64_t threads = 1);

// Trains from the beginning. Throws RunFolderError if the folder holds a run already or cannot be written.
RunResult train_run(const RunConfig& config, const RunOptions& options);

// Goes on from the newest checkpoint, to `total_steps` if given, else to what the run was meant for; the records are
// cut back to that checkpoint first. Throws RunFolderError or CorruptCheckpoint.
RunResult resume_run(const RunOptions& options, std::optional<std::int64_t> total_steps = {});

// The newest checkpoint in the folder's checkpoints/; throws RunFolderError if there is none.
std::filesystem::path newest_checkpoint(const std::filesystem::path& folder);

}  // namespace ludus::agents
