#include "runs/run_folder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/scratch.h"

namespace ludus::runs {
namespace {

using test_support::Scratch;
namespace fs = std::filesystem;

TEST(RunFolder, HoldsARunOnceItHasAConfig) {
  const Scratch folder;
  EXPECT_FALSE(holds_run(folder.path()));
  EXPECT_NO_THROW(require_no_run(folder.path()));
  EXPECT_THROW(require_run(folder.path()), RunFolderError);
  std::ofstream(config_path(folder.path())) << "\n";
  EXPECT_THROW(require_no_run(folder.path()), RunFolderError);
  EXPECT_NO_THROW(require_run(folder.path()));

  make_run_folder(folder / "a/run");
  EXPECT_TRUE(fs::is_directory(checkpoints_folder(folder / "a/run")));
  EXPECT_THROW(make_run_folder(config_path(folder.path()) / "run"), RunFolderError);
}

TEST(RunFolder, NextIsTheFirstFreeNumber) {
  const Scratch folder;
  EXPECT_EQ(next_run_folder(folder.path(), "CartPole-v1"), folder / "CartPole-v1_1");
  fs::create_directories(folder / "my_Env-v0_1");
  EXPECT_EQ(next_run_folder(folder.path(), "my/Env-v0"), folder / "my_Env-v0_2");
}

TEST(RunFolder, ARunThatDidNotStartLeavesNothing) {
  const Scratch folder;
  const NewRunFolder not_started(folder / "a/b"), started(folder / "c");
  make_run_folder(folder / "a/b");
  make_run_folder(folder / "c");
  std::ofstream(config_path(folder / "c")) << "\n";
  not_started.remove_if_not_started();
  started.remove_if_not_started();
  EXPECT_FALSE(fs::exists(folder / "a"));
  EXPECT_TRUE(fs::exists(folder / "c"));
}

// "new/.." is the folder that "new" would be in: it is neither emptied nor taken for one without a run.
TEST(RunFolder, APathThroughAFolderThatDoesNotExistIsResolved) {
  const Scratch folder;
  std::ofstream(folder / "precious.txt") << "\n";
  const NewRunFolder guard(folder / "new/..");
  make_run_folder(resolved_folder(folder / "new/.."));
  guard.remove_if_not_started();
  EXPECT_TRUE(fs::exists(folder / "precious.txt"));
  EXPECT_FALSE(fs::exists(folder / "new"));
  std::ofstream(config_path(folder.path())) << "\n";
  EXPECT_THROW(require_no_run(folder / "new/.."), RunFolderError);
  EXPECT_THROW(require_no_run(folder / "new/deeper/../.."), RunFolderError);
}

TEST(RunFolder, OnlyFilesOfARunAreRemoved) {
  const Scratch folder;
  const NewRunFolder guard(folder / "run");
  make_run_folder(folder / "run");
  for (const char* name : {"progress.csv", "monitor.csv", "events.out.tfevents.1", "notes.txt"}) {
    std::ofstream(folder / "run" / name) << "\n";
  }
  guard.remove_if_not_started();
  EXPECT_TRUE(fs::exists(folder / "run/notes.txt"));
  EXPECT_FALSE(fs::exists(folder / "run/progress.csv"));
  EXPECT_FALSE(fs::exists(folder / "run/checkpoints"));
}

}  // namespace
}  // namespace ludus::runs
