/// @file
/// Includes the headers of ludus::runs: logs, schedules, statistics.
#pragma once

#include "runs/csv_log.h"
#include "runs/schedule.h"
#include "runs/statistics.h"
#include "runs/tensorboard.h"
#include "runs/toml_values.h"
