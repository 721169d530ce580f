// Runs of every algorithm: resumed exactly, unaffected by evaluations, evaluated as they were saved.
#include "agents/runner/run.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <tuple>

#include "agents/algorithms.h"
#include "agents/runner/evaluation.h"
#include "agents/runner/policy_files.h"
#include "base/file.h"
#include "base/size_limit.h"
#include "base/value_io.h"
#include "envs/core/env.h"
#include "envs/registry/registry.h"
#include "runs/checkpoints.h"
#include "runs/statistics.h"
#include "tests/agents/support/drive.h"
#include "tests/support/scratch.h"

namespace ludus::agents {
namespace {

using test_support::Scratch;
using testing::make_envs;

bool is_continuous(const std::string& algorithm) {
  return algorithm == "ddpg" || algorithm == "td3" || algorithm == "sac";
}

// Small and short, so that every algorithm both gathers and learns within 1,200 steps.
Dict small_settings(const std::string& algorithm) {
  if (algorithm == "dqn" || algorithm == "qr_dqn" || algorithm == "c51" || algorithm == "rainbow") {
    return {{"hidden", List{16}},  {"learning_starts", 100}, {"train_freq", 4},
            {"gradient_steps", 1}, {"batch_size", 16},       {"buffer_size", 500}};
  }
  if (algorithm == "ppo") return {{"hidden", List{16}}, {"n_epochs", 2}};
  if (is_continuous(algorithm)) {
    return {{"hidden", List{16}},           {"learning_starts", 100}, {"train_freq", 4},
            {"gradient_steps", 1},          {"batch_size", 16},       {"buffer_size", 500},
            {"noise", "ornstein_uhlenbeck"}};
  }
  if (algorithm == "imitation") return {{"score_threshold", 20}};
  if (algorithm == "cem") return {{"population", 8}, {"elite_fraction", 0.25}};
  if (algorithm == "ars") return {{"directions", 4}, {"normalize", true}};
  // whatever has a grid of bins: the velocities of CartPole are unbounded
  if (find_algorithm(algorithm).defaults.contains("bins")) {
    return {{"bins", List{3}}, {"low", List{-2.4, -2.0, -0.2, -2.0}}, {"high", List{2.4, 2.0, 0.2, 2.0}}};
  }
  return {};
}

// Planners need a table of transitions, algorithms for continuous actions a Box.
std::string environment_for(const std::string& algorithm) {
  if (is_continuous(algorithm)) return "Pendulum-v1";
  return algorithm.ends_with("_iteration") ? "FrozenLake-v1" : "CartPole-v1";
}

// The event file of a run, as bytes.
std::string events_of(const std::filesystem::path& run) {
  for (const auto& entry : std::filesystem::directory_iterator(run)) {
    if (entry.path().filename().string().starts_with("events.out.tfevents")) return read_text(entry.path());
  }
  return "";
}

RunConfig small_run(const std::string& algorithm, std::uint64_t seed = 5, std::int64_t n_envs = 1) {
  RunConfig config = resolve_config(algorithm, environment_for(algorithm), {}, small_settings(algorithm));
  config.seed = seed;
  config.total_steps = 1200;
  config.n_envs = n_envs;
  config.eval_every = 300;
  config.eval_episodes = 3;
  config.checkpoint_every = 200;
  config.log_every = 100;
  config.device = "cpu";
  return config;
}

// Ends the run without any cleanup, as a kill would, after that many steps.
class Kill final : public runs::Callback {
 public:
  struct Killed {};
  explicit Kill(std::int64_t at) : at_(at) {}
  std::string name() const override { return "kill"; }
  void on_step(runs::Training& training) override {
    if (training.progress().step >= at_) throw Killed();
  }

