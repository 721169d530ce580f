/// @file
/// A style transfer as a run folder: created, optimised, interrupted, resumed. This header does not include torch.
///
///   config.toml  progress.csv  events.out.tfevents.*  images/step_000020.png
///   checkpoints/step_000000000020.safetensors
#pragma once

#include <filesystem>
#include <optional>

#include "nn/training/fit_run.h"
#include "nn/vision/style/style_config.h"

namespace ludus::vision {

struct StyleRunResult {
  std::filesystem::path folder;
  StyleConfig config;
  std::int64_t steps = 0;   ///< of the optimiser, those before a resumption included
  double seconds = 0;       ///< of this process
  runs::Metrics last = {};  ///< of the last image_every steps
  Array image;              ///< uint8 (height, width, 3)
  runs::StopReason end;
};

/// Transfers the style from the start. The result has the proportions of the content and its longer side `size`; the
/// style is resized likewise. Throws RunFolderError if the folder already holds a run or cannot be written,
/// InvalidArgument and FileError for settings, images or weights that do not fit, WorkError if the optimisation
/// diverges.
StyleRunResult run_style(const StyleConfig& config, const nn::FitRunOptions& options);

/// Resumes from the newest checkpoint that can be read, up to `steps` if present. Throws as resume_fit_run() does.
StyleRunResult resume_style(const nn::FitRunOptions& options, std::optional<std::int64_t> steps = {});

}  // namespace ludus::vision
