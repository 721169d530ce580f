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

}  // namespace
}  // namespace ludus::runs