 private:
  std::int64_t at_;
};

// monitor.csv without its last column, the time.
std::string without_time(const std::filesystem::path& file) {
  std::istringstream rows(read_text(file));
  std::string result, row;
  while (std::getline(rows, row)) result += row.substr(0, row.rfind(',')) + "\n";
  return result;
}

// progress.csv without the columns that tell the time.
std::string without_clock_columns(const std::filesystem::path& file) {
  std::istringstream rows(read_text(file));
  std::string result, row;
  std::set<std::size_t> clock;
  for (bool header = true; std::getline(rows, row); header = false) {
    std::istringstream cells(row);
    std::string cell;
    for (std::size_t i = 0; std::getline(cells, cell, ','); ++i) {
      if (header && (cell == "time/fps" || cell == "time/time_elapsed")) clock.insert(i);
      if (!clock.contains(i)) result += cell + ",";
    }
    result += "\n";
  }
  return result;
}

// Killed at each of those steps, and resumed each time, the run is what it is in one go.
void expect_resumed_exactly(const RunConfig& config, const std::vector<std::int64_t>& kills) {
  const Scratch folder;
  const RunResult whole = train_run(config, {.folder = folder / "whole"});
  bool begun = false;
  for (const std::int64_t at : kills) {
    if (whole.steps <= at) break;  // a planner is done before there is a step in which to be killed
    const RunOptions options{.folder = folder / "killed", .extra = {std::make_shared<Kill>(at)}};
    if (begun) {
      EXPECT_THROW(resume_run(options), Kill::Killed);
    } else {
      EXPECT_THROW(train_run(config, options), Kill::Killed);
    }
    begun = true;
  }
  const RunOptions rest{.folder = folder / "killed"};
  if (!begun) train_run(config, rest);
  const RunResult resumed = resume_run(rest);

  EXPECT_EQ(resumed.steps, whole.steps);
  EXPECT_EQ(runs::newest_checkpoint(folder / "killed").filename(),
            runs::newest_checkpoint(folder / "whole").filename());
  EXPECT_EQ(read_bytes(runs::newest_checkpoint(folder / "killed")),
            read_bytes(runs::newest_checkpoint(folder / "whole")));
  EXPECT_EQ(read_bytes(folder / "killed/best.safetensors"), read_bytes(folder / "whole/best.safetensors"));
  EXPECT_EQ(without_time(folder / "killed/monitor.csv"), without_time(folder / "whole/monitor.csv"));
  EXPECT_EQ(without_clock_columns(folder / "killed/progress.csv"),
            without_clock_columns(folder / "whole/progress.csv"));
  EXPECT_EQ(read_text(folder / "killed/evaluations.csv"), read_text(folder / "whole/evaluations.csv"));
}

class EveryAlgorithm : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryAlgorithm, ResumedAfterAKillIsIdentical) {
  // killed in the midst, behind a checkpoint and an evaluation, then once more
  for (const std::int64_t n_envs : {1, 3}) expect_resumed_exactly(small_run(GetParam(), 5, n_envs), {500, 950});
}

TEST_P(EveryAlgorithm, EqualSeedsGiveEqualRuns) {
  const Scratch folder;
  const RunResult whole = train_run(small_run(GetParam(), 5), {.folder = folder / "a"});
  train_run(small_run(GetParam(), 5), {.folder = folder / "b"});
  train_run(small_run(GetParam(), 6), {.folder = folder / "c"});
  EXPECT_EQ(without_time(folder / "a/monitor.csv"), without_time(folder / "b/monitor.csv"));
  EXPECT_EQ(read_bytes(runs::newest_checkpoint(folder / "a")), read_bytes(runs::newest_checkpoint(folder / "b")));
  if (whole.steps == 0) return;  // a planner has no use for a seed
  EXPECT_NE(without_time(folder / "a/monitor.csv"), without_time(folder / "c/monitor.csv"));
}

TEST_P(EveryAlgorithm, EvaluationsDoNotDisturbTheTraining) {
  const Scratch folder;
  RunConfig often = small_run(GetParam()), never = often;
  often.eval_every = 50;
  never.eval_every = often.total_steps;
  train_run(often, {.folder = folder / "often"});
  train_run(never, {.folder = folder / "never"});
  EXPECT_EQ(without_time(folder / "often/monitor.csv"), without_time(folder / "never/monitor.csv"));
}

TEST_P(EveryAlgorithm, EvaluatesFromItsFileAsItWasSaved) {
  const Scratch folder;
  const RunResult result = train_run(small_run(GetParam()), {.folder = folder / "run"});
  const PolicySource source = find_policy((folder / "run").string(), /*final=*/true);
  EXPECT_EQ(source.env_id, environment_for(GetParam()));
  const auto envs = make_envs(source.env_id, 3, envs::AutoresetMode::kDisabled);
  auto policies = load_policies(source, EnvSignature::of(*envs), "cpu");
  ASSERT_EQ(policies.size(), 1u);
  auto again = load_policies(source, EnvSignature::of(*envs), "cpu");
  EXPECT_EQ(evaluate(*policies[0], *envs, 5, 1).returns, evaluate(*again[0], *envs, 5, 1).returns);

  // the last evaluation of the run, repeated from the file, gives the same mean
  std::istringstream rows(read_text(folder / "run/evaluations.csv"));
  std::string row, last;
  while (std::getline(rows, row)) last = row;
  EXPECT_NE(last.find(std::to_string(result.steps) + ",3,"), std::string::npos) << last;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Algorithm& algorithm : algorithms()) all.push_back(algorithm.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Run, EveryAlgorithm, ::testing::ValuesIn(names()),
                         [](const auto& parameters) { return parameters.param; });

TEST(Run, InterruptedWritesACheckpointAndResumes) {
  const Scratch folder;
  const RunConfig config = small_run("dqn");
  train_run(config, {.folder = folder / "whole"});
  int asked = 0;
  const RunResult stopped =
      train_run(config, {.folder = folder / "stopped", .interrupted = [&] { return ++asked > 700; }});
  EXPECT_EQ(stopped.end.kind, runs::StopReason::Kind::kInterrupted);
  EXPECT_TRUE(std::isnan(stopped.final_mean));
  EXPECT_LT(stopped.steps, 1200);
  EXPECT_TRUE(runs::newest_checkpoint(folder / "stopped").string().find(std::to_string(stopped.steps)) !=
              std::string::npos);
  EXPECT_EQ(resume_run({.folder = folder / "stopped"}).end, runs::StopReason{});
  EXPECT_EQ(read_bytes(runs::newest_checkpoint(folder / "stopped")),
            read_bytes(runs::newest_checkpoint(folder / "whole")));
}

// The fields of these events are compared in tests/runs/tensorboard_test.cpp.
TEST(Run, TensorBoardHasTheSettingsAndTheNetworkOnce) {
  const Scratch folder;
  const auto count = [&](const std::filesystem::path& run, const std::string& word) {
    const std::string events = events_of(run);
    std::size_t words = 0;
    for (std::size_t at = 0; (at = events.find(word, at)) != std::string::npos; ++at) ++words;
    return words;
  };
  RunConfig config = small_run("dqn");
  EXPECT_THROW(train_run(config, {.folder = folder / "run", .extra = {std::make_shared<Kill>(500)}}), Kill::Killed);
  EXPECT_EQ(count(folder / "run", "_hparams_/session_end_info"), 0u);
  resume_run({.folder = folder / "run"});
  for (const char* tag : {"_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info"}) {
    EXPECT_EQ(count(folder / "run", tag), 1u) << tag;
  }
  EXPECT_EQ(count(folder / "run", "buffer_size"), 2u);   // the type, then the number
  EXPECT_EQ(count(folder / "run", "Placeholder"), 1u);   // the observation
  EXPECT_EQ(count(folder / "run", "mlp/layers/0"), 2u);  // the layer, then as input of the next
  // a policy that is no network
  train_run(small_run("random"), {.folder = folder / "random"});
  EXPECT_EQ(count(folder / "random", "_hparams_/experiment"), 1u);
  EXPECT_EQ(count(folder / "random", "Placeholder"), 0u);
}

TEST(Run, RejectsFoldersThatDoNotFit) {
  const Scratch folder;
  EXPECT_THROW(resume_run({.folder = folder / "nothing"}), runs::RunFolderError);
  train_run(small_run("random_search"), {.folder = folder / "run"});
  EXPECT_THROW(train_run(small_run("random_search"), {.folder = folder / "run"}), runs::RunFolderError);
  std::ofstream(folder / "file") << "x";
  EXPECT_THROW(train_run(small_run("random_search"), {.folder = folder / "file/run"}), runs::RunFolderError);
  std::filesystem::remove_all(folder / "run/checkpoints");
  EXPECT_THROW(resume_run({.folder = folder / "run"}), runs::RunFolderError);
}

std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    names.insert(std::filesystem::relative(entry.path(), folder).string());
  }
  return names;
}

