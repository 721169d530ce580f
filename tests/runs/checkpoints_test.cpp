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

TEST(Checkpoints, OneAtTheStartAndOneWheneverTheTimeIsUp) {
  const Scratch folder;
  make_run_folder(folder.path());
  Checkpoints checkpoints(folder.path(), /*every=*/1000, /*keep=*/9);  // five minutes by default
  FakeTraining training;
  training.time = 50;
  checkpoints.on_start(training);
  EXPECT_EQ(checkpoints_in(folder.path()), (std::vector{checkpoint_path(folder.path(), 0)}));
  training.time = 349;
  training.step_to(1, checkpoints);
  training.time = 350;
  training.step_to(2, checkpoints);
  training.time = 600;
  training.step_to(3, checkpoints);
  training.time = 650;
  training.step_to(4, checkpoints);
  EXPECT_EQ(checkpoints_in(folder.path()),
            (std::vector{checkpoint_path(folder.path(), 0), checkpoint_path(folder.path(), 2),
                         checkpoint_path(folder.path(), 4)}));

  // a resumed training has one already
  Checkpoints resumed(folder.path(), 1000, 9, /*seconds=*/0);
  training.time = 10000;
  training.at.step = 5;
  resumed.on_start(training);
  training.step_to(6, resumed);
  EXPECT_EQ(newest_checkpoint(folder.path()), checkpoint_path(folder.path(), 4));
}

TEST(Checkpoints, NoneBeforeTheEndForAnIntervalOfZero) {
  const Scratch folder;
  make_run_folder(folder.path());
  Checkpoints checkpoints(folder.path(), /*every=*/0, /*keep=*/9);
  FakeTraining training;
  checkpoints.on_start(training);
  training.time = 1e6;
  training.step_to(7, checkpoints);
  EXPECT_TRUE(checkpoints_in(folder.path()).empty());
  checkpoints.on_end(training);
  EXPECT_EQ(checkpoints_in(folder.path()), (std::vector{checkpoint_path(folder.path(), 7)}));
}

TEST(Checkpoints, AFileOfALaterStepDisplacesNone) {
  const Scratch folder;
  make_run_folder(folder.path());
  const auto stranger = checkpoint_path(folder.path(), 999999999999);
  std::ofstream(stranger) << "of another run";
  Checkpoints checkpoints(folder.path(), 10, /*keep=*/2);
  FakeTraining training;
  for (int step = 1; step <= 30; ++step) training.step_to(step, checkpoints);
  EXPECT_EQ(checkpoints_in(folder.path()),
            (std::vector{checkpoint_path(folder.path(), 20), checkpoint_path(folder.path(), 30), stranger}));
}

}  // namespace
}  // namespace ludus::runs
