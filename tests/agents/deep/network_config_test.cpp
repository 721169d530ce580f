// The settings of nn::NetworkConfig reach the networks of every deep algorithm.
#include "nn/networks/network_config.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agents/algorithms.h"
#include "agents/deep/actor_critic.h"
#include "agents/deep/continuous_agent.h"
#include "agents/deep/dqn.h"
#include "agents/deep/imitation.h"
#include "base/text.h"
#include "tests/agents/support/continuous.h"

namespace ludus::agents {
namespace {

// One observation, seven actions.
EnvSignature discrete_facts() {
  EnvSignature facts = testing::push_facts();
  facts.action_space = std::make_shared<envs::Discrete>(7);
  return facts;
}

// An agent with these settings for discrete actions, or if the algorithm has none for continuous ones.
AgentPtr make(const std::string& algorithm, const Dict& settings) {
  try {
    return find_algorithm(algorithm).make(settings, discrete_facts(), 1, "cpu");
  } catch (const NotApplicable&) {
    return find_algorithm(algorithm).make(settings, testing::push_facts(), 1, "cpu");
  }
}

std::vector<std::string> deep_algorithms() {
  std::vector<std::string> names;
  for (const Algorithm& algorithm : algorithms()) {
    try {
      const AgentPtr agent = make(algorithm.name, {});
      if (dynamic_cast<OffPolicyAgent*>(agent.get()) || dynamic_cast<ActorCriticAgent*>(agent.get()) ||
          dynamic_cast<Imitation*>(agent.get())) {
        names.push_back(algorithm.name);
      }
    } catch (const Error&) {  // for other environments: a planner, a table
    }
  }
  return names;
}

class EveryDeepAlgorithm : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(NetworkConfig, EveryDeepAlgorithm, ::testing::ValuesIn(deep_algorithms()),
                         [](const auto& parameters) { return parameters.param; });

TEST(NetworkConfig, KnowsTheDeepAlgorithms) {
  EXPECT_EQ(joined(deep_algorithms()), "a2c, c51, ddpg, dqn, imitation, ppo, qr_dqn, rainbow, reinforce, sac, td3");
}

TEST_P(EveryDeepAlgorithm, HasTheActivationOfItsPublication) {
  const bool is_actor_critic = dynamic_cast<ActorCriticAgent*>(make(GetParam(), {}).get()) != nullptr;
  EXPECT_EQ(find_algorithm(GetParam()).defaults.at("activation"), Value(is_actor_critic ? "tanh" : "relu"));
}

// Agents with equal weights and different activations have different policies and value functions.
TEST_P(EveryDeepAlgorithm, ActivationReachesEveryNetwork) {
  std::vector<float> observations;
  for (int i = -500; i < 500; ++i) observations.push_back(0.02f * static_cast<float>(i));
  const std::vector<float> continuous_actions(observations.size(), 0.5f);

  envs::ActionBatch actions[2];
  std::vector<float> values[2];
  bool is_q_network = false;
  for (const bool is_tanh : {false, true}) {
    const AgentPtr agent = make(GetParam(), {{"activation", is_tanh ? "tanh" : "sigmoid"}, {"hidden", List{16, 8}}});
    agent->predict({observations, observations.size()}, /*deterministic=*/true, actions[is_tanh]);
    if (const auto* actor_critic = dynamic_cast<ActorCriticAgent*>(agent.get())) {
      values[is_tanh] = actor_critic->state_values(observations, observations.size());
    } else if (const auto* continuous = dynamic_cast<ContinuousAgent*>(agent.get())) {
      values[is_tanh] = continuous->action_values(observations, continuous_actions, observations.size());
    } else if (auto* dqn = dynamic_cast<Dqn*>(agent.get())) {
      values[is_tanh] = dqn->action_values(observations, observations.size());
      is_q_network = true;
    }
  }
  if (!values[0].empty()) {
    EXPECT_NE(values[0], values[1]);
  }
  // a greedy action may be the same for different values
  if (!is_q_network) {
    EXPECT_TRUE(actions[0].discrete != actions[1].discrete || actions[0].continuous != actions[1].continuous);
  }
}

TEST_P(EveryDeepAlgorithm, UnknownActivationIsRejectedWithTheList) {
  try {
    make(GetParam(), {{"activation", "rleu"}});
    ADD_FAILURE() << "no error";
  } catch (const InvalidArgument& error) {
    const std::string text = error.what();
    for (const nn::Activation activation : nn::kActivations) {
      EXPECT_NE(text.find(nn::name_of(activation)), std::string::npos) << text;
    }
    EXPECT_NE(text.find("Did you mean `relu`?"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace ludus::agents
