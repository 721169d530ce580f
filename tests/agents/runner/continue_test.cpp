// How trainings go on: the last rollout is finished, schedules do not jump unnoticed, and a training can begin with
// what another one has learned.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agents/algorithms.h"
#include "agents/runner/policy_files.h"
#include "agents/runner/run.h"
#include "agents/runner/warm_start.h"
#include "base/checkpoint.h"
#include "base/file.h"
#include "runs/checkpoints.h"
#include "tests/agents/support/drive.h"
#include "tests/support/scratch.h"

namespace ludus::agents {
namespace {

namespace fs = std::filesystem;
using test_support::Scratch;
using testing::make_envs;

AgentPtr make(const std::string& algorithm, const Dict& settings, envs::VectorEnv& envs) {
  const Algorithm& entry = find_algorithm(algorithm);
  Dict all = entry.defaults;
  for (const auto& [name, value] : settings) all[name] = value;
  return entry.make(all, EnvSignature::of(envs), 1, "cpu");
}

// Counts the steps on which a metric of the agent appears.
struct Counting final : runs::Callback {
  std::string metric;
  std::vector<double> values;
  std::int64_t steps = 0;
  explicit Counting(std::string name) : metric(std::move(name)) {}
  std::string name() const override { return "counting"; }
  void on_step(runs::Training& training) override {
    steps = training.progress().step;
    const runs::Metrics metrics = training.metrics();
    if (const auto found = metrics.find(metric); found != metrics.end()) values.push_back(found->second);
  }
};

TEST(Trainer, FinishesTheRolloutOfTheLastStep) {
  struct Case {
    std::string algorithm;
    Dict settings;
    std::size_t n_envs;
    std::int64_t total, updates, steps;
  };
  // ceil(total / rollout) updates, as Stable-Baselines3 makes
  for (const Case& c : std::vector<Case>{{"a2c", {{"n_steps", 4}}, 1, 10, 3, 12},
                                         {"a2c", {{"n_steps", 4}}, 1, 12, 3, 12},
                                         {"a2c", {{"n_steps", 4}}, 1, 13, 4, 16},
                                         {"a2c", {{"n_steps", 4}}, 3, 30, 3, 36},
                                         {"ppo", {{"n_steps", 4}, {"batch_size", 4}}, 1, 10, 3, 12}}) {
    const auto envs = make_envs("CartPole-v1", c.n_envs, envs::AutoresetMode::kSameStep);
    const AgentPtr agent = make(c.algorithm, c.settings, *envs);
    Trainer trainer(*agent, *envs);
    const auto updates = std::make_shared<Counting>("train/value_loss");
    trainer.add(updates);
    trainer.learn(c.total, 0);
    EXPECT_EQ(static_cast<std::int64_t>(updates->values.size()), c.updates) << c.algorithm << " " << c.total;
    EXPECT_EQ(trainer.steps(), c.steps) << c.algorithm << " " << c.total;
  }
}

TEST(Trainer, FinishesTheGenerationOfTheLastStep) {
  for (const std::string algorithm : {"cem", "ars", "reinforce"}) {
    const auto envs = make_envs("CartPole-v1", 2, envs::AutoresetMode::kSameStep);
    const Dict settings = algorithm == "cem"   ? Dict{{"population", 6}}
                          : algorithm == "ars" ? Dict{{"directions", 3}}
                                               : Dict{{"episodes", 6}};
    const AgentPtr agent = make(algorithm, settings, *envs);
    Trainer trainer(*agent, *envs);
    trainer.learn(3000, 0);  // enough for six episodes
    EXPECT_FALSE(agent->is_collecting()) << algorithm;
    EXPECT_GE(trainer.steps(), 3000) << algorithm;
    EXPECT_LT(trainer.steps(), 3000 + 2 * 6 * 500) << algorithm;
  }
}

TEST(Trainer, ASecondTrainingBeginsItsSchedulesAnewAndAFinishedOneSaysSo) {
  const auto envs = make_envs("CartPole-v1", 1, envs::AutoresetMode::kSameStep);
  const AgentPtr agent = make("a2c", {{"n_steps", 4}, {"learning_rate", "lin_0.001_0"}}, *envs);
  std::vector<std::vector<double>> rates;
  for (int training = 0; training < 2; ++training) {
    Trainer trainer(*agent, *envs);
    const auto rate = std::make_shared<Counting>("train/learning_rate");
    trainer.add(rate);
    trainer.learn(16, 0);
    rates.push_back(rate->values);
    EXPECT_THROW(trainer.learn(16, 0), InvalidArgument);  // nothing would happen
    EXPECT_EQ(trainer.steps(), 16);
  }
  ASSERT_EQ(rates[0].size(), 4u);
  EXPECT_NEAR(rates[0][0], 0.00075, 1e-12);  // after 4 of 16 steps
  EXPECT_EQ(rates[0], rates[1]);
}

// --- other totals

RunConfig scheduled_run() {
  RunConfig config = resolve_config("a2c", "CartPole-v1", {}, {{"n_steps", 5}, {"learning_rate", "lin_0.001_0"}});
  config.seed = 3;
  config.total_steps = 200;
  config.n_envs = 1;
  config.eval_every = 0;
  config.device = "cpu";
  return config;
}

std::vector<double> rates_of(const fs::path& folder, std::int64_t total, bool continue_schedules,
                             std::vector<std::string>* warnings = nullptr, std::int64_t stop_at = -1) {
  const auto rate = std::make_shared<Counting>("train/learning_rate");
  RunOptions options{.folder = folder, .extra = {rate}, .continue_schedules = continue_schedules};
  if (warnings) options.warn = [warnings](const std::string& text) { warnings->push_back(text); };
  if (stop_at > 0) options.interrupted = [rate, stop_at] { return rate->steps >= stop_at; };
  fs::exists(folder) ? resume_run(options, total) : train_run(scheduled_run(), options);
  return rate->values;
}

TEST(Run, SchedulesContinueOrAreStretchedWithAWord) {
  const Scratch folder;
  const std::vector<double> first = rates_of(folder / "run", 200, false, nullptr, 100);
  ASSERT_EQ(first.size(), 20u);
  EXPECT_NEAR(first.back(), 0.0005, 1e-12);
  fs::copy(folder / "run", folder / "other", fs::copy_options::recursive);

  // stretched over 400 steps: 0.001 (1 - 105 / 400), and one sentence
  std::vector<std::string> warnings;
  const std::vector<double> stretched = rates_of(folder / "run", 400, false, &warnings);
  ASSERT_FALSE(stretched.empty());
  EXPECT_NEAR(stretched.front(), 0.001 * (1 - 105.0 / 400), 1e-12);
  ASSERT_EQ(warnings.size(), 1u);
  for (const char* words : {"a2c", "200", "400", "--schedules continue"}) {
    EXPECT_NE(warnings[0].find(words), std::string::npos) << warnings[0];
  }

  // continued: from 0.0005 at step 100 to 0 at step 400, never up
  warnings.clear();
  const std::vector<double> continued = rates_of(folder / "other", 400, true, &warnings, 111);
  EXPECT_TRUE(warnings.empty());
  ASSERT_FALSE(continued.empty());
  EXPECT_NEAR(continued.front(), 0.0005 * (1 - 5.0 / 300), 1e-12);
  // the second process of the same training goes on from there
  const std::vector<double> rest = rates_of(folder / "other", 400, false);
  ASSERT_FALSE(rest.empty());
  EXPECT_LT(rest.front(), continued.back());
  EXPECT_NEAR(rest.back(), 0, 1e-12);
  for (std::size_t k = 1; k < rest.size(); ++k) EXPECT_LT(rest[k], rest[k - 1]);
}

// --- beginning with another policy

RunConfig run_of(const std::string& algorithm, const std::string& env, const Dict& settings) {
  RunConfig config = resolve_config(algorithm, env, {}, settings);
  config.seed = 7;
  config.total_steps = 400;
  config.n_envs = 1;
  config.eval_every = 200;
  config.eval_episodes = 2;
  config.device = "cpu";
  return config;
}

const Dict kSmallDqn{{"hidden", List{8}}, {"learning_starts", 50}, {"train_freq", 4},
                     {"batch_size", 16},  {"buffer_size", 300},    {"gradient_steps", 1}};
const Dict kSmallTd3{{"hidden", List{8}}, {"learning_starts", 50}, {"batch_size", 16}, {"buffer_size", 300}};

Checkpoint state_of(const Agent& agent) {
  Checkpoint checkpoint;
  agent.save(checkpoint);
  return checkpoint;
}

void expect_same(const Checkpoint& a, const Checkpoint& b, const std::string& prefix, bool same) {
  bool equal = true, any = false;
  for (const std::string& name : a.names()) {
    if (!name.starts_with(prefix)) continue;
    any = true;
    const Array &x = a.array(name), &y = b.array(name);
    for (std::size_t i = 0; i < x.size(); ++i) equal = equal && x.get(i) == y.get(i);
  }
  EXPECT_TRUE(any) << prefix;
  EXPECT_EQ(equal, same) << prefix;
}

TEST(WarmStart, TakesOverThePartsThatAreNamed) {
  const Scratch folder;
  for (const auto& [algorithm, env, settings] : std::vector<std::tuple<std::string, std::string, Dict>>{
           {"dqn", "CartPole-v1", kSmallDqn}, {"td3", "Pendulum-v1", kSmallTd3}}) {
    const fs::path run = folder / algorithm;
    train_run(run_of(algorithm, env, settings), {.folder = run});
    const Checkpoint trained = Checkpoint::load(runs::newest_checkpoint(run));
    const std::string policy = algorithm == "dqn" ? "agent/q/" : "agent/actor/",
                      critic = algorithm == "dqn" ? "agent/q_target/" : "agent/critics/",
                      optimizer = algorithm == "dqn" ? "agent/q_optimizer/first" : "agent/critics_optimizer/first";
    const auto envs = make_envs(env, 1, envs::AutoresetMode::kSameStep);
    const EnvSignature facts = EnvSignature::of(*envs);

    const AgentPtr with_policy = make(algorithm, settings, *envs);
    warm_start(*with_policy, facts, runs::newest_checkpoint(run), std::vector<std::string>{"policy"});
    expect_same(trained, state_of(*with_policy), policy, true);
    expect_same(trained, state_of(*with_policy), critic, false);
    expect_same(trained, state_of(*with_policy), optimizer, false);
    if (algorithm == "td3") {  // the target follows its network
      const Checkpoint state = state_of(*with_policy);
      const std::string layer = "mlp.layers.0.weight";
      EXPECT_EQ(state.array("agent/actor/" + layer).get(3), state.array("agent/actor_target/" + layer).get(3));
    }

    const AgentPtr with_all = make(algorithm, settings, *envs);
    warm_start(*with_all, facts, runs::newest_checkpoint(run),
               std::vector<std::string>{"replay", "critic", "policy", "optimizer"});  // in any order
    for (const std::string& part : {policy, critic, optimizer}) expect_same(trained, state_of(*with_all), part, true);
    Trainer trainer(*with_all, *envs);
    trainer.learn(60, 0);  // a learner with a buffer of another training goes on
    EXPECT_EQ(trainer.steps(), 60);
  }
}

TEST(WarmStart, ARunBeginsWithThePolicyOfAnother) {
  const Scratch folder;
  train_run(run_of("ppo", "CartPole-v1", {{"n_steps", 64}, {"batch_size", 64}}), {.folder = folder / "a"});

  // another number of environments, another reward, other settings
  RunConfig config = run_of("ppo", "CartPole-v1", {{"n_steps", 32}, {"batch_size", 32}, {"learning_rate", 1e-30}});
  config.n_envs = 2;
  config.env_kwargs["sutton_barto_reward"] = true;
  config.from = (folder / "a").string();
  const auto updated = [&](const std::string& name) {
    train_run(config, {.folder = folder / name});
    return Checkpoint::load(runs::newest_checkpoint(folder / name));
  };
  const Checkpoint best = Checkpoint::load(runs::best_model_path(folder / "a"));
  expect_same(best, updated("b"), "agent/networks/", true);  // so small a learning rate changes nothing
  config.from = {};
  expect_same(best, updated("c"), "agent/networks/", false);

  // the folder repeats it
  EXPECT_NE(read_text(folder / "b/config.toml").find("from = "), std::string::npos);
  EXPECT_EQ(read_text(folder / "c/config.toml").find("from"), std::string::npos);
}

TEST(WarmStart, RefusesWhatDoesNotFitInOneSentence) {
  const Scratch folder;
  train_run(run_of("dqn", "CartPole-v1", kSmallDqn), {.folder = folder / "dqn"});
  const auto error_of = [&](RunConfig config, const std::string& from, std::vector<std::string> parts) -> std::string {
    config.from = from;
    config.from_parts = std::move(parts);
    try {
      train_run(config, {.folder = folder / "new"});
    } catch (const InputError& error) {
      EXPECT_FALSE(fs::exists(folder / "new"));
      return error.what();
    }
    return "";
  };
  const auto expect_words = [](const std::string& error, std::initializer_list<const char*> words) {
    for (const char* word : words) EXPECT_NE(error.find(word), std::string::npos) << word << " in: " << error;
  };
  const RunConfig same = run_of("dqn", "CartPole-v1", kSmallDqn);
  const std::string from = (folder / "dqn").string(), best = runs::best_model_path(folder / "dqn").string();
  Dict wide = kSmallDqn;
  wide["hidden"] = List{16};
  expect_words(error_of(run_of("dqn", "CartPole-v1", wide), from, {"policy"}), {"policy", "does not fit dqn"});
  expect_words(error_of(run_of("dqn", "MountainCar-v0", kSmallDqn), from, {"policy"}), {"trained on CartPole-v1"});
  expect_words(error_of(run_of("ppo", "CartPole-v1", {{"n_steps", 32}}), from, {"policy"}), {"does not fit ppo"});
  expect_words(error_of(same, from, {"policie"}), {"from_parts", "policie", "policy"});
  expect_words(error_of(same, from, {"policy", "policy"}), {"twice"});
  expect_words(error_of(same, from, {}), {"got none"});
  expect_words(error_of(same, best, {"replay"}), {"best.safetensors", "replay", "checkpoints/step_"});
  expect_words(error_of(same, "random", {"policy"}), {"built-in policy random"});
  expect_words(error_of(same, (folder / "nowhere").string(), {"policy"}), {"nowhere"});
  expect_words(error_of(run_of("ppo", "CartPole-v1", {{"n_steps", 32}}), from, {"critic"}), {"ppo has no part"});
}

}  // namespace
}  // namespace ludus::agents