TEST(Run, ATrainingThatCannotBeginLeavesNothing) {
  const Scratch folder;
  const auto expect_nothing = [&](const RunConfig& config, const std::filesystem::path& run) {
    const std::set<std::string> before = names_in(folder.path());
    EXPECT_THROW(train_run(config, {.folder = run}), InputError);
    EXPECT_EQ(names_in(folder.path()), before);
  };
  RunConfig masks = small_run("ppo");
  masks.agent["mask_actions"] = true;  // CartPole has no masks
  expect_nothing(masks, folder / "a/run");
  RunConfig point = small_run("sac");
  point.wrappers = {{"RescaleAction", {{"min_action", 1}, {"max_action", 1}}}};
  expect_nothing(point, folder / "run");
  expect_nothing(small_run("dqn"), "");

  // what was there before stays, under any spelling
  std::filesystem::create_directories(folder / "parent");
  std::ofstream(folder / "parent/precious.txt") << "x";
  expect_nothing(masks, folder / "parent");
  expect_nothing(masks, folder / "parent/new/..");
  train_run(small_run("random_search"), {.folder = folder / "parent"});
  expect_nothing(small_run("random_search"), folder / "parent/new/..");
}

TEST(Run, ASecondTrainingInOneFolderIsRefused) {
  struct Second final : runs::Callback {
    explicit Second(std::filesystem::path run) : folder(std::move(run)) {}
    std::filesystem::path folder;
    int refused = 0;
    std::string name() const override { return "second"; }
    void on_step(runs::Training&) override {
      if (refused > 0) return;
      try {
        resume_run({.folder = folder});
      } catch (const runs::RunFolderError&) {
        ++refused;
      }
    }
  };
  const Scratch folder;
  const auto second = std::make_shared<Second>(folder / "run");
  train_run(small_run("q_learning"), {.folder = folder / "run", .extra = {second}});
  EXPECT_EQ(second->refused, 1);
  EXPECT_NO_THROW(resume_run({.folder = folder / "run"}));
}

TEST(Run, KilledBeforeItsFirstCheckpointItBeginsAnew) {
  // what a kill between config.toml and the first checkpoint leaves
  const Scratch folder;
  const RunConfig config = small_run("q_learning");
  train_run(config, {.folder = folder / "whole"});
  runs::make_run_folder(folder / "killed");
  write_atomically(folder / "killed/config.toml", read_text(folder / "whole/config.toml"));
  std::vector<std::string> said;
  resume_run({.folder = folder / "killed", .warn = [&](const std::string& text) { said.push_back(text); }});
  EXPECT_EQ(said.size(), 1u);
  EXPECT_EQ(read_bytes(runs::newest_checkpoint(folder / "killed")),
            read_bytes(runs::newest_checkpoint(folder / "whole")));

  // a checkpoint before the first step: a kill in it loses nothing
  EXPECT_THROW(train_run(config, {.folder = folder / "early", .extra = {std::make_shared<Kill>(1)}}), Kill::Killed);
  EXPECT_EQ(runs::checkpoints_in(folder / "early"), (std::vector{runs::checkpoint_path(folder / "early", 0)}));
  resume_run({.folder = folder / "early"});
  EXPECT_EQ(read_bytes(runs::newest_checkpoint(folder / "early")),
            read_bytes(runs::newest_checkpoint(folder / "whole")));
}

// A run that was killed at step 950, with checkpoints of the steps 400, 600 and 800.
void make_killed_run(const std::filesystem::path& run) {
  EXPECT_THROW(train_run(small_run("q_learning"), {.folder = run, .extra = {std::make_shared<Kill>(950)}}),
               Kill::Killed);
}

// Resumes it and returns the warnings.
std::vector<std::string> warnings_of_resuming(const std::filesystem::path& run) {
  std::vector<std::string> said;
  resume_run({.folder = run, .warn = [&](const std::string& text) { said.push_back(text); }});
  return said;
}

// Both runs ended in the same state.
void expect_same_end(const std::filesystem::path& run, const std::filesystem::path& whole) {
  EXPECT_EQ(read_bytes(runs::newest_checkpoint(run)), read_bytes(runs::newest_checkpoint(whole)));
  EXPECT_EQ(read_text(run / "evaluations.csv"), read_text(whole / "evaluations.csv"));
}

