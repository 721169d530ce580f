// The story that a user lives: look around, train, interrupt, resume, evaluate, watch, compare.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>
#include <thread>

#include "base/value_io.h"
#include "tests/apps/program.h"

namespace ludus::apps {
namespace {

using Words = std::vector<std::string>;
namespace fs = std::filesystem;

// The JSON object that is all of standard output.
Dict object_of(const Outcome& outcome) {
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1) << outcome.out;
  return from_json(outcome.out).as_dict();
}

void wait_until(const std::function<bool()>& condition) {
  while (!condition()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

bool has_checkpoint(const fs::path& run) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints", ignored)) {
    // beyond the one before the first step
    const fs::path file = entry.path();
    if (file.extension() == ".safetensors" && file.filename() != "step_000000000000.safetensors") return true;
  }
  return false;
}

TEST(Envs, OneAndAllAsText) {
  const Outcome all = ludus({"envs"});
  EXPECT_EQ(all.code, 0);
  EXPECT_NE(all.out.find("CartPole-v0"), std::string::npos);
  EXPECT_NE(all.out.find("Discrete(2)"), std::string::npos);
  const Outcome one = ludus({"envs", "CartPole-v1"});
  EXPECT_EQ(one.code, 0);
  for (const char* word : {"500", "475", "sutton_barto_reward", "kinematics_integrator", "Box("}) {
    EXPECT_NE(one.out.find(word), std::string::npos) << word;
  }
}

TEST(Envs, OneAndAllAsJson) {
  const Dict one = object_of(ludus({"envs", "CartPole-v1", "--json"}));
  EXPECT_EQ(one.at("id").as_string(), "CartPole-v1");
  EXPECT_EQ(one.at("max_episode_steps").as_int(), 500);
  EXPECT_EQ(one.at("reward_threshold").as_double(), 475);
  EXPECT_EQ(one.at("action_space").as_dict().at("n").as_int(), 2);
  EXPECT_EQ(one.at("arguments").as_list().at(0).as_dict().at("name").as_string(), "sutton_barto_reward");
  const Dict all = object_of(ludus({"envs", "--json"}));
  const List& list = all.at("environments").as_list();
  EXPECT_TRUE(std::any_of(list.begin(), list.end(),
                          [](const Value& spec) { return spec.as_dict().at("id").as_string() == "CartPole-v0"; }));
}

TEST(Envs, CheckTestsTheContract) {
  const Outcome good = ludus({"envs", "CartPole-v1", "--check"});
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_NE(good.out.find("passed   determinism"), std::string::npos) << good.out;
  EXPECT_NE(good.out.find("warning: a Box of the observation space has infinite bounds"), std::string::npos)
      << good.out;
  EXPECT_TRUE(good.out.ends_with("CartPole-v1 passes all checks\n")) << good.out;

  const Words bad{"envs", "test/Stray-v0", "--check", "--plugin", LUDUS_TEST_PLUGIN};
  const Outcome text = ludus(bad);
  EXPECT_EQ(text.code, 1);
  EXPECT_NE(text.out.find("failed   steps"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("error: the reward of result 3 is \"inf\""), std::string::npos) << text.out;
  const Outcome json = ludus(bad + Words{"--json"});
  EXPECT_EQ(json.code, 1);
  const Dict report = from_json(json.out).as_dict();
  EXPECT_EQ(report.at("env").as_string(), "test/Stray-v0");
  EXPECT_FALSE(report.at("passed").as_bool());
  std::set<std::string> failed;
  for (const Value& check : report.at("checks").as_list()) {
    if (check.as_dict().at("outcome").as_string() == "failed") failed.insert(check.as_dict().at("name").as_string());
  }
  EXPECT_EQ(failed, std::set<std::string>{"steps"}) << json.out;
}

TEST(Eval, JsonHasTheStatisticsOfItsReturns) {
  const Words command{"eval", "lean", "--env", "CartPole-v1", "--episodes", "20", "--seed", "5", "--json"};
  const Outcome outcome = ludus(command);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Dict score = object_of(outcome);
  EXPECT_EQ(score.at("env").as_string(), "CartPole-v1");
  EXPECT_EQ(score.at("policy").as_string(), "lean");
  EXPECT_EQ(score.at("episodes").as_int(), 20);
  EXPECT_EQ(score.at("seed").as_int(), 5);
  const List& returns = score.at("returns").as_list();
  const List& lengths = score.at("lengths").as_list();
  ASSERT_EQ(returns.size(), 20u);
  ASSERT_EQ(lengths.size(), 20u);
  double sum = 0, squares = 0, low = 1e9, high = -1e9;
  for (std::size_t i = 0; i < 20; ++i) {
    const double value = returns[i].as_double();
    EXPECT_EQ(value, static_cast<double>(lengths[i].as_int()));  // CartPole pays 1 a step
    sum += value, squares += value * value, low = std::min(low, value), high = std::max(high, value);
  }
  EXPECT_NEAR(score.at("mean").as_double(), sum / 20, 1e-9);
  EXPECT_NEAR(score.at("std").as_double(), std::sqrt(squares / 20 - sum * sum / 400), 1e-6);
  EXPECT_EQ(score.at("min").as_double(), low);
  EXPECT_EQ(score.at("max").as_double(), high);
  const List& interval = score.at("iqm_ci").as_list();
  EXPECT_LE(interval.at(0).as_double(), score.at("iqm").as_double());
  EXPECT_GE(interval.at(1).as_double(), score.at("iqm").as_double());

  // the same seeds, the same episodes; and a policy that draws repeats too
  EXPECT_EQ(ludus(command).out, outcome.out);
  const Words random{"eval", "random", "--env", "CartPole-v1", "--episodes", "20", "--json"};
  EXPECT_EQ(ludus(random).out, ludus(random).out);
}

TEST(Eval, TextNamesTheSeed) {
  const Outcome outcome = ludus({"eval", "lean", "--env", "CartPole-v1", "--episodes", "3"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.out.find("from seed 1000000"), std::string::npos) << outcome.out;
}

TEST(Compare, EveryPolicyRunsTheSameEpisodes) {
  const Outcome outcome =
      ludus({"compare", "random", "lean", "balance", "--env", "CartPole-v1", "--episodes", "20", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Dict result = object_of(outcome);
  EXPECT_EQ(result.at("env").as_string(), "CartPole-v1");
  EXPECT_EQ(result.at("episodes").as_int(), 20);
  const List& policies = result.at("policies").as_list();
  ASSERT_EQ(policies.size(), 3u);
  EXPECT_EQ(policies[0].as_dict().at("probability_of_improvement").as_double(), 0.5);
  EXPECT_GT(policies[1].as_dict().at("probability_of_improvement").as_double(), 0.5);
  EXPECT_GT(policies[2].as_dict().at("probability_of_improvement").as_double(), 0.9);

  const Dict alone = object_of(ludus({"eval", "lean", "--env", "CartPole-v1", "--episodes", "20", "--json"}));
  EXPECT_EQ(policies[1].as_dict().at("returns"), alone.at("returns"));
}

TEST(Compare, WarnsOnceOfAnOutdatedId) {
  const Outcome outcome = ludus({"compare", "random", "lean", "balance", "--env", "CartPole-v0", "--episodes", "2"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const std::string warning = "CartPole-v0 is out of date";
  const std::size_t first = outcome.err.find(warning);
  ASSERT_NE(first, std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find(warning, first + 1), std::string::npos) << outcome.err;
}

TEST(Compare, TableCsvMarkdownAndPlot) {
  const Folder folder;
  const Words command{"compare", "random", "lean", "--env", "CartPole-v1", "--episodes", "10"};
  const Outcome table = ludus(command + Words{"--plot", folder / "plot.svg"});
  ASSERT_EQ(table.code, 0) << table.err;
  for (const char* word : {"policy", "episodes", "min", "max", "mean", "sd", "IQM [95 % interval]", "P(better than"}) {
    EXPECT_NE(table.out.find(word), std::string::npos) << word;
  }
  EXPECT_NE(contents(folder / "plot.svg").find("<svg"), std::string::npos);

  const Outcome csv = ludus(command + Words{"--format", "csv"});
  EXPECT_TRUE(csv.out.starts_with(
      "policy,episodes,min,max,mean,sd,iqm,iqm_low,iqm_high,probability_of_improvement\nrandom,10,"))
      << csv.out;
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), ','), 3 * 9);

  const Outcome markdown = ludus(command + Words{"--format", "markdown"});
  EXPECT_TRUE(markdown.out.starts_with("| policy ")) << markdown.out;
  EXPECT_NE(markdown.out.find("\n| ----"), std::string::npos) << markdown.out;
  EXPECT_EQ(std::count(markdown.out.begin(), markdown.out.end(), '\n'), 4);
}

TEST(Train, WritesARunThatCanBeEvaluatedShownAndCompared) {
  const Folder folder;
  const std::string run = folder / "run";
  const Outcome trained = ludus(small_training() + Words{"--run", run, "--json"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Dict result = object_of(trained);
  EXPECT_EQ(result.at("run").as_string(), run);
  EXPECT_EQ(result.at("algo").as_string(), "dqn");
  EXPECT_EQ(result.at("env").as_string(), "CartPole-v1");
  EXPECT_EQ(result.at("seed").as_int(), 1);
  EXPECT_EQ(result.at("steps").as_int(), 600);
  EXPECT_GT(result.at("seconds").as_double(), 0);
  EXPECT_GE(result.at("best_mean").as_double(), result.at("final_mean").as_double());
  for (const char* file : {"config.toml", "monitor.csv", "progress.csv", "evaluations.csv", "best.safetensors"}) {
    EXPECT_TRUE(fs::exists(folder / ("run/" + std::string(file)))) << file;
  }
  EXPECT_TRUE(contents(folder / "run/curve.png").starts_with("\x89PNG"));

  // its own environment, its best checkpoint or its last
  const Dict best = object_of(ludus({"eval", run, "--episodes", "3", "--json"}));
  EXPECT_EQ(best.at("env").as_string(), "CartPole-v1");
  EXPECT_EQ(ludus({"eval", run, "--episodes", "3", "--final"}).code, 0);
  EXPECT_EQ(ludus({"eval", run + "/best.safetensors", "--episodes", "3"}).code, 0);
  EXPECT_EQ(ludus({"compare", "random", run, "--episodes", "3"}).code, 0);
  EXPECT_EQ(ludus({"play", run, "--record", folder / "last.png"}).code, 0);
}

// Trained in wrapped environments, resumed, and played, evaluated and compared in the same ones by every command.
TEST(Train, PoliciesKeepTheWrappersOfTheirTraining) {
  const Folder folder;
  const std::string run = folder / "run", bare = folder / "bare", twice = folder / "twice";
  const Words wrappers{"--wrap", "TimeAwareObservation",     "--wrap", "FrameStackObservation:stack_size=2",
                       "--wrap", "ClipReward:max_reward=0.5"};
  const Outcome trained = ludus(small_training() + wrappers + Words{"--run", run, "--json"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_NE(trained.err.find("CartPole-v1 with TimeAwareObservation, FrameStackObservation:stack_size=2"),
            std::string::npos)
      << trained.err;
  EXPECT_NE(contents(folder / "run/config.toml").find("[[wrappers]]\nname = 'FrameStackObservation'\nstack_size = 2\n"),
            std::string::npos);
  EXPECT_EQ(ludus({"train", "--resume", run, "--steps", "700"}).code, 0);

  // the file alone is enough, and what is counted is the environment's own: 1 a step
  fs::copy_file(run + "/best.safetensors", folder / "alone.safetensors");
  const Dict score = object_of(ludus({"eval", folder / "alone.safetensors", "--episodes", "3", "--json"}));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(score.at("returns").as_list()[i].as_double(),
              static_cast<double>(score.at("lengths").as_list()[i].as_int()));
  }
  EXPECT_EQ(ludus({"play", run, "--record", folder / "last.png"}).code, 0);

  // together with policies made for the bare environment
  ASSERT_EQ(ludus(small_training() + Words{"--run", bare}).code, 0);
  const Dict compared =
      object_of(ludus({"compare", "lean", folder / "alone.safetensors", bare, "--episodes", "3", "--json"}));
  EXPECT_EQ(compared.at("policies").as_list()[1].as_dict().at("returns"), score.at("returns"));

  // but not with policies of another task
  ASSERT_EQ(ludus(small_training() + Words{"--wrap", "RepeatAction:num_repeats=2", "--run", twice}).code, 0);
  const Outcome refused = ludus({"compare", run, twice});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("RepeatAction:num_repeats=2"), std::string::npos) << refused.err;

  // and a rule plays that game when it is compared with such a policy: half as many steps of twice the reward
  const Dict games = object_of(ludus({"compare", "lean", twice, "--episodes", "3", "--json"}));
  const Dict rule = games.at("policies").as_list()[0].as_dict();
  for (std::size_t i = 0; i < 3; ++i) {
    const double steps = static_cast<double>(rule.at("lengths").as_list()[i].as_int());
    EXPECT_GE(rule.at("returns").as_list()[i].as_double(), 2 * steps - 1);
  }
}

TEST(Train, ResultsDoNotDependOnThreads) {
  const Folder folder;
  std::vector<std::string> runs;
  for (const char* threads : {"1", "3"}) {
    runs.push_back(folder / std::string("on_") + threads);
    const Outcome outcome = ludus(small_training() + Words{"--n-envs", "4", "--set", "train_freq=16", "--env-threads",
                                                           threads, "--run", runs.back()});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
  }
  EXPECT_EQ(monitor_without_time(runs[0]), monitor_without_time(runs[1]));
  EXPECT_EQ(contents(fs::path(runs[0]) / "config.toml"), contents(fs::path(runs[1]) / "config.toml"));
  EXPECT_EQ(contents(fs::path(runs[0]) / "best.safetensors"), contents(fs::path(runs[1]) / "best.safetensors"));
}

TEST(Train, StopsWithoutImprovement) {
  const Folder folder;
  // what chance earns in the same episodes is the same every time
  const Words command{"train",
                      "random",
                      "--env",
                      "CartPole-v1",
                      "--seed",
                      "1",
                      "--steps",
                      "1000",
                      "--eval-every",
                      "100",
                      "--eval-episodes",
                      "2",
                      "--max-no-improvement-evals",
                      "1"};
  const Outcome early = ludus(command + Words{"--run", folder / "early"});
  ASSERT_EQ(early.code, 0) << early.err;
  EXPECT_TRUE(early.out.starts_with("eval/mean_reward did not improve in 2 evaluations: 300 steps")) << early.out;
  const Outcome later = ludus(command + Words{"--run", folder / "later", "--min-evals", "2", "--json"});
  ASSERT_EQ(later.code, 0) << later.err;
  EXPECT_EQ(object_of(later).at("steps").as_int(), 400);
}

TEST(Train, PrintsTheDrawnSeedAndUsesTheNextFolder) {
  const Folder folder;
  const Words command{"train", "random_search", "--env", "CartPole-v1", "--steps", "300"};
  const Surroundings here{.folder = folder.path()};
  const Outcome first = ludus(command, here), second = ludus(command, here);
  ASSERT_EQ(first.code, 0) << first.err;
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_NE(first.err.find("seed "), std::string::npos) << first.err;
  EXPECT_TRUE(fs::exists(folder / "runs/random_search/CartPole-v1_1/config.toml"));
  EXPECT_TRUE(fs::exists(folder / "runs/random_search/CartPole-v1_2/config.toml"));
  EXPECT_NE(first.out, "");
}

TEST(Train, AnInterruptedRunCanBeResumed) {
  for (const int signal : {SIGINT, SIGTERM}) {
    SCOPED_TRACE(signal);
    const Folder folder;
    const std::string run = folder / "run";
    const Words command{"train",
                        "dqn",
                        "--env",
                        "CartPole-v1",
                        "--seed",
                        "1",
                        "--set",
                        "hidden=[8]",
                        "--set",
                        "buffer_size=1000",
                        "--run",
                        run,
                        "--json",
                        "--steps",
                        "100000000",
                        "--checkpoint-every",
                        "500",
                        "--eval-episodes",
                        "1",
                        "--eval-every",
                        "300",
                        "--set",
                        "learning_starts=100"};
    const Outcome stopped = ludus(command, {.meanwhile = [&](pid_t pid) {
                                    wait_until([&] { return has_checkpoint(run); });
                                    ::kill(pid, signal);
                                  }});
    EXPECT_EQ(stopped.code, 130) << stopped.err;
    EXPECT_NE(stopped.err.find("resume with: ludus train --resume " + run), std::string::npos) << stopped.err;
    const Dict result = object_of(stopped);
    EXPECT_TRUE(result.at("final_mean").is_null());
    const std::int64_t steps = result.at("steps").as_int();
    EXPECT_GE(steps, 500);

    const Outcome resumed = ludus({"train", "--resume", run, "--steps", std::to_string(steps + 200), "--json"});
    ASSERT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_EQ(object_of(resumed).at("steps").as_int(), steps + 200);
  }
}

TEST(Train, ASecondInterruptEndsAtOnceAndTheFirstAlsoWithinAnUpdate) {
  const Folder folder;
  const std::string run = folder / "run";
  // the first update is due after 64 steps, and has 60 million epochs
  const Words command{"train",        "ppo",        "--env",    "CartPole-v1", "--seed", "1",
                      "--run",        run,          "--steps",  "1000",        "--set",  "n_steps=64",
                      "--set",        "hidden=[8]", "--n-envs", "1",           "--set",  "n_epochs=60000000",
                      "--eval-every", "0"};
  using Clock = std::chrono::steady_clock;
  const auto until_updating = [&] {
    wait_until([&] { return fs::exists(run + "/checkpoints/step_000000000000.safetensors"); });
    std::this_thread::sleep_for(std::chrono::seconds(1));
  };
  Clock::time_point signalled;
  const Outcome first = ludus(command, {.meanwhile = [&](pid_t pid) {
                                until_updating();
                                signalled = Clock::now();
                                ::kill(pid, SIGINT);
                              }});
  EXPECT_LT(Clock::now() - signalled, std::chrono::seconds(3));  // half a second of patience, on a busy machine
  EXPECT_EQ(first.code, 130) << first.err;
  EXPECT_NE(first.err.find("within an update"), std::string::npos) << first.err;
  EXPECT_NE(first.err.find("ludus train --resume " + run), std::string::npos) << first.err;

  const Outcome second = ludus({"train", "--resume", run}, {.meanwhile = [&](pid_t pid) {
                                 std::this_thread::sleep_for(std::chrono::seconds(2));
                                 ::kill(pid, SIGINT);
                                 ::kill(pid, SIGTERM);
                               }});
  EXPECT_EQ(second.code, 130);
  EXPECT_EQ(second.err.find("--resume"), std::string::npos) << second.err;
}

TEST(Train, SeedsAreSeparateRuns) {
  const Folder folder;
  const std::string parent = folder / "seeds";
  Words command = small_training();
  const auto seed = std::find(command.begin(), command.end(), "--seed");
  *seed = "--seeds", *(seed + 1) = "1..3";
  const Outcome trained = ludus(command + Words{"--run", parent, "--json"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const Dict result = object_of(trained);
  EXPECT_EQ(result.at("run").as_string(), parent);
  ASSERT_EQ(result.at("runs").as_list().size(), 3u);
  EXPECT_EQ(result.at("runs").as_list()[2].as_dict().at("seed").as_int(), 3);
  EXPECT_EQ(result.at("steps").as_int(), 3 * 600);
  EXPECT_NE(trained.err.find("[seed 2] "), std::string::npos) << trained.err;
  EXPECT_NE(trained.err.find("final mean over 3 seeds"), std::string::npos) << trained.err;
  EXPECT_TRUE(fs::exists(folder / "seeds/curve.png"));

  // seed 1 among others learns what seed 1 alone learns
  EXPECT_EQ(monitor_without_time(folder / "seeds/seed_1"), monitor_without_time(train_small(folder)));

  // the runs are strata: each plays every episode
  const Dict score = object_of(ludus({"eval", parent, "--episodes", "4", "--json"}));
  EXPECT_EQ(score.at("episodes").as_int(), 12);
  EXPECT_EQ(score.at("returns").as_list().size(), 12u);

  // and all go on together
  const Outcome resumed = ludus({"train", "--resume", parent, "--steps", "700", "--json"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(object_of(resumed).at("steps").as_int(), 3 * 700);
}

TEST(Train, AnInterruptionReachesEverySeed) {
  const Folder folder;
  const std::string parent = folder / "seeds";
  const Words command{"train",
                      "dqn",
                      "--env",
                      "CartPole-v1",
                      "--seeds",
                      "5,6",
                      "--set",
                      "hidden=[8]",
                      "--set",
                      "buffer_size=1000",
                      "--run",
                      parent,
                      "--steps",
                      "100000000",
                      "--checkpoint-every",
                      "500",
                      "--eval-episodes",
                      "1",
                      "--eval-every",
                      "300"};
  const Outcome stopped = ludus(command, {.meanwhile = [&](pid_t pid) {
                                  wait_until([&] { return has_checkpoint(parent + "/seed_5"); });
                                  ::kill(pid, SIGINT);
                                }});
  EXPECT_EQ(stopped.code, 130) << stopped.err;
  EXPECT_NE(stopped.err.find("resume with: ludus train --resume " + parent), std::string::npos) << stopped.err;
  EXPECT_NE(stopped.err.find("interrupted"), std::string::npos) << stopped.err;
}

// Two seeds are trained and evaluated, and the page has both; measured again, only that section is replaced.
TEST(Bench, WritesAPageOfResults) {
  const Folder folder;
  const std::string page = folder / "q_learning.md";
  const Words words{"bench",    "learn", "--algo", "q_learning",        "--env", "CartPole-v1",   "--seeds",    "0,1",
                    "--steps",  "2000",  "--set",  "bins=[3, 3, 6, 6]", "--run", folder / "runs", "--episodes", "5",
                    "--output", page,    "--json"};
  const Dict figures = object_of(ludus(words));
  EXPECT_EQ(figures.at("best").as_dict().at("returns").as_list().size(), 10u);
  const std::string text = contents(page);
  EXPECT_TRUE(text.starts_with("# q_learning\n\n## CartPole-v1, bins=[3,3,6,6]\n")) << text;
  for (const char* part : {"|    0 |", "|    1 |", "last policy", "2000 steps", "--set bins=[3,3,6,6]"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  write(page, text + "\n## Words of mine\n\nstay\n");
  EXPECT_EQ(ludus(words).code, 0);  // resumes finished runs
  EXPECT_EQ(contents(page), text + "\n## Words of mine\n\nstay\n");
}

TEST(Play, RecordsVideosAndImages) {
  const Folder folder;
  for (const std::string name : {"video.gif", "video.mp4", "last.png"}) {
    const Outcome played = ludus({"play", "random", "--env", "CartPole-v1", "--record", folder / name, "--seed", "3"});
    ASSERT_EQ(played.code, 0) << played.err;
    EXPECT_NE(played.out.find("mean return"), std::string::npos) << played.out;
  }
  EXPECT_TRUE(contents(folder / "video.gif").starts_with("GIF89a"));
  EXPECT_EQ(contents(folder / "video.mp4").substr(4, 4), "ftyp");
  EXPECT_TRUE(contents(folder / "last.png").starts_with("\x89PNG"));
}

TEST(Play, AnInterruptedVideoIsNotWritten) {
  const Folder folder;
  const Outcome stopped =
      ludus({"play", "balance", "--env", "CartPole-v1", "--episodes", "100000", "--record", folder / "video.gif"},
            {.meanwhile = [&](pid_t pid) {
              // the video grows in a file next to its target
              wait_until([&] { return fs::directory_iterator(folder.path()) != fs::directory_iterator(); });
              ::kill(pid, SIGINT);
            }});
  EXPECT_EQ(stopped.code, 130) << stopped.err;
  EXPECT_NE(stopped.err.find("was not written"), std::string::npos) << stopped.err;
  EXPECT_FALSE(fs::exists(folder / "video.gif"));
}

}  // namespace
}  // namespace ludus::apps
