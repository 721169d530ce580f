// Planning: Bellman's equations by hand, and Gymnasium's tables against golden optima.
#include <gtest/gtest.h>

#include <cmath>

#include "agents/planning/policy_iteration.h"
#include "agents/planning/value_iteration.h"
#include "envs/registry/registry.h"
#include "tests/agents/support/drive.h"
#include "tests/agents/support/resume.h"
#include "tests/agents/support/small_envs.h"
#include "tests/support/golden.h"

namespace ludus::agents {
namespace {

using envs::Outcome;
using envs::TransitionModel;
using testing::make_envs;

// Two states. In 0: action 0 stays for 1; action 1 tries to leave for 0, and half of the time stays. In 1: either
// action ends the task with 10. Begins in 0 (¾) or 1 (¼).
TransitionModel two_rooms() {
  return TransitionModel(2, 2, {0.75, 0.25}, [](std::int64_t state, std::int64_t action, std::vector<Outcome>& out) {
    if (state == 1) {
      out.push_back({1.0, 1, 10.0, true});
    } else if (action == 0) {
      out.push_back({1.0, 0, 1.0, false});
    } else {
      out.push_back({0.5, 1, 0.0, false});
      out.push_back({0.5, 0, 0.0, false});
    }
  });
}

// γ = ½. V(1) = 10. Always staying has value 1/(1 - ½) = 2. Leaving: v = ½ (½ · 10 + ½ v) gives v = 2.5/0.75 = 10/3.
TEST(Planning, ByHand) {
  const TransitionModel model = two_rooms();
  EXPECT_NEAR(action_value(model, {3, 10}, 0.5, 0, 0), 2.5, 1e-15);   // 1 + ½ · 3
  EXPECT_NEAR(action_value(model, {3, 10}, 0.5, 0, 1), 3.25, 1e-15);  // ½ · ½ · 10 + ½ · ½ · 3
  EXPECT_NEAR(action_value(model, {3, 10}, 0.5, 1, 0), 10,
              1e-15);  // terminal: the value of the state itself does not count
  StateValues values{0, 0};
  EXPECT_EQ(sweep(model, 0.5, values), 10);  // (1, 10)
  EXPECT_EQ(values, (StateValues{1, 10}));
  EXPECT_EQ(sweep(model, 0.5, values), 1.75);  // ½ · ½ · 10 + ½ · ½ · 1 = 2.75
  EXPECT_EQ(values, (StateValues{2.75, 10}));

  for (const Plan& plan : {value_iteration(model, {.discount = 0.5}), policy_iteration(model, {.discount = 0.5})}) {
    EXPECT_NEAR(plan.values[0], 10.0 / 3, 1e-10);
    EXPECT_NEAR(plan.values[1], 10, 1e-10);
    EXPECT_EQ(plan.policy, (StateActions{1, 0}));
    EXPECT_NEAR(start_value(model, plan.values), 0.75 * 10 / 3 + 2.5, 1e-10);
  }
  EXPECT_NEAR(policy_values(model, {0, 0}, 0.5)[0], 2, 1e-10);
  EXPECT_NEAR(policy_values(model, {1, 0}, 0.5)[0], 10.0 / 3, 1e-10);
  EXPECT_EQ(best_actions(model, {10.0 / 3, 10}, 0.5, 1), (std::vector<std::int64_t>{0, 1}));

  // γ = 0: only the next reward counts
  EXPECT_EQ(value_iteration(model, {.discount = 0}).values, (StateValues{1, 10}));
  EXPECT_EQ(policy_iteration(model, {.discount = 0}).policy, (StateActions{0, 0}));
}

// Undiscounted, from room 0 with k steps left: 1 step: 1 (stay). 2: max(1 + 1, ½ · 10 + ½ · 1) = 5.5.
// Always leaving: 0, then ½ · 10 + ½ · 0 = 5. Room 1 has value 10 from the first step on.
TEST(Planning, FiniteHorizonByHand) {
  const TransitionModel model = two_rooms();
  const StateActions leave{1, 0};
  EXPECT_EQ(expected_return(model, 0), 0);
  EXPECT_NEAR(expected_return(model, 1), 0.75 * 1 + 2.5, 1e-15);
  EXPECT_NEAR(expected_return(model, 2), 0.75 * 5.5 + 2.5, 1e-15);
  EXPECT_NEAR(expected_return(model, 1, &leave), 2.5, 1e-15);
  EXPECT_NEAR(expected_return(model, 2, &leave), 0.75 * 5 + 2.5, 1e-15);
}

TEST(Planning, RefusesWhatCannotConverge) {
  const TransitionModel model = two_rooms();
  EXPECT_THROW(value_iteration(model, {.discount = 1}), InvalidArgument);
  EXPECT_THROW(policy_iteration(model, {.discount = -0.1}), InvalidArgument);
  EXPECT_THROW(value_iteration(model, {.tolerance = 0}), InvalidArgument);
}

// A state of value 0.8/3 per step for ever, 266.67 at γ = 0.999. Rounding allows 4 · 2.2e-16 · 266.67 / 0.001 =
// 2.4e-10.
TEST(Planning, RefusesToPromiseMoreThanDoublePrecisionHolds) {
  const TransitionModel model(1, 1, {1.0}, [](std::int64_t, std::int64_t, std::vector<Outcome>& out) {
    out.push_back({1.0 / 3, 0, 1.0, false});
    out.push_back({2.0 / 3, 0, -0.1, false});
  });
  EXPECT_NEAR(value_iteration(model, {.discount = 0.999, .tolerance = 3e-10}).values[0], 800.0 / 3, 3e-10 + 2.4e-10);
  EXPECT_THROW(value_iteration(model, {.discount = 0.999, .tolerance = 2e-10}), PlanningFailed);
  EXPECT_THROW(policy_iteration(model, {.discount = 0.999, .tolerance = 2e-10}), PlanningFailed);
  EXPECT_THROW(policy_values(model, {0}, 0.999, 2e-10), PlanningFailed);
}

// V within 1e-9 and the optimal actions exactly, of both planners, at both discounts; the largest return within the
// time limit to 1e-9.
TEST(PlanningGolden, OptimaOfToyText) {
  std::size_t solutions = 0;
  double worst = 0, worst_horizon = 0;
  for (const Value& line : ludus::testing::read_jsonl(ludus::testing::golden_directory() / "tabular_optimal.jsonl")) {
    const Dict& record = line.as_dict();
    if (record.contains("meta")) continue;
    const std::string& id = record.at("env_id").as_string();
    const auto model = envs::transition_model(*envs::make(id, record.at("kwargs").as_dict()));
    const Dict& horizon = record.at("finite_horizon").as_dict();
    worst_horizon = std::max(worst_horizon, std::abs(expected_return(*model, horizon.at("steps").as_int()) -
                                                     horizon.at("start_value").as_double()));
    for (const Value& each : record.at("solutions").as_list()) {
      const Dict& solution = each.as_dict();
      const double discount = solution.at("gamma").as_double();
      const std::vector<double> optimum = ludus::testing::doubles_of(solution.at("V"));
      const List& best = solution.at("optimal_actions").as_list();
      for (const Plan& plan :
           {value_iteration(*model, {.discount = discount}), policy_iteration(*model, {.discount = discount})}) {
        SCOPED_TRACE(id + " at " + std::to_string(discount));
        ASSERT_EQ(plan.values.size(), optimum.size());
        for (std::size_t s = 0; s < optimum.size(); ++s) {
          worst = std::max(worst, std::abs(plan.values[s] - optimum[s]));
          const auto state = static_cast<std::int64_t>(s);
          EXPECT_EQ(best_actions(*model, plan.values, discount, state), ludus::testing::int64s_of(best[s])) << s;
          EXPECT_EQ(plan.policy[s], best[s].as_list()[0].as_int()) << s;
        }
        EXPECT_NEAR(start_value(*model, plan.values), solution.at("start_value").as_double(), 1e-9);
      }
      ++solutions;
    }
  }
  EXPECT_EQ(solutions, 16u);
  EXPECT_LE(worst, 1e-9);
  EXPECT_LE(worst_horizon, 1e-9);
  RecordProperty("worst_value", std::to_string(worst * 1e12) + "e-12");
  RecordProperty("worst_horizon", std::to_string(worst_horizon * 1e12) + "e-12");
}

template <class A>
AgentPtr planner_for(const EnvSignature& facts) {
  return std::make_unique<A>(PlannerConfig{}, facts, 0, "cpu");
}

// The plan as a policy: the golden finite-horizon optimum of slippery FrozenLake is 0.7442; the plan for γ = 0.99 does
// not know of the time limit, and its mean over 2000 episodes has a standard error of 0.01.
TEST(Planner, PlansBeforeTheFirstStepAndPlaysItsPlan) {
  const auto envs = make_envs("FrozenLake-v1", 3);
  for (const auto& make : {planner_for<ValueIteration>, planner_for<PolicyIteration>}) {
    const AgentPtr agent = make(EnvSignature::of(*envs));
    envs::ActionBatch actions;
    EXPECT_FALSE(agent->finished());
    EXPECT_THROW(agent->predict({std::vector<float>{0}, 1}, true, actions), WorkError);
    agent->begin(1);
    EXPECT_TRUE(agent->finished());
    EXPECT_NEAR(testing::mean_return(*agent, "FrozenLake-v1", 2000, 9), 0.74, 0.03);

    Checkpoint saved;
    agent->save(saved);
    const AgentPtr loaded = make(EnvSignature::of(*make_envs("FrozenLake-v1", 7)));
    loaded->load(saved);
    EXPECT_TRUE(loaded->finished());
    Checkpoint again;
    loaded->save(again);
    testing::expect_equal(saved, again);
    EXPECT_THROW(make(EnvSignature::of(*make_envs("FrozenLake8x8-v1", 1)))->load(saved), CorruptCheckpoint);
  }
}

TEST(Planner, NeedsATableWhoseStatesAreTheObservations) {
  testing::register_small_envs();
  for (const char* id : {"CartPole-v1", "Blackjack-v1", "AgentsTest/Chain-v0"}) {
    try {
      planner_for<ValueIteration>(EnvSignature::of(*make_envs(id, 1)));
      FAIL() << id;
    } catch (const NotApplicable& error) {
      EXPECT_NE(std::string(error.what()).find("has no table of transitions"), std::string::npos) << error.what();
    }
  }
  EnvSignature shown_otherwise = EnvSignature::of(*make_envs("FrozenLake-v1", 1));
  shown_otherwise.observation_space = std::make_shared<envs::Discrete>(17);
  EXPECT_THROW(planner_for<PolicyIteration>(shown_otherwise), NotApplicable);
}

// The model with every reward multiplied by `scale`.
TransitionModel scaled(const TransitionModel& model, double scale) {
  return TransitionModel(model.num_states(), model.num_actions(), {model.start().begin(), model.start().end()},
                         [&model, scale](std::int64_t state, std::int64_t action, std::vector<Outcome>& out) {
                           for (Outcome outcome : model.outcomes(state, action)) {
                             outcome.reward *= scale;
                             out.push_back(outcome);
                           }
                         });
}

TEST(Planning, ScalingRewardsDoesNotChangeAPolicy) {
  for (const char* id :
       {"FrozenLake-v1", "FrozenLake8x8-v1", "CliffWalking-v1", "CliffWalkingSlippery-v1", "Taxi-v3", "Taxi-v4"}) {
    const auto env = envs::make(id);
    const auto model = envs::transition_model(*env);
    for (const double scale : {1e-9, 1e-3}) {
      const TransitionModel small = scaled(*model, scale);
      EXPECT_EQ(value_iteration(small, {}).policy, value_iteration(*model, {}).policy) << id << " " << scale;
      EXPECT_EQ(policy_iteration(small, {}).policy, policy_iteration(*model, {}).policy) << id << " " << scale;
    }
  }
}

}  // namespace
}  // namespace ludus::agents
