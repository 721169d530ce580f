#include "runs/metrics_file.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/file.h"
#include "tests/support/scratch.h"

namespace ludus::runs {
namespace {

using test_support::Scratch;

TEST(MetricsFile, LeavesAbsentMetricsEmpty) {
  const Scratch folder;
  MetricsFile progress(folder / "progress.csv", {"train/loss", "rollout/ep_rew_mean", "time/total_timesteps"});
  progress.append({{"time/total_timesteps", 1000}});
  progress.append({{"time/total_timesteps", 2000}, {"train/loss", 0.5}, {"rollout/ep_rew_mean", 20.25}});
  progress.flush();
  EXPECT_EQ(read_text(folder / "progress.csv"),
            "rollout/ep_rew_mean,time/total_timesteps,train/loss\n,1000,\n20.25,2000,0.5\n");
}

// {"rollout/ep_rew_mean": 200.0, "time/fps": 200, "train/n_updates": 200, …} by Python's csv.
TEST(MetricsFile, OnlyCountsLackTheDecimalPoint) {
  const Scratch folder;
  MetricsFile progress(folder / "progress.csv",
                       {"rollout/ep_rew_mean", "time/fps", "train/learning_rate", "train/loss", "train/n_updates"});
  progress.append({{"rollout/ep_rew_mean", 200},
                   {"time/fps", 200},
                   {"train/learning_rate", 1e-5},
                   {"train/loss", std::numeric_limits<double>::quiet_NaN()},
                   {"train/n_updates", 1e15}});
  progress.flush();
  const std::string text = read_text(folder / "progress.csv");
  EXPECT_EQ(text.substr(text.find('\n') + 1), "200.0,200,1e-05,nan,1000000000000000\n");
}

}  // namespace
}  // namespace ludus::runs