TEST(Run, ResumesFromTheCheckpointBeforeADamagedOne) {
  const Scratch folder;
  train_run(small_run("q_learning"), {.folder = folder / "whole"});
  make_killed_run(folder / "run");
  const auto newest = runs::newest_checkpoint(folder / "run");
  write_atomically(newest, read_text(newest).substr(0, 500));
  const std::vector<std::string> said = warnings_of_resuming(folder / "run");
  expect_same_end(folder / "run", folder / "whole");
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("step_000000000800"), std::string::npos) << said[0];
  EXPECT_NE(said[0].find("step_000000000600"), std::string::npos) << said[0];
}

TEST(Run, ACheckpointOfAnotherRunIsPassedOver) {
  const Scratch folder;
  train_run(small_run("q_learning"), {.folder = folder / "whole"});
  train_run(small_run("q_learning", 6), {.folder = folder / "other"});
  make_killed_run(folder / "run");
  const auto stranger = runs::checkpoint_path(folder / "run", 999999999999);
  std::filesystem::copy_file(runs::newest_checkpoint(folder / "other"), stranger);
  const RunResult result = resume_run({.folder = folder / "run"});
  EXPECT_EQ(result.steps, 1200);
  EXPECT_TRUE(std::filesystem::exists(stranger));
  EXPECT_EQ(read_bytes(runs::checkpoint_path(folder / "run", 1200)),
            read_bytes(runs::checkpoint_path(folder / "whole", 1200)));
}

TEST(Run, AMixtureOfSettingsAndCheckpointsIsRefused) {
  const Scratch folder;
  make_killed_run(folder / "run");
  const auto file = folder / "run/config.toml";
  const std::string config = read_text(file);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = config;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    write_atomically(file, text.replace(at, from.size(), to));
    const std::set<std::string> before = names_in(folder.path());
    EXPECT_THROW(resume_run({.folder = folder / "run"}), InputError) << to;
    EXPECT_EQ(names_in(folder.path()), before) << to;
  };
  changed("discount = 0.99", "discount = 0.9");
  changed("seed = '5'", "seed = '6'");
  changed("'CartPole-v1'", "'CartPole-v0'");
  changed("'q_learning'", "'double_q_learning'");
  write_atomically(file, config);
  EXPECT_EQ(resume_run({.folder = folder / "run"}).steps, 1200);
}

TEST(Run, FewerStepsThanWereMadeAreRefused) {
  const Scratch folder;
  make_killed_run(folder / "run");
  const std::string config = read_text(folder / "run/config.toml"), rows = read_text(folder / "run/monitor.csv");
  EXPECT_THROW(resume_run({.folder = folder / "run"}, 799), InvalidArgument);
  EXPECT_EQ(read_text(folder / "run/config.toml"), config);
  EXPECT_EQ(read_text(folder / "run/monitor.csv"), rows);
  EXPECT_EQ(resume_run({.folder = folder / "run"}, 800).steps, 800);
}

TEST(Run, LostRowsAreSaidAndTheCheckpointThatFitsIsTaken) {
  // a power cut: the checkpoint of step 800 counted rows that the file has lost
  const Scratch folder;
  train_run(small_run("q_learning"), {.folder = folder / "whole"});
  make_killed_run(folder / "run");
  const auto keep_rows = [&](std::int64_t count) {
    std::istringstream rows(read_text(folder / "run/progress.csv"));
    std::string text, row;
    for (std::int64_t k = 0; k <= count && std::getline(rows, row); ++k) text += row + "\n";
    write_atomically(folder / "run/progress.csv", text);
  };
  keep_rows(6);  // of steps 100 to 600
  std::vector<std::string> said = warnings_of_resuming(folder / "run");
  expect_same_end(folder / "run", folder / "whole");
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("progress.csv"), std::string::npos) << said[0];
  EXPECT_NE(said[0].find("step_000000000600"), std::string::npos) << said[0];
  EXPECT_EQ(without_clock_columns(folder / "run/progress.csv"), without_clock_columns(folder / "whole/progress.csv"));

  // rows that no checkpoint can do without: the newest goes on
  make_killed_run(folder / "worse");
  write_atomically(folder / "worse/progress.csv", "");
  said = warnings_of_resuming(folder / "worse");
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("step_000000000800"), std::string::npos) << said[0];
  EXPECT_EQ(read_text(folder / "worse/evaluations.csv"), read_text(folder / "whole/evaluations.csv"));
}

// The error of a training with these settings, which must leave nothing.
std::string error_of_training(const std::string& algorithm, const Dict& settings, std::int64_t steps,
                              std::int64_t n_envs = 1) {
  const Scratch folder;
  RunConfig config = small_run(algorithm, 5, n_envs);
  for (const auto& [key, value] : settings) config.agent[key] = value;
  config.total_steps = steps;
  try {
    train_run(config, {.folder = folder / "run"});
  } catch (const InvalidArgument& error) {
    EXPECT_EQ(names_in(folder.path()), std::set<std::string>());
    return error.what();
  }
  return "";
}

TEST(Run, TooFewStepsForAnUpdateAreRefusedBeforeTheFirstStep) {
  struct Case {
    std::string algorithm;
    Dict settings;
    std::int64_t n_envs, first;
  };
  // the first update by hand; replay: after more than learning_starts steps, at a multiple of train_freq calls
  for (const Case& c : std::vector<Case>{{"ppo", {{"n_steps", 64}}, 1, 64},
                                         {"a2c", {{"n_steps", 5}}, 8, 40},
                                         {"dqn", {{"learning_starts", 100}, {"train_freq", 4}}, 1, 104},
                                         {"dqn", {{"learning_starts", 100}, {"train_freq", 4}}, 3, 108},
                                         {"sac", {{"learning_starts", 99}, {"train_freq", 1}}, 1, 100},
                                         {"reinforce", {{"episodes", 7}}, 2, 8},
                                         {"cem", {{"population", 8}, {"episodes", 2}}, 3, 18},
                                         {"ars", {{"directions", 4}}, 1, 8}}) {
    const std::string error = error_of_training(c.algorithm, c.settings, c.first - c.n_envs, c.n_envs);
    EXPECT_NE(error.find(c.algorithm), std::string::npos) << error;
    EXPECT_NE(error.find(" " + std::to_string(c.first - c.n_envs) + " steps"), std::string::npos) << error;
    EXPECT_NE(error.find("step " + std::to_string(c.first) + " "), std::string::npos) << error;
    if (c.algorithm == "ppo" || c.algorithm == "a2c" || c.algorithm == "dqn" || c.algorithm == "sac") {
      EXPECT_EQ(error_of_training(c.algorithm, c.settings, c.first, c.n_envs), "") << c.algorithm;
    }
  }
}

