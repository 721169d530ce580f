// Processes are tested with the program: tests/apps/story_test.cpp.
#include "runs/seed_runs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "runs/run_folder.h"
#include "tests/support/scratch.h"

namespace ludus::runs {
namespace {

TEST(SeedRuns, AreSortedBySeed) {
  const test_support::Scratch folder;
  EXPECT_TRUE(seed_runs_in(folder.path()).empty());
  for (const char* name : {"seed_10", "seed_9", "seed_x", "other"}) {
    make_run_folder(folder / name);
    std::ofstream(config_path(folder / name)) << "\n";
  }
  make_run_folder(folder / "seed_1");  // not started
  const std::vector<SeedRun> seeds = seed_runs_in(folder.path());
  ASSERT_EQ(seeds.size(), 2u);
  EXPECT_EQ(seeds[0].seed, 9u);
  EXPECT_EQ(seeds[1].folder, seed_folder(folder.path(), 10));
}

TEST(SeedRuns, AMissingNumberIsNaN) {
  const SeedResult result{.started = true, .exit_code = 0, .report = {{"steps", 7}, {"best_mean", Value()}}};
  EXPECT_EQ(result.number("steps"), 7);
  EXPECT_TRUE(std::isnan(result.number("best_mean")));
  EXPECT_TRUE(std::isnan(result.number("seconds")));
}

}  // namespace
}  // namespace ludus::runs
