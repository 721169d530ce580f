// Policies in C against predict().
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "agents/algorithms.h"
#include "agents/rules/rules.h"
#include "agents/runner/evaluation.h"
#include "agents/runner/recorded_examples.h"
#include "base/checkpoint.h"
#include "base/format.h"
#include "base/rng.h"
#include "base/value_io.h"
#include "envs/spaces/dict.h"
#include "envs/spaces/multi_binary.h"
#include "envs/spaces/multi_discrete.h"
#include "tests/agents/support/by_hand.h"
#include "tests/agents/support/drive.h"
#include "tests/agents/support/small_agents.h"
#include "tests/support/c_library.h"
#include "tests/support/scratch.h"

namespace ludus::agents {
namespace {

using test_support::CLibrary;
using test_support::Scratch;

// A policy whose actions a compiled header computes.
class CPolicy : public Policy {
 public:
  CPolicy(const CLibrary& library, const std::string& name, const EnvSignature& signature, bool discrete)
      : discrete_(discrete), observation_size_(signature.observation_size), action_size_(signature.action_size) {
    if (discrete) {
      choose_ = library.get<void(const float*, std::int64_t*)>(name + "_act");
    } else {
      move_ = library.get<void(const float*, float*)>(name + "_act");
    }
  }

  void predict(const envs::ObservationBatch& batch, bool, envs::ActionBatch& actions) override {
    actions.discrete.resize(discrete_ ? batch.size * action_size_ : 0);
    actions.continuous.resize(discrete_ ? 0 : batch.size * action_size_);
    for (std::size_t i = 0; i < batch.size; ++i) {
      const float* observation = batch.rows.data() + i * observation_size_;
      if (discrete_) {
        choose_(observation, actions.discrete.data() + i * action_size_);
      } else {
        move_(observation, actions.continuous.data() + i * action_size_);
      }
    }
  }

