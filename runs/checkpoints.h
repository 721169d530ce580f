/// @file
/// The checkpoints of a run folder: written every so many steps, the newest kept.
///
///   checkpoints/step_000000010000.safetensors    to resume from
///   best.safetensors                             the best model by periodic evaluation
#pragma once

#include <cstdint>
#include <filesystem>
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

/// Writes a checkpoint every `every` steps and at the end, and keeps the newest. Add it last, so that a checkpoint
/// includes the state of the other callbacks after the same step.
class Checkpoints final : public Callback {
 public:
  /// `every`: steps, 0 for only the last; `keep`: at least 1.
  Checkpoints(std::filesystem::path run, std::int64_t every, std::int64_t keep);

  std::string name() const override { return "checkpoint"; }
  void on_step(Training& training) override;
  void on_end(Training& training) override;

 private:
  void write(Training& training) const;

  std::filesystem::path run_;
  std::int64_t every_;
  std::size_t keep_;
};

}  // namespace ludus::runs
