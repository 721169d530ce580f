#include "agents/runner/progress.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/agents/support/scratch.h"

namespace ludus::agents {
namespace {

using testing::Scratch;

TEST(Progress, LeavesAbsentFiguresEmpty) {
  const Scratch folder;
  ProgressFile progress(folder / "progress.csv", {"train/loss", "rollout/ep_rew_mean", "time/total_timesteps"});
  progress.append({{"time/total_timesteps", 1000}});
  progress.append({{"time/total_timesteps", 2000}, {"train/loss", 0.5}, {"rollout/ep_rew_mean", 20.25}});
  progress.flush();
  EXPECT_EQ(read_text(folder / "progress.csv"),
            "rollout/ep_rew_mean,time/total_timesteps,train/loss\n,1000,\n20.25,2000,0.5\n");
}

}  // namespace
}  // namespace ludus::agents