TEST(Run, ATrainingWithoutAnUpdateSaysSo) {
  // 50 episodes of CartPole take more than 300 steps, which is known only at the end
  const Scratch folder;
  RunConfig config = small_run("cem");
  config.agent["population"] = 50;
  config.total_steps = 300;
  try {
    train_run(config, {.folder = folder / "run"});
    FAIL();
  } catch (const InvalidArgument& error) {
    const std::string text = error.what();
    for (const char* words : {"cem", "300 steps", "50 complete episodes"}) {
      EXPECT_NE(text.find(words), std::string::npos) << text;
    }
  }
  EXPECT_GE(resume_run({.folder = folder / "run"}, 20000).steps, 20000);
}

TEST(Run, WarnsOfExplorationThatEndsBeforeLearningStarts) {
  const Scratch folder;
  RunConfig config = small_run("dqn");
  config.agent["exploration"] = "lin_1_0.05_0.1";  // ends at step 120
  config.agent["learning_starts"] = 200;
  std::vector<std::string> said;
  const RunOptions options{.folder = folder / "run", .warn = [&](const std::string& text) { said.push_back(text); }};
  train_run(config, options);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("step 120 "), std::string::npos) << said[0];
  EXPECT_NE(said[0].find("200"), std::string::npos) << said[0];

  // the log has the rate that acted: 1 during the warm-up
  std::istringstream rows(read_text(folder / "run/progress.csv"));
  std::string header, first, cell;
  std::getline(rows, header), std::getline(rows, first);
  std::istringstream names(header), cells(first);
  std::string rate;
  while (std::getline(names, cell, ',')) {
    std::string value;
    std::getline(cells, value, ',');
    if (cell == "rollout/exploration_rate") rate = value;
  }
  EXPECT_EQ(rate, "1.0");

  said.clear();
  config.agent["learning_starts"] = 100;
  RunOptions again = options;
  again.folder = folder / "again";
  train_run(config, again);
  EXPECT_TRUE(said.empty());
}

// A corridor of five places that cannot save its state, like a machine or a game.
class Machine final : public envs::Env {
 public:
  envs::Space& observation_space() override { return observations_; }
  envs::Space& action_space() override { return actions_; }
  envs::Reset reset(std::optional<std::uint64_t> seed, const Dict&) override {
    if (seed) generator_ = Generator(*seed);
    place_ = generator_.integers(3);
    return {.observation = observation(), .info = {}};
  }
  void step_into(const Value& action, envs::Step& out) override {
    place_ = std::clamp<std::int64_t>(place_ + (action == Value(1) ? 1 : -1), 0, 4);
    out = {.observation = observation(), .reward = place_ == 4 ? 1.0 : 0.0, .terminated = place_ == 4, .info = {}};
  }
  Generator& generator() override { return generator_; }

 private:
  Value observation() const { return Array::of({static_cast<float>(place_)}); }

  envs::Box observations_{0.0, 4.0, Shape{1}};
  envs::Discrete actions_{2};
  Generator generator_{0};
  std::int64_t place_ = 0;
};

RunConfig machine_run(const std::string& algorithm) {
  static const bool once = [] {
    envs::register_env({.id = "RunTest/Machine-v0", .max_episode_steps = 30},
                       [](const Dict&) { return std::make_unique<Machine>(); });
    return true;
  }();
  static_cast<void>(once);
  RunConfig config = small_run("q_learning");
  Dict settings = small_settings(algorithm);
  if (settings.contains("bins")) settings = {{"bins", List{5}}};
  if (algorithm == "imitation") settings = {{"score_threshold", 0.5}, {"episodes", 20}};
  if (algorithm == "ppo") settings["n_steps"] = 32;
  const RunConfig made = resolve_config(algorithm, "RunTest/Machine-v0", {}, settings);
  config.algorithm = algorithm;
  config.env_id = made.env_id;
  config.agent = made.agent;
  config.n_envs = 2;
  return config;
}

TEST_P(EveryAlgorithm, TrainsAndResumesWithoutTheStateOfTheEnvironment) {
  if (is_continuous(GetParam()) || GetParam().ends_with("_iteration")) return;  // another action space; a table
  const Scratch folder;
  std::vector<std::string> said;
  const auto warn = [&](const std::string& text) { said.push_back(text); };
  bool begun = false;
  for (const std::int64_t at : {250, 500, 700}) {
    const RunOptions options{.folder = folder / "run", .extra = {std::make_shared<Kill>(at)}, .warn = warn};
    try {
      begun ? resume_run(options) : train_run(machine_run(GetParam()), options);
    } catch (const Kill::Killed&) {
    }
    begun = true;
  }
  EXPECT_TRUE(std::ranges::any_of(said, [](const std::string& text) {
    return text.find("get_state()") != std::string::npos && text.find("begins new episodes") != std::string::npos;
  }));
  const RunResult result = resume_run({.folder = folder / "run", .warn = warn});
  // the rollout or generation of the last step is finished
  EXPECT_TRUE(result.steps >= 1200 || result.end.kind == runs::StopReason::Kind::kFinished) << result.steps;

  // the rewards of every row of monitor.csv are those of one episode: none was joined to another
  std::istringstream rows(read_text(folder / "run/monitor.csv"));
  std::string row;
  std::getline(rows, row), std::getline(rows, row);
  while (std::getline(rows, row)) {
    const std::size_t comma = row.find(',');
    EXPECT_LE(std::stod(row), 1.0) << row;
    EXPECT_LE(std::stoi(row.substr(comma + 1)), 30) << row;
  }
}

