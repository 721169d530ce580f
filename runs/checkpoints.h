/// @file
/// The checkpoints of a run folder: written at the start, every so many steps or minutes, and at the end; the newest
/// kept.
///
///   checkpoints/step_000000010000.safetensors    to resume from
///   best.safetensors                             the best model by periodic evaluation
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "runs/callback.h"

namespace ludus::runs {

std::filesystem::path best_model_path(const std::filesystem::path& run);
std::filesystem::path checkpoint_path(const std::filesystem::path& run, std::int64_t step);

/// Returns the run's checkpoints, oldest first.
std::vector<std::filesystem::path> checkpoints_in(const std::filesystem::path& run);

/// Returns the newest checkpoint; throws RunFolderError if there is none.
std::filesystem::path newest_checkpoint(const std::filesystem::path& run);

/// Resumes a training from the newest of its checkpoints that can be used: calls `load` with each, the newest first,
/// until one throws neither CorruptCheckpoint nor FileError. If none can be used, tries all again after
/// `accept_missing_rows`, since the cause may be rows that a file of the run has lost. `warn` gets a sentence about
/// what was passed over. Throws the first error if none can be used at all, and RunFolderError if there is none.
void resume_from_newest(const std::filesystem::path& run, const std::function<void(const std::filesystem::path&)>& load,
                        const std::function<void()>& accept_missing_rows,
                        const std::function<void(const std::string&)>& warn);

/// The default of `Checkpoints`: a kill loses at most five minutes.
inline constexpr std::int64_t kCheckpointSeconds = 300;

/// Writes a checkpoint before the first step, every `every` steps, whenever `seconds` have passed since the last one,
/// and at the end, and keeps the newest. Add it last, so that a checkpoint includes the state of the other callbacks
/// after the same step.
class Checkpoints final : public Callback {
 public:
  /// `every`: steps, 0 for none before the end; `keep`: at least 1; `seconds`: 0 for none by time.
  Checkpoints(std::filesystem::path run, std::int64_t every, std::int64_t keep,
              std::int64_t seconds = kCheckpointSeconds);

  std::string name() const override { return "checkpoint"; }
  void on_start(Training& training) override;
  void on_step(Training& training) override;
  void on_end(Training& training) override;

 private:
  void write(Training& training);

  std::filesystem::path run_;
  std::int64_t every_;
  std::size_t keep_;
  double seconds_;        // between two checkpoints
  double last_time_ = 0;  // of the last checkpoint, in seconds of training
};

}  // namespace ludus::runs
