#include "runs/run_folder.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "base/file.h"
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
  {
    RunFolder not_started(folder / "a/b"), started(folder / "c");
    std::ofstream(folder / "a/b/monitor.csv") << "r,l,t\n";
    std::ofstream(config_path(folder / "c")) << "\n";
    started.keep();
  }
  EXPECT_FALSE(fs::exists(folder / "a"));
  EXPECT_TRUE(fs::exists(config_path(folder / "c")));
  EXPECT_FALSE(fs::exists(folder / "c/run.lock"));
}

TEST(RunFolder, RemovesNothingThatItDidNotMake) {
  const Scratch folder;
  fs::create_directories(folder / "a/checkpoints");
  std::ofstream(folder / "a/notes.txt") << "mine";
  std::ofstream(folder / "a/monitor.csv") << "of another program";
  std::ofstream(folder / "a/checkpoints/step_000000000100.safetensors") << "old";
  {
    const RunFolder run(folder / "a");
    std::ofstream(folder / "a/config.toml") << "\n";
    std::ofstream(folder / "a/checkpoints/step_000000000000.safetensors") << "new";
    std::ofstream(folder / "a/events.out.tfevents.1.ludus.tmp12") << "new";
    std::ofstream(folder / "a/late.txt") << "mine too";
  }
  EXPECT_EQ(read_text(folder / "a/notes.txt"), "mine");
  EXPECT_EQ(read_text(folder / "a/late.txt"), "mine too");
  EXPECT_EQ(read_text(folder / "a/monitor.csv"), "of another program");
  EXPECT_EQ(read_text(folder / "a/checkpoints/step_000000000100.safetensors"), "old");
  EXPECT_FALSE(fs::exists(folder / "a/config.toml"));
  EXPECT_FALSE(fs::exists(folder / "a/checkpoints/step_000000000000.safetensors"));
  EXPECT_FALSE(fs::exists(folder / "a/events.out.tfevents.1.ludus.tmp12"));
}

TEST(RunFolder, OneFolderHasOneSpelling) {
  const Scratch folder;
  fs::create_directories(folder / "parent");
  const fs::path real = fs::canonical(folder / "parent");
  for (const char* spelling : {"parent/new/..", "parent/new/../", "parent/.", "parent/a/b/../..", "other/../parent"}) {
    EXPECT_EQ(resolved_run_folder(folder / spelling), real) << spelling;
  }
  EXPECT_EQ(resolved_run_folder("runs/dqn_1"), "runs/dqn_1");
  EXPECT_THROW(resolved_run_folder(""), RunFolderError);
}

TEST(RunFolder, IsLockedByOneTrainingAtATime) {
  const Scratch folder;
  {
    const RunFolder first(folder / "run");
    EXPECT_THROW(RunFolder(folder / "run"), RunFolderError);
  }
  std::ofstream(config_path(folder.path())) << "\n";
  { RunFolder(folder.path()).keep(); }

  // a process that dies leaves the file, but not the lock
  const pid_t child = ::fork();
  if (child == 0) {
    static const RunFolder forgotten(folder / "killed");
    ::_exit(0);  // no destructor
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(fs::exists(folder / "killed/run.lock"));
  EXPECT_NO_THROW(RunFolder(folder / "killed"));
}

TEST(RunFolder, ClearsTemporaryFilesOfAKilledProcess) {
  const Scratch folder;
  make_run_folder(folder.path());
  std::ofstream(config_path(folder.path())) << "\n";
  for (const char* name : {"best.safetensors.tmp7", "events.out.tfevents.1.ludus.tmp7", "notes.tmp7", "monitor.csv.tmp",
                           "checkpoints/step_000000000100.safetensors.tmp1234567"}) {
    std::ofstream(folder / name) << "half";
  }
  RunFolder(folder.path()).keep();
  EXPECT_FALSE(fs::exists(folder / "best.safetensors.tmp7"));
  EXPECT_FALSE(fs::exists(folder / "events.out.tfevents.1.ludus.tmp7"));
  EXPECT_FALSE(fs::exists(folder / "checkpoints/step_000000000100.safetensors.tmp1234567"));
  EXPECT_TRUE(fs::exists(folder / "notes.tmp7"));       // not a file of a run
  EXPECT_TRUE(fs::exists(folder / "monitor.csv.tmp"));  // not a temporary file of ours
}

// "new/.." is the folder that "new" would be in: it is neither emptied nor taken for one without a run.
TEST(RunFolder, APathThroughAFolderThatDoesNotExistIsResolved) {
  const Scratch folder;
  std::ofstream(folder / "precious.txt") << "\n";
  { const RunFolder guard(resolved_run_folder(folder / "new/..")); }
  EXPECT_TRUE(fs::exists(folder / "precious.txt"));
  EXPECT_FALSE(fs::exists(folder / "new"));
  std::ofstream(config_path(folder.path())) << "\n";
  EXPECT_THROW(require_no_run(folder / "new/.."), RunFolderError);
  EXPECT_THROW(require_no_run(folder / "new/deeper/../.."), RunFolderError);
}

}  // namespace
}  // namespace ludus::runs