TEST(Run, IntervalsOfZeroMeanNone) {
  const Scratch folder;
  RunConfig config = small_run("q_learning");
  config.eval_every = 0;
  config.checkpoint_every = 0;
  const RunResult result = train_run(config, {.folder = folder / "run"});
  EXPECT_EQ(names_in(folder / "run/checkpoints"), (std::set<std::string>{"step_000000001200.safetensors"}));
  EXPECT_FALSE(std::filesystem::exists(folder / "run/evaluations.csv"));
  EXPECT_FALSE(std::filesystem::exists(folder / "run/best.safetensors"));
  EXPECT_TRUE(std::isnan(result.best_mean) && std::isnan(result.final_mean));
  EXPECT_EQ(resume_run({.folder = folder / "run"}, 1500).steps, 1500);
}

TEST(Run, KeepsTheNewestCheckpoints) {
  const Scratch folder;
  RunConfig config = small_run("dqn");
  config.keep_checkpoints = 2;
  train_run(config, {.folder = folder / "run"});
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "run/checkpoints"))
    names.insert(entry.path().filename());
  EXPECT_EQ(names, (std::set<std::string>{"step_000000001000.safetensors", "step_000000001200.safetensors"}));
}

TEST(Run, StopsAtTheReward) {
  const Scratch folder;
  RunConfig config = small_run("dqn");
  config.stop_at_reward = 1.0;  // any policy earns that
  const RunResult result = train_run(config, {.folder = folder / "run"});
  const runs::StopReason reached{runs::StopReason::Kind::kRequested, "eval/mean_reward ≥ 1"};
  EXPECT_EQ(result.end, reached);
  EXPECT_EQ(result.steps, 300);

  // resumed, it stops again for the same reason before a step
  const RunResult resumed = resume_run({.folder = folder / "run"}, 600);
  EXPECT_EQ(resumed.end, reached);
  EXPECT_EQ(resumed.steps, 300);
}

// The steps at which a run ends, computed from the evaluations of an unlimited run with the same seed.
std::int64_t end_without_improvement(const std::filesystem::path& evaluations, std::int64_t most,
                                     std::int64_t min_evals) {
  std::istringstream rows(read_text(evaluations));
  std::string row;
  std::getline(rows, row);
  double best = -std::numeric_limits<double>::infinity();
  std::int64_t in_a_row = 0;
  for (std::int64_t k = 1; std::getline(rows, row); ++k) {
    std::istringstream cells(row);
    std::int64_t steps = 0, episodes = 0;
    double mean = 0;
    char comma = 0;
    cells >> steps >> comma >> episodes >> comma >> mean;
    in_a_row = mean > best ? 0 : in_a_row + (k > min_evals ? 1 : 0);
    best = std::max(best, mean);
    if (in_a_row > most) return steps;
  }
  return 0;
}

TEST(Run, StopsWithoutImprovementAlsoAfterAKill) {
  const Scratch folder;
  RunConfig config = small_run("q_learning", 1);
  config.eval_every = 100;
  config.checkpoint_every = 100;  // so that one holds a count that is not 0
  train_run(config, {.folder = folder / "unlimited"});
  config.max_no_improvement_evals = 1;
  config.min_evals = 2;
  const std::int64_t end = end_without_improvement(folder / "unlimited/evaluations.csv", 1, 2);
  ASSERT_GT(end, 400);
  ASSERT_LT(end, 1200);

  const RunResult whole = train_run(config, {.folder = folder / "whole"});
  const runs::StopReason stalled{runs::StopReason::Kind::kRequested,
                                 "eval/mean_reward did not improve in 2 evaluations"};
  EXPECT_EQ(whole.end, stalled);
  EXPECT_EQ(whole.steps, end);

  // killed between the evaluations without a better mean, at the last of them, and resumed when all is over
  EXPECT_THROW(train_run(config, {.folder = folder / "killed", .extra = {std::make_shared<Kill>(end - 50)}}),
               Kill::Killed);
  EXPECT_THROW(resume_run({.folder = folder / "killed", .extra = {std::make_shared<Kill>(end)}}), Kill::Killed);
  for (int again = 0; again < 2; ++again) {
    const RunResult resumed = resume_run({.folder = folder / "killed"});
    EXPECT_EQ(resumed.end, stalled);
    EXPECT_EQ(resumed.steps, end);
    EXPECT_EQ(read_text(folder / "killed/evaluations.csv"), read_text(folder / "whole/evaluations.csv"));
    EXPECT_EQ(read_bytes(runs::newest_checkpoint(folder / "killed")),
              read_bytes(runs::newest_checkpoint(folder / "whole")));
  }
}

TEST(Run, RejectsNegativeCountsOfEvaluations) {
  const Scratch folder;
  RunConfig config = small_run("q_learning");
  config.max_no_improvement_evals = -1;
  EXPECT_THROW(train_run(config, {.folder = folder / "run"}), InvalidArgument);
  config.max_no_improvement_evals = 1;
  config.min_evals = -1;
  EXPECT_THROW(train_run(config, {.folder = folder / "run"}), InvalidArgument);
}

