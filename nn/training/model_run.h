// How trainings of models in run folders begin and are resumed. This header does not include torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/file.h"
#include "nn/training/fit_run.h"
#include "runs/run_folder.h"

namespace ludus::nn {

/// Begins a run in a new folder. `make(options)` returns an object with begin(), which writes the first files, and
/// train(), whose result is returned; the folder of its options is resolved and locked. A run that cannot begin leaves
/// nothing. Throws RunFolderError if the folder already holds a run or cannot be written.
template <class Make>
auto begin_model_run(FitRunOptions options, Make make) {
  options.folder = runs::resolved_run_folder(options.folder);
  runs::require_no_run(options.folder);
  runs::RunFolder folder(options.folder);
  runs::require_no_run(options.folder);  // another process may have trained here in between
  auto run = make(options);
  run.begin();
  folder.keep();
  return run.train();
}

/// Resumes the run of a folder, with `total` (epochs, steps) in the place of its own if present: `set_total(config,
/// total)`. `make(config, options)` returns an object with restore(total) and train(). Throws RunFolderError unless the
/// folder holds a run.
template <class Config, class SetTotal, class Make>
auto resume_model_run(FitRunOptions options, std::optional<std::int64_t> total, SetTotal set_total, Make make) {
  options.folder = runs::resolved_run_folder(options.folder);
  runs::require_run(options.folder);
  runs::RunFolder folder(options.folder);
  folder.keep();
  const std::filesystem::path file = runs::config_path(options.folder);
  Config config = Config::from_toml(read_text(file), file.string());
  if (total) set_total(config, *total);
  auto run = make(config, options);
  run.restore(total);
  if (total) write_atomically(file, config.to_toml());
  return run.train();
}

}  // namespace ludus::nn
