// Files that are broken or of something else, disks that are full, readers that are gone.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/value_io.h"
#include "tests/apps/program.h"

namespace ludus::apps {
namespace {

using Words = std::vector<std::string>;
namespace fs = std::filesystem;

// That exit code and one sentence with those words in it.
void expect_sentence(const Outcome& outcome, int code, const Words& words) {
  EXPECT_EQ(outcome.code, code) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("ludus: "), std::string::npos) << outcome.err;
  for (const std::string& word : words) EXPECT_NE(outcome.err.find(word), std::string::npos) << outcome.err;
  for (const char* trace : {"terminate", "Exception raised from", "frame #", "core dumped"}) {
    EXPECT_EQ(outcome.err.find(trace), std::string::npos) << outcome.err;
  }
}

TEST(Faults, BrokenCheckpointsAreNamed) {
  const Folder folder;
  const std::string run = train_small(folder);
  const std::string whole = contents(run + "/best.safetensors");
  ASSERT_GT(whole.size(), 1000u);
  const std::string file = folder / "broken.safetensors";

  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
    SCOPED_TRACE(size);
    write(file, whole.substr(0, size));
    expect_sentence(ludus({"eval", file, "--episodes", "1"}), 2, {"broken.safetensors"});
  }
  write(file, std::string(5000, 'x'));
  expect_sentence(ludus({"eval", file, "--episodes", "1"}), 2, {"broken.safetensors"});
  expect_sentence(ludus({"compare", "random", file, "--episodes", "1"}), 2, {"broken.safetensors"});
  expect_sentence(ludus({"play", file, "--record", folder / "video.gif"}), 2, {"broken.safetensors"});

  // a run that is to go on from a truncated checkpoint
  for (const auto& entry : fs::directory_iterator(run + "/checkpoints")) {
    write(entry.path(), contents(entry.path()).substr(0, 700));
  }
  expect_sentence(ludus({"train", "--resume", run, "--steps", "700"}), 2, {".safetensors"});
}

TEST(Faults, ATrainingThatCannotStartEmptiesNoFolder) {
  const Folder folder;
  write(folder / "precious.txt", "mine");
  const std::string run = folder / "new/..";
  expect_sentence(
      ludus({"train", "ppo", "--env", "CartPole-v1", "--steps", "3000", "--set", "mask_actions=true", "--run", run}), 2,
      {"mask_actions"});
  EXPECT_EQ(contents(folder / "precious.txt"), "mine");
}

TEST(Faults, RejectsACheckpointOfAnotherEnvironment) {
  const Folder folder;
  const std::string run = train_small(folder);
  const Words other{"--env", "test/Walk-v0", "--plugin", LUDUS_TEST_PLUGIN};
  expect_sentence(ludus(Words{"eval", run} + other), 2, {"CartPole-v1", "test/Walk-v0"});
  expect_sentence(ludus(Words{"compare", "random", run} + other), 2, {"CartPole-v1", "test/Walk-v0"});
  expect_sentence(ludus(Words{"play", run, "--record", folder / "video.gif"} + other), 2, {"CartPole-v1"});
  expect_sentence(ludus(Words{"eval", "lean"} + other), 2, {"lean", "test/Walk-v0"});

  // one with the same spaces is none of the kind
  EXPECT_EQ(ludus({"eval", run, "--env", "CartPole-v0", "--episodes", "2"}).code, 0);
}

TEST(Faults, APlugInCanBeListedTrainedOnAndReloaded) {
  const Folder folder;
  const Outcome listed = ludus({"envs", "test/Walk-v0", "--plugin", LUDUS_TEST_PLUGIN, "--json"});
  ASSERT_EQ(listed.code, 0) << listed.err;
  EXPECT_EQ(from_json(listed.out).as_dict().at("arguments").as_list().at(0).as_dict().at("default").as_int(), 3);

  const std::string run = folder / "run";
  const Outcome trained = ludus({"train",           "dqn",
                                 "--env",           "test/Walk-v0",
                                 "--plugin",        LUDUS_TEST_PLUGIN,
                                 "--steps",         "400",
                                 "--seed",          "1",
                                 "--env-set",       "goal=2",
                                 "--set",           "hidden=[8]",
                                 "--set",           "buffer_size=500",
                                 "--eval-episodes", "1",
                                 "--run",           run});
  ASSERT_EQ(trained.code, 0) << trained.err;

  // the run knows its plug-in and its environment's arguments: two steps at least
  const Outcome evaluated = ludus({"eval", run, "--episodes", "2", "--json"});
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  EXPECT_EQ(from_json(evaluated.out).as_dict().at("env").as_string(), "test/Walk-v0");
  const Outcome resumed = ludus({"train", "--resume", run, "--steps", "450"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;

  // it cannot be drawn
  expect_sentence(ludus({"play", run, "--record", folder / "video.gif"}), 2, {"test/Walk-v0"});
}

TEST(Faults, AFullDiskEndsATrainingWithOneSentence) {
  // no file may grow beyond so many bytes: the first checkpoint does not fit
  const Folder folder;
  const Outcome outcome = ludus(small_training() + Words{"--run", folder / "run"}, {.file_limit = 3000});
  expect_sentence(outcome, 1, {"run"});
}

TEST(Faults, AResultThatCannotBeWrittenIsAFailure) {
  expect_sentence(ludus({"envs", "--json"}, {.stdout_file = "/dev/full"}), 1, {"standard output"});
}

TEST(Faults, ABrokenPipeEndsItQuietly) {
  const Outcome outcome = ludus({"envs"}, {.stdout_file = "-"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "");
}

TEST(Faults, AMissingPolicyIsNamed) {
  const Folder folder;
  expect_sentence(ludus({"eval", folder / "missing"}), 2, {"missing", "built-in policies"});
  expect_sentence(ludus({"eval", folder.path().string()}), 2, {"holds no run"});
}

}  // namespace
}  // namespace ludus::apps