 private:
  bool discrete_;
  std::size_t observation_size_, action_size_;
  void (*choose_)(const float*, std::int64_t*) = nullptr;
  void (*move_)(const float*, float*) = nullptr;
};

// Adds noise to every weight, so that no output depends on how a policy is initialised.
void perturb(Agent& agent, double scale) {
  Generator random(11);
  Checkpoint saved, changed;
  agent.save_policy(saved);
  for (const std::string& name : saved.names()) {
    Array array = saved.array(name);
    if (array.dtype() == DType::kFloat32) {
      for (float& number : array.data<float>()) number += static_cast<float>(scale * random.standard_normal());
    } else if (name.ends_with("/parameters")) {
      for (double& number : array.data<double>()) number += scale * random.standard_normal();
    }
    changed.put(name, std::move(array));
  }
  for (const std::string& name : saved.value_names()) changed.put_value(name, saved.value(name));
  agent.load_policy(changed);
}

struct Difference {
  std::size_t different_choices = 0;
  double largest = 0;  // of the numbers a of continuous actions, relative to max(1, |a|)
};

// Compares a policy and its C form on the observations of the examples.
Difference compare(const std::vector<nn::RecordedExample>& examples, Policy& c_policy) {
  Difference difference;
  envs::ActionBatch action;
  for (const nn::RecordedExample& example : examples) {
    c_policy.predict({.rows = example.input, .size = 1}, true, action);
    difference.different_choices += action.discrete != example.choices;
    for (std::size_t k = 0; k < example.numbers.size(); ++k) {
      const double expected = static_cast<double>(example.numbers[k]);
      difference.largest = std::max(difference.largest, std::abs(static_cast<double>(action.continuous[k]) - expected) /
                                                            std::max(1.0, std::abs(expected)));
    }
  }
  return difference;
}

// Observations drawn from the space, with the policy's actions.
std::vector<nn::RecordedExample> sampled_examples(Policy& policy, const EnvSignature& signature, std::size_t count) {
  const envs::SpacePtr space = signature.observation_space->clone();
  space->seed(5);
  std::vector<nn::RecordedExample> examples(count);
  std::vector<double> row(signature.observation_size);
  envs::ActionBatch actions;
  for (nn::RecordedExample& example : examples) {
    space->to_row(space->sample(), row);
    for (const double number : row) example.input.push_back(static_cast<float>(std::clamp(number, -1e3, 1e3)));
    policy.predict({.rows = example.input, .size = 1}, true, actions);
    example.numbers = actions.continuous;
    example.choices = actions.discrete;
  }
  return examples;
}

// Exports the policy, compiles it and expects predict()'s actions, and that the header's self-test passes.
void expect_same_actions(Policy& policy, const EnvSignature& signature,
                         const std::vector<nn::RecordedExample>& examples, const std::string& flags = "-O1") {
  const Scratch folder;
  const nn::ExportedPolicy exported = policy.export_policy();
  const bool discrete = exported.action.is_discrete();
  nn::write_c_header(folder / "policy.h", exported, {.name = "policy"}, std::span(examples).first(4));
  const CLibrary library(folder / "policy.h", "gcc", flags);
  EXPECT_EQ(library.get<int()>("policy_self_test")(), 0);
  CPolicy c_policy(library, "policy", signature, discrete);
  const Difference difference = compare(examples, c_policy);
  EXPECT_EQ(difference.different_choices, 0u);
  EXPECT_LE(difference.largest, 1e-6);
}

AgentPtr trained(const Algorithm& algorithm, const EnvSignature& signature, const Dict& settings, double noise = 0.3) {
  AgentPtr agent = algorithm.make(settings, signature, 7, "cpu");
  perturb(*agent, noise);
  return agent;
}

TEST(Export, EveryAlgorithmActsInCAsItPredicts) {
  // random is no function of the observation; the tables have bins of CartPole's four numbers here
  std::vector<std::string> refused, expected;
  for (const Algorithm& algorithm : algorithms()) {
    SCOPED_TRACE(algorithm.name);
    if (algorithm.name == "random" || algorithm.defaults.contains("bins")) expected.push_back(algorithm.name);
    const auto envs = testing::make_envs(testing::environment_for(algorithm.name), 1);
    const EnvSignature signature = EnvSignature::of(*envs);
    AgentPtr agent = algorithm.make(testing::settings_for(algorithm), signature, 7, "cpu");
    agent->begin(100);
    testing::Driver(*envs, *agent, 3).run(100);
    perturb(*agent, 0.3);
    try {
      agent->export_policy();
    } catch (const NotApplicable&) {
      refused.push_back(algorithm.name);
      continue;
    }
    expect_same_actions(*agent, signature, record_examples(*agent, *envs, 300, 1));
  }
  EXPECT_EQ(refused, expected);
}

TEST(Export, ATableOfDiscreteObservationsActsAsItPredicts) {
  const auto envs = testing::make_envs("FrozenLake-v1", 1);
  const EnvSignature signature = EnvSignature::of(*envs);
  AgentPtr agent = find_algorithm("q_learning").make({}, signature, 7, "cpu");
  agent->begin(3000);
  testing::Driver(*envs, *agent, 3).run(3000);
  expect_same_actions(*agent, signature, sampled_examples(*agent, signature, 100));
}

TEST(Export, EveryFormOfValueNetworkActsAsItPredicts) {
  const auto envs = testing::make_envs("MountainCar-v0", 1);
  const EnvSignature signature = EnvSignature::of(*envs);
  const Dict categorical{{"v_min", -5.0}, {"v_max", 5.0}};
  const std::vector<std::pair<const char*, Dict>> forms{
      {"dqn", {{"dueling", true}}},
      {"dqn", {{"dueling", true}, {"hidden", List{12}}, {"noisy", true}, {"activation", "gelu"}}},
      {"dqn", {{"dueling", true}, {"hidden", List{}}}},
      {"dqn", {{"hidden", List{}}}},
      {"c51", categorical},
      {"rainbow", categorical},
      {"qr_dqn", {{"dueling", true}, {"n_quantiles", 20}}},
  };
  for (const auto& [algorithm, settings] : forms) {
    SCOPED_TRACE(formatted("{} {}", algorithm, to_json(settings)));
    const AgentPtr agent = trained(find_algorithm(algorithm), signature, settings, 0.2);
    expect_same_actions(*agent, signature, record_examples(*agent, *envs, 300, 1));
  }
}

TEST(Export, EveryFormOfContinuousPolicyActsAsItPredicts) {
  const auto envs = testing::make_envs("MountainCarContinuous-v0", 1);
  const EnvSignature signature = EnvSignature::of(*envs);
  const std::vector<std::pair<const char*, Dict>> forms{
      {"sac", {{"use_sde", true}}},
      {"sac", {{"hidden", List{}}}},
      {"td3", {{"activation", "softsign"}}},
      {"ppo", {{"use_sde", true}, {"hidden", List{8}}}},
      {"ars", {{"normalize", false}, {"hidden", List{6, 5}}, {"activation", "tanh"}}},
      {"ars", {{"normalize", false}, {"bias", true}}},
      {"cem", {}},
  };
  for (const auto& [algorithm, settings] : forms) {
    SCOPED_TRACE(formatted("{} {}", algorithm, to_json(settings)));
    const AgentPtr agent = trained(find_algorithm(algorithm), signature, settings);
    expect_same_actions(*agent, signature, record_examples(*agent, *envs, 300, 1));
  }
}

TEST(Export, EveryKindOfSpaceActsAsItPredicts) {
  using envs::Box;
  const auto box = [](Shape shape, double low, double high, DType dtype = DType::kFloat32) {
    return std::make_shared<Box>(low, high, shape, dtype);
  };
  std::vector<envs::DictSpace::Part> parts;
  parts.emplace_back("camera", std::make_unique<Box>(0, 255, Shape{40, 36, 3}, DType::kUInt8));
  parts.emplace_back("gear", std::make_unique<envs::Discrete>(4, -1));
  parts.emplace_back("speed", std::make_unique<Box>(-2, 2, Shape{2}, DType::kFloat32));
  const auto dict = std::make_shared<envs::DictSpace>(std::move(parts));
  const std::vector<std::pair<std::shared_ptr<const envs::Space>, std::shared_ptr<const envs::Space>>> tasks{
      {std::make_shared<envs::Discrete>(5, 2), std::make_shared<envs::Discrete>(3, -1)},
      {std::make_shared<envs::MultiDiscrete>(std::vector<std::int64_t>{3, 4}),
       std::make_shared<envs::MultiDiscrete>(std::vector<std::int64_t>{2, 5, 3})},
      {box(Shape{3, 2}, -1, 1), std::make_shared<envs::MultiBinary>(4)},
      {box(Shape{3}, -1, 1), box(Shape{2, 2}, -0.5, 2)},
      {box(Shape{4, 44, 36}, 0, 255, DType::kUInt8), std::make_shared<envs::Discrete>(4)},
      {dict, std::make_shared<envs::Discrete>(4)},
  };
  for (const auto& [observations, actions] : tasks) {
    SCOPED_TRACE(observations->to_string() + " " + actions->to_string());
    const EnvSignature signature = testing::read_metadata(observations, actions);
    const AgentPtr agent = trained(find_algorithm("ppo"), signature, {{"hidden", List{16}}}, 0.05);
    expect_same_actions(*agent, signature, sampled_examples(*agent, signature, 60));
  }
}

TEST(Export, RefusesWhatIsNoFunctionOfTheObservation) {
  const auto message = [](const Policy& policy) -> std::string {
    try {
      policy.export_policy();
    } catch (const NotApplicable& error) {
      return error.what();
    }
    return "";
  };
  const auto envs = testing::make_envs("CartPole-v1", 1);
  const EnvSignature signature = EnvSignature::of(*envs);
  EXPECT_EQ(message(*make_builtin("lean", signature)),
            "export: the policy must be a network or a table, and this one is neither; export a trained one");
  EXPECT_EQ(message(*find_algorithm("ppo").make({{"mask_actions", true}}, signature, 1, "cpu")),
            "ppo: a policy with mask_actions cannot be exported, because its actions depend on info[\"action_mask\"]");
  EXPECT_EQ(
      message(*find_algorithm("q_learning")
                   .make({{"bins", List{2}}, {"low", List{-1.0, -1.0, -1.0, -1.0}}, {"high", List{1.0, 1.0, 1.0, 1.0}}},
                         signature, 1, "cpu")),
      "q_learning: a table can be exported for Discrete observations only; export a network instead");
}

// The 10,000 observations of a run, by every compiler, with and without optimisation; and the returns of an evaluation.
TEST(Export, ActsTheSameOnTenThousandObservations) {
  const std::vector<std::tuple<const char*, const char*, Dict>> policies{
      {"ppo", "Pendulum-v1", {{"normalize_observations", true}}},
      {"dqn", "CartPole-v1", {}},
      {"sac", "Pendulum-v1", {{"hidden", List{64, 64}}}},
  };
  for (const auto& [algorithm, id, settings] : policies) {
    SCOPED_TRACE(algorithm);
    const Scratch folder;
    const auto envs = testing::make_envs(id, 8);
    const EnvSignature signature = EnvSignature::of(*envs);
    AgentPtr agent = find_algorithm(algorithm).make(settings, signature, 7, "cpu");
    agent->begin(400);
    testing::Driver(*envs, *agent, 3).run(400);
    perturb(*agent, 0.1);
    const nn::ExportedPolicy exported = agent->export_policy();
    const auto examples = record_examples(*agent, *envs, 10'000, 1);
    nn::write_c_header(folder / "policy.h", exported, {.name = "policy"}, std::span(examples).first(32));
    const auto evaluation = testing::make_envs(id, 5, envs::AutoresetMode::kDisabled);
    const auto returns = evaluate(*agent, *evaluation, 5, 100, true).returns;

    for (const std::string& compiler : test_support::c_compilers()) {
      for (const char* level : {"-O0", "-O3"}) {
        SCOPED_TRACE(compiler + level);
        const CLibrary library(folder / "policy.h", compiler, level);
        CPolicy c_policy(library, "policy", signature, exported.action.is_discrete());
        const Difference difference = compare(examples, c_policy);
        EXPECT_EQ(difference.different_choices, 0u);
        EXPECT_LE(difference.largest, 1e-6);
        RecordProperty(formatted("{}_{}{}", algorithm, compiler, level), formatted("{}", difference.largest));
        const auto c_returns = evaluate(c_policy, *evaluation, 5, 100, true).returns;
        for (std::size_t i = 0; i < returns.size(); ++i) EXPECT_NEAR(c_returns[i], returns[i], 1e-3);
      }
    }
  }
}

}  // namespace
}  // namespace ludus::agents
