// Runs of every algorithm: resumed exactly, unaffected by evaluations, evaluated as they were saved.
#include "agents/runner/run.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "agents/algorithms.h"
#include "agents/runner/evaluation.h"
#include "agents/runner/policy_files.h"
#include "base/file.h"
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
  EXPECT_THROW(find_policy("no_such_policy"), InputError);
  EXPECT_THROW(find_policy(folder.path().string()), runs::RunFolderError);
}

}  // namespace
}  // namespace ludus::agents
