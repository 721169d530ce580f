// Every tabular algorithm: exact small problems, optima of toy text, resumption. New algorithms are included once they
// are registered.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "agents/runner/run_config.h"
#include "tests/agents/support/by_hand.h"
#include "tests/agents/support/resume.h"
#include "tests/agents/support/small_envs.h"
#include "tests/agents/support/table_tasks.h"

namespace ludus::agents {
namespace {

using testing::Driver;
using testing::make_envs;

class EveryTable : public ::testing::TestWithParam<std::string> {
 protected:
  static AgentPtr make(const Dict& settings, const EnvSignature& facts, std::uint64_t seed = 1) {
    return find_algorithm(GetParam()).make(settings, facts, seed, "cpu");
  }
  static std::span<const double> values(const Agent& agent, std::size_t state) {
    return dynamic_cast<const TabularAgent&>(agent).values(state);
  }
};

// Reward 1 per step on a ring. If truncated after a round: 1 / (1 - 0.9) = 10 in every state. If terminated after a
// round (and truncated in the same step), the values are the remaining rewards: 1, 1.9, 2.71.
TEST_P(EveryTable, BootstrapsWhereTheEpisodeWasCutAndNotWhereItEnded) {
  testing::register_small_envs();
  for (const std::size_t n : {1u, 4u}) {
    for (const bool ends : {false, true}) {
      const auto envs = make_envs("AgentsTest/Ring-v0", n, envs::AutoresetMode::kSameStep, {{"ends", ends}});
      const AgentPtr agent =
          make({{"discount", 0.9}, {"learning_rate", 0.5}, {"exploration", 1.0}}, EnvSignature::of(*envs));
      agent->begin(12000);
      Driver(*envs, *agent, 0).run(12000);
      const double wanted[3] = {ends ? 2.71 : 10, ends ? 1.9 : 10, ends ? 1.0 : 10};
      for (std::size_t s = 0; s < 3; ++s) {
        for (std::size_t a = 0; a < 2; ++a) EXPECT_NEAR(values(*agent, s)[a], wanted[s], 1e-6) << ends << s << a;
      }
    }
  }
}

// The greedy policy that is learnt is as good as the best there is; how nearly, table_tasks() says. Taxi, and more
// seeds, are among the slow tests.
TEST_P(EveryTable, ReachesTheOptimumThatPlanningComputes) {
  for (const testing::TableTask& task : testing::table_tasks(GetParam())) {
    if (task.name == "Taxi") continue;
    for (const std::uint64_t seed : {0u, 1u}) {
      EXPECT_LE(testing::learnt_regret(GetParam(), task, seed), task.regret) << task.name << ", seed " << seed;
    }
  }
}

// Three numbers to a state (the sum of the cards, the dealer's card, a usable ace). By the rules of the game the best
// policy loses 0.045 a game on average, and random actions lose 0.39. Means of 20,000 games: standard error 0.007.
TEST_P(EveryTable, LearnsBlackjack) {
  const auto envs = make_envs("Blackjack-v1", 1);
  const AgentPtr agent = make({{"discount", 1.0}, {"learning_rate", "lin_0.05_0.002"}, {"exploration", "lin_1_0.1"}},
                              EnvSignature::of(*envs));
  EXPECT_EQ(dynamic_cast<TabularAgent&>(*agent).table().states(), 32u * 11 * 2);
  agent->begin(100000);
  Driver(*envs, *agent, 0).run(100000);
  EXPECT_GE(testing::mean_return(*agent, "Blackjack-v1", 20000, 1000), -0.10);
}

// Small enough to be quick, and with ends of both kinds.
Dict coarse() {
  return {{"bins", List{3}}, {"low", List{-2.4, -2.0, -0.2, -2.0}}, {"high", List{2.4, 2.0, 0.2, 2.0}}};
}

TEST_P(EveryTable, ResumesExactlyAndShipsItsPolicy) {
  const auto pole = [](const EnvSignature& facts) { return make(coarse(), facts); };
  testing::expect_exact_resume(pole, "CartPole-v0", 1, 1001, 1000);
  testing::expect_exact_resume(pole, "CartPole-v0", 3, 1500, 1500);
  testing::expect_exact_resume([](const EnvSignature& facts) { return make({}, facts); }, "Blackjack-v1", 2, 501, 500);

  const auto envs = make_envs("CartPole-v0", 2);
  const AgentPtr agent = pole(EnvSignature::of(*envs));
  agent->begin(4000);
  Driver(*envs, *agent, 0).run(4000);
  testing::expect_policy_alone_acts_alike(pole, *agent, "CartPole-v0");
}

TEST_P(EveryTable, ABrokenCheckpointIsRefusedAndChangesNothing) {
  const auto envs = make_envs("CartPole-v0", 2);
  const AgentPtr agent = make(coarse(), EnvSignature::of(*envs));
  agent->begin(2000);
  Driver(*envs, *agent, 0).run(2000);
  Checkpoint before, after, three, finer;
  agent->save(before);

  make(coarse(), EnvSignature::of(*make_envs("CartPole-v0", 3)))->save(three);
  Dict more = coarse();
  more["bins"] = List{4};
  make(more, EnvSignature::of(*envs))->save(finer);
  EXPECT_THROW(agent->load(three), CorruptCheckpoint);
  EXPECT_THROW(agent->load(finer), CorruptCheckpoint);
  EXPECT_THROW(agent->load_policy(finer), CorruptCheckpoint);
  // every array missing or of another shape, one at a time
  for (const std::string& name : before.names()) {
    const Array none = Array::of(std::span<const double>());
    EXPECT_THROW(agent->load(testing::with_array(before, name, none)), CorruptCheckpoint) << name;
  }
  agent->save(after);
  testing::expect_equal(before, after);
}

// Rewards near the greatest double: their sum is beyond all numbers.
TEST_P(EveryTable, ValuesThatDivergeAreAnErrorAndNoCrash) {
  const AgentPtr agent =
      make({{"discount", 1.0}, {"learning_rate", 1.0}, {"exploration", 0.0}}, testing::numbered(2, 1));
  agent->begin(100);
  EXPECT_THROW(
      {
        for (std::int64_t t = 0; t < 40; ++t) {
          testing::show(*agent, t % 2, 0, 1.7e308, (t + 1) % 2,
                        t == 39 ? testing::Then::kTerminated : testing::Then::kGoesOn);
        }
      },
      WorkError);
  testing::action_in(*agent, 0);
}

TEST_P(EveryTable, MetricsAreTheOnesItNames) {
  const auto envs = make_envs("Blackjack-v1", 1);
  const AgentPtr agent = make({}, EnvSignature::of(*envs));
  agent->begin(100);
  Driver(*envs, *agent, 0).run(100);
  std::vector<std::string> names;
  for (const auto& [name, value] : agent->metrics()) names.push_back(name);
  EXPECT_EQ(names, agent->metric_names());
}

TEST_P(EveryTable, SettingsOutOfRangeAndOtherSpacesAreRefused) {
  const EnvSignature lake = EnvSignature::of(*make_envs("FrozenLake-v1", 1));
  for (const Dict& wrong : {Dict{{"discount", 1.01}}, Dict{{"learning_rate", -0.1}}, Dict{{"learning_rate", "lin_2"}},
                            Dict{{"exploration", 2.0}}, Dict{{"initial_value", std::nan("")}}, Dict{{"alpha", 0.1}}}) {
    EXPECT_THROW(make(wrong, lake), InputError) << wrong.begin()->first;
  }
  EXPECT_THROW(make({}, EnvSignature::of(*make_envs("CartPole-v0", 1))), InvalidArgument);  // velocities are unbounded
  EXPECT_THROW(make({}, EnvSignature::of(*make_envs("Pendulum-v1", 1))), NotApplicable);    // actions are a Box
}

INSTANTIATE_TEST_SUITE_P(Tabular, EveryTable, ::testing::ValuesIn(testing::table_learners()),
                         [](const auto& parameters) { return parameters.param; });

TEST(TabularSettings, OfOneAlgorithmAloneAreChecked) {
  const EnvSignature lake = EnvSignature::of(*make_envs("FrozenLake-v1", 1));
  const auto make = [&](const char* algorithm, const Dict& settings) {
    return find_algorithm(algorithm).make(settings, lake, 0, "cpu");
  };
  EXPECT_THROW(make("n_step_sarsa", {{"n_steps", 0}}), InvalidArgument);
  EXPECT_THROW(make("tree_backup", {{"n_steps", -1}}), InvalidArgument);
  EXPECT_THROW(make("sarsa_lambda", {{"lambda", 1.1}}), InvalidArgument);
  EXPECT_THROW(make("q_lambda", {{"traces", "dutch"}}), InputError);
  EXPECT_EQ(make("q_lambda", {{"traces", "replacing"}})->config().at("traces").as_string(), "replacing");
}

// Sutton and Barto 2018, example 6.6 and figure 6.4: α = 0.5, γ = 1, ε = 0.1, 500 episodes, here the mean of the last
// 100 over 20 seeds. Q-learning learns the shortest way, along the edge, and falls off it while it explores: about -50
// an episode. SARSA takes account of that and goes round: about -25. Without exploration it is 13 steps against 15 or
// 17.
TEST(CliffWalking, SarsaLearnsTheSafeWayAndQLearningTheShortest) {
  const auto train = [](const char* algorithm) {
    double online = 0;
    std::vector<std::int64_t> lengths;
    constexpr std::uint64_t kSeeds = 20;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const auto envs = make_envs("CliffWalking-v1", 1);
      const AgentPtr agent = find_algorithm(algorithm).make(
          {{"learning_rate", 0.5}, {"discount", 1.0}, {"exploration", 0.1}}, EnvSignature::of(*envs), seed, "cpu");
      agent->begin(1);
      Driver driver(*envs, *agent, seed);
      double sum = 0;
      for (int episode = 0; episode < 500;) {
        driver.run(1);
        if (episode >= 400) sum += envs->last().rewards[0];
        if (envs->last().terminated[0]) ++episode;
      }
      online += sum / 100 / static_cast<double>(kSeeds);

      // the greedy way, 50 steps at most
      const auto env = envs::make("CliffWalking-v1");
      std::int64_t state = env->reset(0).observation.as_int(), length = 0;
      for (bool there = false; !there && length < 50; ++length) {
        envs::ActionBatch actions;
        agent->predict({std::vector<float>{static_cast<float>(state)}, 1}, true, actions);
        const envs::Step step = env->step(actions.discrete[0]);
        state = step.observation.as_int();
        there = step.terminated;
      }
      lengths.push_back(length);
    }
    std::sort(lengths.begin(), lengths.end());
    return std::pair(online, lengths);
  };
  const auto [q_online, q_lengths] = train("q_learning");
  const auto [sarsa_online, sarsa_lengths] = train("sarsa");
  EXPECT_NEAR(q_online, -50, 8);
  EXPECT_NEAR(sarsa_online, -25, 4);
  EXPECT_EQ(q_lengths[q_lengths.size() / 2], 13);
  EXPECT_GE(sarsa_lengths[sarsa_lengths.size() / 2], 15);
  EXPECT_LE(sarsa_lengths[sarsa_lengths.size() / 2], 17);
  ::testing::Test::RecordProperty("q_online", std::to_string(q_online));
  ::testing::Test::RecordProperty("sarsa_online", std::to_string(sarsa_online));
}

}  // namespace
}  // namespace ludus::agents