// The last evaluation of the run.
struct Evaluated {
  double mean = 0, mean_length = 0;
};
Evaluated last_evaluation(const std::filesystem::path& run) {
  std::istringstream rows(read_text(run / "evaluations.csv"));
  std::string row, last, cell;
  while (std::getline(rows, row)) last = row;
  std::istringstream cells(last);  // steps, episodes, mean, std, min, max, iqm, mean_length, returns
  std::vector<double> numbers;
  while (numbers.size() < 8 && std::getline(cells, cell, ',')) numbers.push_back(std::stod(cell));
  return {.mean = numbers.at(2), .mean_length = numbers.at(7)};
}

// The newest policy of the run, evaluated again as the run does.
double mean_evaluated_again(const std::filesystem::path& run, const RunConfig& config) {
  const PolicySource source = find_policy(run.string(), /*final=*/true);
  EXPECT_EQ(to_list(source.wrappers), to_list(config.wrappers));
  const auto envs = envs::make_vec(wrapped_spec(source.env_id, source.env_kwargs, evaluation_wrappers(source.wrappers)),
                                   1, {.autoreset = envs::AutoresetMode::kDisabled, .warn = envs::ignore_warnings});
  const auto policies = load_policies(source, EnvSignature::of(*envs), "cpu");
  const std::uint64_t seed = SeedSequence(config.seed).spawn(1)[0].generate_state(1)[0];
  return runs::mean(evaluate(*policies.at(0), *envs, config.eval_episodes, seed).returns);
}

// Stacked frames with the time, sticky actions and, in training only, rewards of 0.25 per step.
RunConfig wrapped_run() {
  RunConfig config = small_run("dqn", 5, 2);
  config.total_steps = 600;
  config.eval_episodes = 20;
  config.wrappers = {{"StickyAction", {{"repeat_action_probability", 0.25}}},
                     {"TimeAwareObservation", {}},
                     {"FrameStackObservation", {{"stack_size", 3}, {"padding_type", "zero"}}},
                     {"ClipReward", {{"max_reward", 0.25}}}};
  return config;
}

TEST(WrappedRun, ResumedAfterAKillIsIdentical) {
  expect_resumed_exactly(wrapped_run(), {250, 450});
}

TEST(WrappedRun, LearnsFromClippedRewardsAndIsEvaluatedByOriginalOnes) {
  const Scratch folder;
  const RunConfig config = wrapped_run();
  train_run(config, {.folder = folder / "run"});

  // monitor.csv has the rewards of the training: returns of 0.25 a step
  std::istringstream episodes(read_text(folder / "run/monitor.csv"));
  std::string row;
  std::getline(episodes, row), std::getline(episodes, row);
  std::int64_t rows = 0;
  for (; std::getline(episodes, row); ++rows) {
    const std::size_t comma = row.find(',');
    EXPECT_EQ(std::stod(row), 0.25 * std::stod(row.substr(comma + 1))) << row;
  }
  EXPECT_GT(rows, 10);

  // evaluations have 1 a step
  const Evaluated evaluated = last_evaluation(folder / "run");
  EXPECT_EQ(evaluated.mean, evaluated.mean_length);
  EXPECT_NEAR(mean_evaluated_again(folder / "run", config), evaluated.mean, 1e-9);
}

// Pixels: three gray frames of 36 x 36, as bytes in the replay buffer and through convolutions.
RunConfig pixel_run() {
  RunConfig config = resolve_config("dqn", "CarRacing-v3", {{"max_episode_steps", 40}, {"continuous", false}},
                                    {{"hidden", List{16}},
                                     {"learning_starts", 64},
                                     {"train_freq", 8},
                                     {"gradient_steps", 1},
                                     {"batch_size", 8},
                                     {"buffer_size", 100}},
                                    Wrappers{{"GrayscaleObservation", {}},
                                             {"ResizeObservation", {{"shape", List{36, 36}}}},
                                             {"FrameStackObservation", {{"stack_size", 3}}}});
  config.seed = 5;
  config.total_steps = 150;
  config.eval_every = 75;
  config.eval_episodes = 1;
  config.checkpoint_every = 50;
  config.log_every = 50;
  config.device = "cpu";
  return config;
}

TEST(WrappedRun, OfImagesResumedAfterAKillIsIdentical) {
  expect_resumed_exactly(pixel_run(), {90, 120});
}

TEST(WrappedRun, OfImagesEvaluatesFromItsFileAsItWasSaved) {
  const Scratch folder;
  const RunConfig config = pixel_run();
  train_run(config, {.folder = folder / "run"});
  EXPECT_NEAR(mean_evaluated_again(folder / "run", config), last_evaluation(folder / "run").mean, 1e-9);

  // the bare environment has other observations
  const auto bare = make_envs("CarRacing-v3", 1, envs::AutoresetMode::kDisabled, config.env_kwargs);
  EXPECT_THROW(load_policies(find_policy((folder / "run").string(), true), EnvSignature::of(*bare), "cpu"),
               NotApplicable);
}

TEST(WrappedRun, RejectsAWrapperThatDoesNotFit) {
  const Scratch folder;
  for (const envs::WrapperSpec& wrapper : Wrappers{{"FrameStak", {}},
                                                   {"FrameStackObservation", {{"stack_size", 0}}},
                                                   {"ResizeObservation", {{"shape", List{36, 36}}}},
                                                   {"NormalizeObservation", {}}}) {
    RunConfig config = small_run("dqn");
    config.wrappers = {wrapper};
    EXPECT_THROW(train_run(config, {.folder = folder / "run"}), InvalidArgument) << wrapper.name;
    EXPECT_FALSE(std::filesystem::exists(folder / "run/config.toml"));
  }
}

