/// @file
/// What the commands that train models share: how a run is shown, and how its files are named.
#pragma once

#include <filesystem>
#include <string>

#include "base/value.h"
#include "nn/training/fit_run.h"
#include "runs/metrics.h"

namespace ludus::apps {

/// Returns the absolute path of a file as it is named for data, "FILE", "image=FILE", "FILE.npz:x,y", so that a run may
/// be resumed from another folder. Numbers, as in `--validation 0.1`, stay.
std::string absolute_data_file(const std::string& word);

/// Returns the options of a training in `folder` whose progress is shown on standard error.
nn::FitRunOptions model_run_options(const std::filesystem::path& folder);

/// Returns "train/loss 0.1234, …".
std::string metrics_text(const runs::Metrics& metrics);

}  // namespace ludus::apps
