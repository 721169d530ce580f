// Files that are broken or of something else, disks that are full, readers that are gone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

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

  // the run knows its environment's arguments, two steps at least; its plug-in must be named or listed, because it runs
  // code
  const Outcome evaluated = ludus({"eval", run, "--episodes", "2", "--json", "--plugin", LUDUS_TEST_PLUGIN});
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  EXPECT_EQ(from_json(evaluated.out).as_dict().at("env").as_string(), "test/Walk-v0");
  const Outcome resumed = ludus({"train", "--resume", run, "--steps", "450", "--plugin", LUDUS_TEST_PLUGIN});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  for (const Words& command :
       {Words{"eval", run}, Words{"eval", run + "/best.safetensors"}, Words{"compare", "random", run},
        Words{"play", run, "--record", folder / "video.gif"}, Words{"train", "--resume", run}}) {
    expect_sentence(ludus(command), 2, {"ludus_test_plugin", "--plugin", "LUDUS_PLUGINS"});
  }
  ::setenv("LUDUS_PLUGINS", ("/nowhere.so:" LUDUS_TEST_PLUGIN), 1);
  EXPECT_EQ(ludus({"eval", run, "--episodes", "2"}).code, 0);
  EXPECT_EQ(ludus({"train", "--resume", run, "--steps", "460"}).code, 0);
  ::unsetenv("LUDUS_PLUGINS");

  // a plug-in that was moved: the run knows its new place afterwards
  const std::string moved = folder / "moved.so";
  fs::copy_file(LUDUS_TEST_PLUGIN, moved);
  EXPECT_EQ(ludus({"train", "--resume", run, "--steps", "470", "--plugin", moved}).code, 0);
  EXPECT_NE(contents(run + "/config.toml").find(moved), std::string::npos);

  // it cannot be drawn
  expect_sentence(ludus({"play", run, "--record", folder / "video.gif", "--plugin", LUDUS_TEST_PLUGIN}), 2,
                  {"test/Walk-v0"});
}

TEST(Faults, ATrainingThatCannotBeginLeavesItsFolderAsItWas) {
  const Folder folder;
  fs::create_directory(folder.path() / "parent");
  write(folder / "parent/precious.txt", "x");
  const Words impossible{"train", "ppo", "--env", "CartPole-v1", "--steps", "1000", "--set", "mask_actions=true"};
  for (const char* run : {"parent", "parent/new/..", "new/../parent", "a/b/c"}) {
    expect_sentence(ludus(impossible + Words{"--run", folder / run}), 2, {"mask_actions"});
    EXPECT_EQ(contents(folder / "parent/precious.txt"), "x");
    EXPECT_EQ(std::distance(fs::recursive_directory_iterator(folder.path()), fs::recursive_directory_iterator()), 2)
        << run;
  }
  expect_sentence(ludus(impossible + Words{"--run", ""}), 2, {"--run"});
  const std::string run = train_small(folder);
  expect_sentence(ludus(small_training() + Words{"--run", run + "/new/.."}), 2, {"already holds a run"});
}

TEST(Faults, EscapeSequencesOfAFileDoNotReachTheTerminal) {
  const Folder folder;
  const std::string run = train_small(folder);
  const std::string config = contents(run + "/config.toml");
  std::string text = config;
  text.replace(text.find("'CartPole-v1'"), 13, "\"\\u001b]0;owned\\u0007\\u009b31m\\nCartPole\"");
  write(run + "/config.toml", text);
  const Outcome outcome = ludus({"train", "--resume", run});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err.find('\x1b'), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("\xc2\x9b"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("\\x1b]0;owned\\x07"), std::string::npos) << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
}

TEST(Faults, AnEvaluationThatCannotEndNamesTheMissingLimit) {
  const Folder folder;
  const std::string run = folder / "run";
  // CliffWalking has no time limit, and 20 steps teach nothing
  const Words training{"train", "q_learning", "--env", "CliffWalking-v1", "--steps", "20", "--seed", "1", "--run", run};
  ASSERT_EQ(ludus(training + Words{"--max-episode-steps", "30"}).code, 0);
  EXPECT_NE(contents(run + "/config.toml").find("max_episode_steps = 30"), std::string::npos);
  EXPECT_EQ(
      ludus({"compare", "random", run, "--env", "CliffWalking-v1", "--max-episode-steps", "50", "--episodes", "3"})
          .code,
      0);
  const Outcome endless = ludus({"compare", run, "random", "--env", "CliffWalking-v1", "--episodes", "3"});
  EXPECT_EQ(endless.code, 1) << endless.err;
  EXPECT_NE(endless.err.find("--max-episode-steps"), std::string::npos) << endless.err;
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