TEST(WrappedRun, RunsOfOneFolderMustHaveTheSameWrappers) {
  const Scratch folder;
  for (const char* seed : {"seeds/seed_0", "seeds/seed_1"}) {
    RunConfig config = small_run("random_search");
    if (std::string(seed).ends_with("1")) config.wrappers = {{"TimeAwareObservation", {}}};
    train_run(config, {.folder = folder / seed});
  }
  EXPECT_THROW(find_policy((folder / "seeds").string()), runs::RunFolderError);
}

// Returns a copy of a policy file of CartPole with a changed part of its metadata.
std::filesystem::path with_metadata(const std::filesystem::path& file, const std::string& key, const Value& value) {
  const Checkpoint original = Checkpoint::load(file);
  Checkpoint changed;
  for (const std::string& name : original.names()) changed.put(name, original.array(name));
  for (const std::string& name : original.value_names()) changed.put_value(name, original.value(name));
  changed.metadata() = original.metadata();
  Dict policy = from_json(changed.metadata().at("ludus.policy")).as_dict();
  policy[key] = value;
  changed.metadata()["ludus.policy"] = to_json(policy);
  const auto path = file.parent_path() / "changed.safetensors";
  changed.save(path);
  return path;
}

TEST(PolicyFiles, ASmallFileCannotAskForMuchMemory) {
  const Scratch folder;
  const auto envs = make_envs("CartPole-v1", 1, envs::AutoresetMode::kDisabled);
  const auto load = [&](const std::filesystem::path& file) {
    load_policies(find_policy(file.string()), EnvSignature::of(*envs), "cpu");
  };
  for (const auto& [algorithm, key, value] : std::vector<std::tuple<std::string, std::string, Value>>{
           {"dqn", "hidden", List{60000, 60000}},
           {"ppo", "hidden", List{12000, 12000, 12000, 12000, 12000}},
           {"ppo", "n_steps", std::int64_t{1} << 40},
           {"q_learning", "bins", List{100, 100, 100, 100}},
           {"cem", "population", std::int64_t{1} << 40},
           {"ars", "directions", std::int64_t{1} << 40},
           {"ars", "hidden", List{50000, 50000}}}) {
    train_run(small_run(algorithm), {.folder = folder / algorithm});
    const auto file = folder / algorithm / "best.safetensors";
    EXPECT_NO_THROW(load(file)) << algorithm;
    Dict config = read_metadata(Checkpoint::load(file)).config;
    config[key] = value;
    EXPECT_THROW(load(with_metadata(file, "config", config)), TooLarge) << algorithm << " " << key;
    std::filesystem::remove_all(folder / algorithm);
  }
  // a space that a few bytes describe
  train_run(small_run("dqn"), {.folder = folder / "run"});
  const Dict space{{"type", "Box"}, {"low", 0}, {"high", 1}, {"shape", List{100000, 100000}}, {"dtype", "float32"}};
  EXPECT_THROW(load(with_metadata(folder / "run/best.safetensors", "observation_space", space)), TooLarge);
}

TEST(PolicyFiles, ParametersThatAreNotFiniteAreDamage) {
  const Scratch folder;
  for (const std::string algorithm : {"dqn", "q_learning", "ars"}) {
    train_run(small_run(algorithm), {.folder = folder / algorithm});
    const auto file = folder / algorithm / "best.safetensors";
    const Checkpoint original = Checkpoint::load(file);
    const auto envs = make_envs("CartPole-v1", 1, envs::AutoresetMode::kDisabled);
    Checkpoint changed;
    changed.metadata() = original.metadata();
    for (const std::string& name : original.value_names()) changed.put_value(name, original.value(name));
    bool broken = false;
    for (const std::string& name : original.names()) {
      Array array = original.array(name);
      if (!broken && is_floating(array.dtype())) {
        array.set(array.size() - 1, std::nan(""));
        broken = true;
      }
      changed.put(name, array);
    }
    ASSERT_TRUE(broken);
    changed.save(file);
    EXPECT_THROW(load_policies(find_policy(file.string()), EnvSignature::of(*envs), "cpu"), CorruptCheckpoint)
        << algorithm;
  }
}

TEST(PolicyFiles, SeedsAreReadStrictly) {
  const Scratch folder;
  train_run(small_run("q_learning"), {.folder = folder / "run"});
  const auto file = folder / "run/best.safetensors";
  EXPECT_NO_THROW(read_metadata(Checkpoint::load(with_metadata(file, "seed", "18446744073709551615"))));
  for (const char* seed : {"-1", "12abc", "", " 1", "18446744073709551616"}) {
    EXPECT_THROW(read_metadata(Checkpoint::load(with_metadata(file, "seed", seed))), CorruptCheckpoint) << seed;
  }
  EXPECT_THROW(read_metadata(Checkpoint::load(with_metadata(file, "steps", -5))), CorruptCheckpoint);
}

TEST(PolicyFiles, RejectsWhatIsNoPolicy) {
  const Scratch folder;
  train_run(small_run("dqn"), {.folder = folder / "run"});
  const auto file = folder / "run/best.safetensors";
  const auto envs = make_envs("CartPole-v1", 1, envs::AutoresetMode::kDisabled);
  EXPECT_NO_THROW(load_policies(find_policy(file.string()), EnvSignature::of(*envs)));

  const std::vector<std::byte> bytes = read_bytes(file);
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, bytes.size() / 2, bytes.size() - 1}) {
    write_atomically(folder / "cut.safetensors", std::span(bytes).first(size));
    EXPECT_THROW(find_policy((folder / "cut.safetensors").string()), CorruptCheckpoint) << size;
  }
  const auto pipe = folder / "pipe.safetensors";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THROW(find_policy(pipe.string()), FileError);  // at once: no writer ever comes
  EXPECT_THROW(find_policy("no_such_policy"), InputError);
  EXPECT_THROW(find_policy(folder.path().string()), runs::RunFolderError);
}

}  // namespace
}  // namespace ludus::agents
