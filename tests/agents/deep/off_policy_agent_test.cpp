// Tests of all off-policy algorithms for continuous actions.
#include "agents/deep/continuous_agent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "agents/algorithms.h"
#include "agents/deep/sac.h"
#include "tests/agents/support/continuous.h"
#include "tests/agents/support/drive.h"
#include "tests/agents/support/edit.h"
#include "tests/agents/support/resume.h"

namespace ludus::agents {
namespace {

// An algorithm, and settings that bring out one of its forms.
struct Form {
  friend void PrintTo(const Form& form, std::ostream* out) { *out << form.name; }

  std::string name;
  std::string algorithm;
  Dict settings;
};

std::vector<Form> forms() {
  return {{"ddpg", "ddpg", {}},
          {"ddpg_ornstein_uhlenbeck", "ddpg", {{"noise", "ornstein_uhlenbeck"}}},
          {"td3", "td3", {}},
          {"sac", "sac", {}},
          {"sac_fixed", "sac", {{"entropy_coefficient", 0.05}}},
          {"sac_sde", "sac", {{"use_sde", true}, {"log_std_init", -1.0}, {"train_freq", 8}, {"gradient_steps", 8}}}};
}

AgentPtr make(const Form& form, const EnvSignature& facts, Dict settings, std::uint64_t seed = 1) {
  for (const auto& [key, value] : form.settings) settings[key] = value;
  return find_algorithm(form.algorithm).make(settings, facts, seed, "cpu");
}

class EveryForm : public ::testing::TestWithParam<Form> {
 protected:
  void SetUp() override { testing::register_continuous_envs(); }
};

INSTANTIATE_TEST_SUITE_P(OffPolicy, EveryForm, ::testing::ValuesIn(forms()),
                         [](const auto& parameters) { return parameters.param.name; });

// The arrays under `prefix` in the order of the flat vector: the parameters of a module before those of its submodules,
// weights before biases.
std::vector<std::string> in_order(const std::vector<std::string>& names, const std::string& prefix) {
  std::vector<std::string> found;
  for (const std::string& name : names) {
    if (name.starts_with(prefix)) found.push_back(name);
  }
  const auto key = [&](const std::string& name) {
    const std::size_t dot = name.rfind('.');
    const bool own = dot == std::string::npos;
    return std::tuple(!own, own ? name : name.substr(0, dot), !name.ends_with("weight"));
  };
  std::sort(found.begin(), found.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  return found;
}

// dL/dθ of every loss by the agent, read from Adam's first mean, (1 − β1) g = 0.1 g after one step, against the
// difference of the losses that the agent reports for θ + h and θ − h. A learning rate too small to move a float keeps
// one network's step from changing the next one's loss.
TEST_P(EveryForm, GradientsAreThoseOfTheLosses) {
  const auto envs = testing::make_envs("AgentsTest/Sledge-v0", 1);
  const EnvSignature facts = EnvSignature::of(*envs);
  Dict settings{{"hidden", List{6}},  {"learning_rate", 1e-12}, {"learning_starts", 20},
                {"batch_size", 8},    {"train_freq", 1},        {"gradient_steps", 1},
                {"buffer_size", 100}, {"policy_delay", 1},      {"target_noise", 0.2}};
  if (GetParam().algorithm != "td3") {
    settings.erase("policy_delay");
    settings.erase("target_noise");
  }
  const auto fresh = [&] {
    Form form = GetParam();
    form.settings.erase("train_freq");
    form.settings.erase("gradient_steps");
    return make(form, facts, settings);
  };
  const AgentPtr agent = fresh();
  testing::Driver(*envs, *agent, 0).run(20);
  agent->metrics();
  const Checkpoint before = testing::saved_state(*agent);

  // one step more, from `state`
  const auto figures = [&](const Checkpoint& state, Checkpoint* after) {
    const AgentPtr copy = fresh();
    copy->load(state);
    const std::array<float, 2> observation{0.4f, -0.3f}, next{0.1f, 0.2f};
    const std::array<double, 1> reward{-0.5};
    const std::array<std::uint8_t, 1> no{0};
    envs::ActionBatch actions;
    actions.continuous = {0.7f};
    copy->observe({.observations = observation,
                   .actions = &actions,
                   .rewards = reward,
                   .next_observations = next,
                   .terminated = no,
                   .truncated = no});
    copy->update();
    if (after) copy->save(*after);
    return copy->metrics();
  };
  Checkpoint after;
  figures(before, &after);

  struct Loss {
    std::string tag, part;
  };
  const bool sac = GetParam().algorithm == "sac";
  std::vector<Loss> losses{{"train/critic_loss", "critics"}, {"train/actor_loss", sac ? "policy" : "actor"}};
  if (before.contains("agent/temperature/log_alpha")) losses.push_back({"train/ent_coef_loss", "temperature"});
  for (const auto& [tag, part] : losses) {
    const std::vector<float> first_moment = testing::floats_of(after, "agent/" + part + "_optimizer/first_moment");
    std::size_t k = 0;
    double norm = 0;
    for (const std::string& name : in_order(before.names(), "agent/" + part + "/")) {
      const std::vector<float> numbers = testing::floats_of(before, name);
      for (std::size_t i = 0; i < numbers.size(); ++i, ++k) {
        constexpr float kStep = 1e-3f;
        std::vector<float> up = numbers, down = numbers;
        up[i] += kStep;
        down[i] -= kStep;
        const double high = figures(testing::edited(before, {{name, up}}), nullptr).at(tag);
        const double low = figures(testing::edited(before, {{name, down}}), nullptr).at(tag);
        const double difference = (high - low) / (static_cast<double>(up[i]) - static_cast<double>(down[i]));
        ASSERT_LT(k, first_moment.size());
        const double gradient = static_cast<double>(first_moment[k]) / 0.1;
        EXPECT_NEAR(gradient, difference, 2e-3 + 0.01 * std::abs(gradient)) << tag << " by " << name << " " << i;
        norm += gradient * gradient;
      }
    }
    EXPECT_EQ(k, first_moment.size());
    EXPECT_GT(std::sqrt(norm), 0.02) << tag;
  }
}

TEST_P(EveryForm, ATimeLimitDoesNotLowerTheValueAndAnEndDoes) {
  // 1 / (1 − 0.9) = 10 for every number of steps to the limit, because the state does not show it; if the limit were a
  // termination, every fifth target would be 1: Q = 1 + 0.9 · 4/5 Q = 3.57. If each step terminates, Q = 1
  for (const bool ends : {false, true}) {
    const auto envs =
        testing::make_envs("AgentsTest/EndlessPush-v0", 1, envs::AutoresetMode::kSameStep, {{"ends", ends}});
    Dict settings{{"hidden", List{}},      {"learning_rate", 0.05}, {"discount", 0.9},   {"buffer_size", 300},
                  {"learning_starts", 10}, {"batch_size", 32},      {"polyak_tau", 0.2}, {"gradient_steps", 1}};
    if (GetParam().algorithm == "sac") settings["entropy_coefficient"] = 1e-6;  // reward alone
    Form form = GetParam();
    form.settings.erase("entropy_coefficient");
    if (form.settings.find("use_sde")) settings["hidden"] = List{4};
    const AgentPtr agent = make(form, EnvSignature::of(*envs), settings);
    agent->begin(800);
    testing::Driver(*envs, *agent, 0).run(800);
    const auto& learner = dynamic_cast<const ContinuousAgent&>(*agent);
    for (const float action : {-1.5f, 0.0f, 1.5f}) {
      const float value = learner.action_values(std::array<float, 1>{1}, std::array<float, 1>{action}, 1)[0];
      EXPECT_NEAR(value, ends ? 1 : 10, ends ? 0.1 : 0.6) << action;
    }
  }
}

TEST_P(EveryForm, LearnsToRest) {
  // 1,000 steps of the sledge. Random forces earn −10.6 in the mean of 50 episodes, none at all −3.7, the best linear
  // feedback −0.42; six seeds of every form earned between −0.65 and −0.44.
  for (const std::uint64_t seed : {0, 1, 2}) {
    const auto envs = testing::make_envs("AgentsTest/Sledge-v0", 1);
    const AgentPtr agent = make(GetParam(), EnvSignature::of(*envs),
                                {{"hidden", List{32, 32}},
                                 {"learning_rate", 3e-3},
                                 {"discount", 0.9},
                                 {"learning_starts", 100},
                                 {"batch_size", 32},
                                 {"buffer_size", 5000},
                                 {"polyak_tau", 0.05}},
                                seed);
    agent->begin(1000);
    testing::Driver(*envs, *agent, seed).run(1000);
    EXPECT_GT(testing::mean_return(*agent, "AgentsTest/Sledge-v0", 50, 1000), -0.8) << "seed " << seed;
  }
}

TEST_P(EveryForm, ResumesExactlyAndItsPolicyIsShipped) {
  const auto make_agent = [](const EnvSignature& facts) {
    return make(GetParam(), facts,
                {{"hidden", List{8}},
                 {"learning_starts", 30},
                 {"batch_size", 8},
                 {"buffer_size", 60},
                 {"learning_rate", "lin_0.01"}},
                3);
  };
  for (const std::int64_t first : {0, 20, 101}) {
    testing::expect_exact_resume(make_agent, "AgentsTest/Sledge-v0", 1, first, 60);
  }
  testing::expect_exact_resume(make_agent, "AgentsTest/Sledge-v0", 3, 90, 90);
  const auto envs = testing::make_envs("AgentsTest/Sledge-v0", 2);
  const AgentPtr trained = make_agent(EnvSignature::of(*envs));
  trained->begin(100);
  testing::Driver(*envs, *trained, 5).run(100);
  testing::expect_policy_alone_acts_alike(make_agent, *trained, "AgentsTest/Sledge-v0");
}

TEST_P(EveryForm, ActionsStayInTheBoxAndWarmUpFillsIt) {
  const auto envs = testing::make_envs("AgentsTest/Sledge-v0", 4);
  const AgentPtr agent =
      make(GetParam(), EnvSignature::of(*envs),
           {{"hidden", List{8}}, {"learning_starts", 2000}, {"noise", "normal"}, {"noise_std", 2.0}});
  double low = 0, high = 0, sum = 0;
  testing::Driver driver(*envs, *agent, 0);
  for (int i = 0; i < 500; ++i) {
    driver.run(4);
    for (const float action : driver.last_actions().continuous) {
      low = std::min<double>(low, action);
      high = std::max<double>(high, action);
      sum += action;
    }
  }
  EXPECT_LT(low, -1.98);
  EXPECT_GT(high, 1.98);
  EXPECT_NEAR(sum / 2000, 0, 0.1);  // σ/√n is 0.026
  driver.run(200);                  // of the policy, with noise wider than the box
  for (const float action : driver.last_actions().continuous) EXPECT_LE(std::abs(action), 2.0f);
}

TEST_P(EveryForm, LearnsWhenItIsTime) {
  const auto updates = [](Dict settings, std::size_t n, std::int64_t steps) {
    const auto envs = testing::make_envs("AgentsTest/Sledge-v0", n);
    settings["hidden"] = List{4};
    settings["batch_size"] = 2;
    Form form = GetParam();
    form.settings.erase("train_freq");
    form.settings.erase("gradient_steps");
    const AgentPtr agent = make(form, EnvSignature::of(*envs), settings);
    agent->begin(steps);
    testing::Driver(*envs, *agent, 0).run(steps);
    const Metrics figures = agent->metrics();
    const auto found = figures.find("train/n_updates");
    return found == figures.end() ? 0.0 : found->second;
  };
  EXPECT_EQ(updates({{"learning_starts", 30}}, 1, 30), 0);                    // not before
  EXPECT_EQ(updates({{"learning_starts", 30}}, 1, 40), 10);                   // one each step
  EXPECT_EQ(updates({{"learning_starts", 0}, {"train_freq", 8}}, 1, 40), 5);  // after 8, 16, …, 40
  EXPECT_EQ(updates({{"learning_starts", 0}, {"train_freq", 8}, {"gradient_steps", 3}}, 1, 40), 15);
  EXPECT_EQ(updates({{"learning_starts", 0}, {"train_freq", 5}, {"gradient_steps", -1}}, 2, 40), 40);
}

TEST_P(EveryForm, TheLearningRateFollowsItsSchedule) {
  const auto envs = testing::make_envs("AgentsTest/Sledge-v0", 1);
  Form form = GetParam();
  form.settings.erase("train_freq");
  form.settings.erase("gradient_steps");
  const AgentPtr agent =
      make(form, EnvSignature::of(*envs),
           {{"hidden", List{4}}, {"batch_size", 2}, {"learning_rate", "lin_0.1"}, {"learning_starts", 0}});
  agent->begin(100);
  testing::Driver driver(*envs, *agent, 0);
  driver.run(75);
  EXPECT_NEAR(agent->metrics().at("train/learning_rate"), 0.025, 1e-12);
  const Checkpoint saved = testing::saved_state(*agent);
  const std::string part = form.algorithm == "sac" ? "policy" : "actor";
  // TD3 updates its actor at every second step: the last time at step 74
  const double expected = form.algorithm == "td3" ? 0.026 : 0.025;
  EXPECT_NEAR(saved.array("agent/critics_optimizer/learning_rate").data<double>()[0], 0.025, 1e-12);
  EXPECT_NEAR(saved.array("agent/" + part + "_optimizer/learning_rate").data<double>()[0], expected, 1e-12);
}

TEST_P(EveryForm, SettingsOutOfRangeAreRefused) {
  const EnvSignature facts = testing::push_facts();
  const auto refused = [&](const char* key, const Value& value) {
    EXPECT_THROW(make(GetParam(), facts, {{key, value}}), InputError) << key;
  };
  const std::vector<std::pair<const char*, Value>> wrong{
      {"learning_rate", 0.0}, {"learning_rate", "lin_x"}, {"buffer_size", 0},       {"learning_starts", -1},
      {"batch_size", 0},      {"discount", 1.1},          {"polyak_tau", 0.0},      {"hidden", List{8, 0}},
      {"noise_std", -1},      {"noise", "loud"},          {"noise_time_step", 0.0}, {"no_such_setting", 1}};
  for (const auto& [key, value] : wrong) {
    if (GetParam().settings.find(key)) continue;
    refused(key, value);
  }
  EnvSignature discrete = facts;
  discrete.action_space = std::make_shared<envs::Discrete>(2);
  EXPECT_THROW(make(GetParam(), discrete, {}), NotApplicable);
  EXPECT_THROW(find_algorithm(GetParam().algorithm).make({}, facts, 0, "abacus"), InputError);
}

TEST_P(EveryForm, ADivergedTrainingSaysSo) {
  const AgentPtr agent = make(GetParam(), testing::push_facts(), {{"hidden", List{4}}, {"learning_starts", 0}});
  const std::array<float, 1> observation{1}, next{NAN};
  const std::array<double, 1> reward{1};
  const std::array<std::uint8_t, 1> no{0};
  envs::ActionBatch actions;
  actions.continuous = {0.5f};
  const auto learn = [&] {
    for (int i = 0; i < 10; ++i) {
      agent->observe({.observations = observation,
                      .actions = &actions,
                      .rewards = reward,
                      .next_observations = next,
                      .terminated = no,
                      .truncated = no});
      agent->update();
    }
  };
  EXPECT_THROW(learn(), WorkError);
}

}  // namespace
}  // namespace ludus::agents
