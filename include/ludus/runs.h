/// @file
/// Includes the headers of ludus::runs: trainings and their callbacks, run folders, logs, schedules, statistics.
#pragma once

#include "runs/append_log.h"
#include "runs/callback.h"
#include "runs/checkpoints.h"
#include "runs/csv_log.h"
#include "runs/early_stopping.h"
#include "runs/metrics.h"
#include "runs/metrics_file.h"
#include "runs/metrics_log.h"
#include "runs/progress.h"
#include "runs/progress_bar.h"
#include "runs/run_folder.h"
#include "runs/schedule.h"
#include "runs/seed_runs.h"
#include "runs/statistics.h"
#include "runs/subprocess.h"
#include "runs/tensorboard.h"
#include "runs/tensorboard_summaries.h"
#include "runs/toml_values.h"
#include "runs/training.h"
#include "runs/units.h"
