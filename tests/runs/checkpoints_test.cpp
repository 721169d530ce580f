#include "runs/checkpoints.h"

#include <gtest/gtest.h>

#include <fstream>

#include "runs/run_folder.h"
#include "tests/runs/fake_training.h"
#include "tests/support/scratch.h"

namespace ludus::runs {
namespace {

using test_support::Scratch;

TEST(Checkpoints, KeepsTheNewest) {
  const Scratch folder;
  make_run_folder(folder.path());
  EXPECT_THROW(newest_checkpoint(folder.path()), RunFolderError);
  std::ofstream(folder / "checkpoints/notes.txt") << "not a checkpoint";

  Checkpoints checkpoints(folder.path(), /*every=*/10, /*keep=*/2);
  FakeTraining training;
  for (int step = 1; step <= 35; ++step) training.step_to(step, checkpoints);
  checkpoints.on_end(training);
  EXPECT_EQ(checkpoints_in(folder.path()),
            (std::vector{checkpoint_path(folder.path(), 30), checkpoint_path(folder.path(), 35)}));
  EXPECT_EQ(newest_checkpoint(folder.path()).filename(), "step_000000000035.safetensors");
  EXPECT_EQ(read_text(newest_checkpoint(folder.path())), "35");
  EXPECT_TRUE(std::filesystem::exists(folder / "checkpoints/notes.txt"));
}

}  // namespace
}  // namespace ludus::runs
