// Errors of the command line give exit code 2 and one sentence with the remedy.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/apps/program.h"

namespace ludus::apps {
namespace {

using Words = std::vector<std::string>;

// Exit code 2, nothing on standard output, one line on standard error with those words in it.
void expect_refused(const Words& arguments, const Words& words, const Surroundings& surroundings = {}) {
  std::string line = "ludus";
  for (const std::string& argument : arguments) line += " " + argument;
  SCOPED_TRACE(line);
  const Outcome outcome = ludus(arguments, surroundings);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_TRUE(outcome.err.starts_with("ludus: ")) << outcome.err;
  for (const std::string& word : words) EXPECT_NE(outcome.err.find(word), std::string::npos) << outcome.err;
}

TEST(Usage, HelpListsCommandsAlgorithmsAndPolicies) {
  const Outcome help = ludus({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* word : {"envs", "train", "eval", "play", "compare", "export", "Examples"}) {
    EXPECT_NE(help.out.find(word), std::string::npos) << word;
  }
  const Outcome version = ludus({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_TRUE(version.out.starts_with("ludus ")) << version.out;

  const Outcome train = ludus({"train", "dqn", "--help"});
  EXPECT_EQ(train.code, 0);
  for (const char* word : {"q_learning", "random_search", "--resume", "learning_rate", "range", "at least 1, or -1",
                           "\"huber\" or \"squared\"", "--min-evals", "--n-envs", "--stop-at-reward"}) {
    EXPECT_NE(train.out.find(word), std::string::npos) << word;
  }
  for (const char* command : {"eval", "play", "compare"}) {
    const Outcome policies = ludus({command, "--help"});
    EXPECT_EQ(policies.code, 0);
    for (const char* word : {"random", "lean", "balance"}) {
      EXPECT_NE(policies.out.find(word), std::string::npos) << command << " " << word;
    }
  }
}

TEST(Usage, ABenchmarkNeedsATaskAndAFolder) {
  expect_refused({"bench"}, {"`ludus bench learn`"});
  expect_refused({"bench", "lern"}, {"`lern`"});
  expect_refused({"bench", "learn", "--env", "CartPole-v1"}, {"--algo is missing"});
  expect_refused({"bench", "learn", "--algo", "dqn"}, {"--env is missing"});
  expect_refused({"bench", "learn", "--algo", "dqn", "--env", "CartPole-v1", "--output", "/nowhere/dqn.md"},
                 {"/nowhere", "--output"});
}

TEST(Usage, AnExportNeedsATrainedPolicyAndAFile) {
  const Folder folder;
  const std::string header = folder / "policy.h";
  expect_refused({"export"}, {"the policy is missing"});
  expect_refused({"export", "lean", "--env", "CartPole-v1"}, {"the file to write is missing", "--c policy.h"});
  for (const char* builtin : {"lean", "random"}) {
    expect_refused({"export", builtin, "--env", "CartPole-v1", "--c", header},
                   {"must be a network or a table", "export a trained one"});
  }
  const std::string table = folder / "table";
  const Outcome training = ludus({"train", "q_learning", "--env", "CartPole-v1", "--steps", "200", "--run", table,
                                  "--set", "low=[-2.4,-2.0,-0.2,-2.0]", "--set", "high=[2.4,2.0,0.2,2.0]"});
  ASSERT_EQ(training.code, 0) << training.err;
  expect_refused({"export", table, "--c", header}, {"q_learning", "Discrete observations only"});
  EXPECT_FALSE(std::filesystem::exists(header));
}

TEST(Usage, AContactSheetTakesNoId) {
  expect_refused({"envs", "CartPole-v1", "--contact-sheet", "sheet.png"}, {"--contact-sheet", "no id"});
  expect_refused({"envs", "--contact-sheet", "sheet.gif"}, {".png", "sheet.gif"});
}

TEST(Usage, SuggestsTheClosestCommandOrOption) {
  expect_refused({}, {"a command is missing", "train"});
  expect_refused({"trian"}, {"`trian`", "Did you mean `train`?"});
  expect_refused({"train", "dqn", "--env", "CartPole-v1", "--stepz", "5"}, {"`--stepz`", "Did you mean `--steps`?"});
  expect_refused({"eval", "random", "lean", "--env", "CartPole-v1"}, {"unexpected argument", "`lean`"});
  expect_refused({"train"}, {"the algorithm is missing", "dqn"});
  expect_refused({"train", "dqn"}, {"--env is missing"});
  expect_refused({"eval"}, {"the policy is missing"});
  expect_refused({"play"}, {"the policy is missing"});
  expect_refused({"compare"}, {"the policies are missing"});
  expect_refused({"envs", "--check"}, {"--check needs an environment"});
  expect_refused({"eval", "lean"}, {"--env is missing"});
}

TEST(Usage, SuggestsTheClosestName) {
  expect_refused({"train", "dqm", "--env", "CartPole-v1"}, {"\"dqm\"", "Did you mean `dqn`?"});
  expect_refused({"train", "dqn", "--env", "CartPol-v1"}, {"CartPol", "Did you mean: `CartPole-v1`?"});
  expect_refused({"train", "dqn", "--env", "CartPole-v9"}, {"`v9`", "`v1`"});
  expect_refused({"train", "dqn", "--env", "nowhere/CartPole-v1"}, {"nowhere", "--plugin"});
  expect_refused({"envs", "CartPol-v1"}, {"Did you mean: `CartPole-v1`?"});
  expect_refused({"eval", "leen", "--env", "CartPole-v1"}, {"\"leen\"", "Did you mean `lean`?"});
  expect_refused({"eval", "lean", "--env", "CartPol-v1"}, {"Did you mean: `CartPole-v1`?"});
  expect_refused({"compare", "random", "--env", "CartPole-v1", "--format", "cvs"}, {"`cvs`", "Did you mean `csv`?"});
}

TEST(Usage, NamesWrongKeysAndValues) {
  const Words train{"train", "dqn", "--env", "CartPole-v1"};
  const Folder folder;
  const Surroundings here{.folder = folder.path()};
  expect_refused(train + Words{"--set", "learning_rat=1"}, {"learning_rat", "Did you mean `learning_rate`?"}, here);
  expect_refused(train + Words{"--set", "learning_rate"}, {"key=value", "`learning_rate`"}, here);
  expect_refused(train + Words{"--set", "learning_rate=fast"}, {"learning_rate"}, here);
  expect_refused(train + Words{"--set", "batch_size=0"}, {"dqn: batch_size must be at least 1, got 0"}, here);
  expect_refused(train + Words{"--set", "discount=nan"}, {"dqn: discount must be between 0 and 1, got nan"}, here);
  expect_refused({"train", "dqn", "--env", "MountainCar-v0", "--env-set", "max_speed=0"},
                 {"MountainCar-v0: max_speed must be above 0, got 0"}, here);
  expect_refused(train + Words{"--wrap", "RepeatAction:num_repeats=0"},
                 {"RepeatAction: num_repeats must be at least 1, got 0"}, here);
  expect_refused(train + Words{"--n-envs", "0"}, {"--n-envs", "from 1 to 100000", "`0`"}, here);
  expect_refused(train + Words{"--eval-every=-1"}, {"--eval-every", "0 or more", "`-1`"}, here);
  expect_refused(train + Words{"--stop-at-reward", "nan"}, {"--stop-at-reward", "`nan`"}, here);
  expect_refused({"train", "--resume", "nowhere", "--min-evals", "2"}, {"--resume", "--min-evals", "cannot change"});
  expect_refused(train + Words{"--env-set", "gravitas=1"}, {"gravitas"}, here);
  expect_refused(train + Words{"--wrap", "FrameStak"}, {"`FrameStak`", "Did you mean `FrameStackObservation`?"}, here);
  expect_refused(train + Words{"--wrap", "TimeAwareObservation:flaten=true"}, {"\"flaten\"", "Did you mean `flatten`?"},
                 here);
  expect_refused(train + Words{"--wrap", "FrameStackObservation:4"}, {"--wrap FrameStackObservation", "key=value"},
                 here);
  expect_refused(train + Words{"--wrap", "NormalizeObservation"}, {"NormalizeObservation", "dqn has no setting"}, here);
  expect_refused(train + Words{"--seeds", "0..1", "--wrap", "FrameStak"}, {"FrameStackObservation"}, here);
  EXPECT_FALSE(std::filesystem::exists(folder / "runs/dqn/CartPole-v1_1"));
  expect_refused(train + Words{"--steps", "many"}, {"--steps", "`many`"}, here);
  expect_refused(train + Words{"--min-evals", "3"}, {"--min-evals", "--max-no-improvement-evals", "missing"}, here);
  expect_refused(train + Words{"--seed", "-1"}, {"--seed"}, here);
  expect_refused(train + Words{"--env-threads", "0"}, {"--env-threads", "`0`"}, here);
  expect_refused(train + Words{"--seeds", "4..0"}, {"--seeds", "0..4"}, here);
  expect_refused(train + Words{"--seeds", "0..1", "--seed", "1"}, {"either --seed or --seeds"}, here);
  expect_refused(train + Words{"--seeds", "0..1", "--set", "learning_rat=1"}, {"learning_rat"}, here);
  expect_refused(train + Words{"--device", "gpu"}, {"gpu"}, here);
  expect_refused({"eval", "lean", "--env", "CartPole-v1", "--episodes", "-5"}, {"--episodes", "`-5`"});
  expect_refused({"play", "lean", "--env", "CartPole-v1", "--fps", "0", "--record", "a.png"}, {"--fps"});
}

TEST(Usage, RejectsAReplayBufferLargerThanTheMachine) {
  const Folder folder;
  expect_refused({"train", "dqn", "--env", "CartPole-v1", "--set", "buffer_size=1000000000000000"},
                 {"PiB", "this machine has", "buffer_size"}, {.folder = folder.path()});
}

TEST(Usage, RejectsSettingsThatNeedMoreMemoryThanTheMachineHas) {
  const Folder folder;
  for (const Words& settings : {Words{"dqn", "--set", "hidden=[1000000,1000000]"},
                                Words{"ppo", "--set", "n_steps=1000000000000", "--steps", "2000000000000"},
                                Words{"cem", "--set", "population=1000000000000", "--steps", "2000000000000"}}) {
    expect_refused(Words{"train"} + settings + Words{"--env", "CartPole-v1"}, {settings[0], "memory"},
                   {.folder = folder.path()});
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  }
}

TEST(Usage, PrintsTheSizeOfTheReplayBuffer) {
  // 100,000 rows of 2 · 4 + 1 + 3 floats: 4,800,000 bytes
  const Folder folder;
  const Outcome outcome = ludus({"train", "dqn", "--env", "CartPole-v1", "--steps", "10", "--eval-episodes", "1",
                                 "--set", "learning_starts=0", "--set", "train_freq=5", "--set", "gradient_steps=1"},
                                {.folder = folder.path()});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("the replay buffer takes 4.6 MiB"), std::string::npos) << outcome.err;
}

TEST(Usage, ATrainingThatCannotStartLeavesNoFolder) {
  const Folder folder;
  const Words wrong{"train", "dqn", "--env", "CartPole-v1", "--set", "loss=wrong"};
  ludus(wrong, {.folder = folder.path()});
  EXPECT_FALSE(std::filesystem::exists(folder / "runs"));

  // what was there stays
  std::filesystem::create_directories(folder / "runs/dqn");
  write(folder / "runs/notes", "mine");
  ludus(wrong, {.folder = folder.path()});
  EXPECT_TRUE(std::filesystem::is_empty(folder / "runs/dqn"));
  EXPECT_TRUE(std::filesystem::exists(folder / "runs/notes"));
}

TEST(Usage, NamesMissingAndWrongPlugIns) {
  expect_refused({"envs", "--plugin", "/nowhere/lib.so"}, {"/nowhere/lib.so", "does not exist"});
  const Folder folder;
  write(folder / "lib.so", "not a library");
  expect_refused({"envs", "--plugin", folder / "lib.so"}, {"lib.so", "cannot be loaded"});
  expect_refused({"train", "dqn", "--env", "test/Walk-v0", "--plugin", "/nowhere/lib.so"}, {"does not exist"});
}

TEST(Usage, NamesARunFolderThatCannotBeWritten) {
  const Folder folder;
  write(folder / "file", "a file is no folder");
  expect_refused(small_training() + Words{"--run", folder / "file/run"}, {"file/run", "--run"});
  expect_refused(small_training() + Words{"--run", "/proc/run"}, {"/proc/run"});
  const std::string run = train_small(folder);
  expect_refused(small_training() + Words{"--run", run}, {"already holds a run", "--resume"});
}

TEST(Usage, ExplainsWhyARunCannotBeResumed) {
  const Folder folder;
  expect_refused({"train", "--resume", folder / "nothing"}, {"nothing", "holds no run"});
  expect_refused({"train", "--resume", folder.path().string()}, {"holds no run"});
  const std::string run = train_small(folder);
  expect_refused({"train", "--resume", run, "--seed", "3"}, {"--seed", "cannot change"});
  expect_refused({"train", "--resume", run, "--wrap", "ClipAction"}, {"--wrap", "cannot change"});
  expect_refused({"train", "dqn", "--resume", run}, {"takes no algorithm"});
  write(folder / "run/config.toml", "[run\nalgorithm");
  expect_refused({"train", "--resume", run}, {"config.toml"});
}

TEST(Usage, WithoutADisplaySuggestsAVideo) {
  expect_refused({"play", "lean", "--env", "CartPole-v1"}, {"no display", "--record"});
  expect_refused({"play", "human", "--env", "CartPole-v1"}, {"no display"});
  const Folder folder;
  expect_refused({"play", "human", "--env", "CartPole-v1", "--record", folder / "video.mp4"}, {"no display"});
  const std::string run = folder / "run";
  expect_refused(small_training() + Words{"--watch", "--run", run}, {"no display"});
  EXPECT_FALSE(std::filesystem::exists(run));
}

TEST(Usage, RejectsAVideoThatCannotBeWritten) {
  const Folder folder;
  expect_refused({"play", "lean", "--env", "CartPole-v1", "--record", folder / "video.avi"}, {"video.avi"});
  expect_refused({"play", "lean", "--env", "CartPole-v1", "--record", folder / "missing/video.gif"}, {"missing"});
  expect_refused({"compare", "lean", "--env", "CartPole-v1", "--plot", folder / "plot.bmp"}, {"plot.bmp", ".svg"});
  expect_refused({"compare", "lean", "--env", "CartPole-v1", "--plot", folder / "missing/plot.png"}, {"missing"});
}

TEST(Usage, APersonCannotBeEvaluated) {
  expect_refused({"eval", "human", "--env", "CartPole-v1"}, {"ludus play human"});
  expect_refused({"compare", "random", "human", "--env", "CartPole-v1"}, {"ludus play human"});
}

}  // namespace
}  // namespace ludus::apps
