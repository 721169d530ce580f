// One update of every tabular algorithm, computed by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "agents/tabular/double_q_learning.h"
#include "agents/tabular/expected_sarsa.h"
#include "agents/tabular/monte_carlo.h"
#include "agents/tabular/n_step_sarsa.h"
#include "agents/tabular/q_lambda.h"
#include "agents/tabular/q_learning.h"
#include "agents/tabular/sarsa.h"
#include "agents/tabular/sarsa_lambda.h"
#include "agents/tabular/tree_backup.h"
#include "tests/agents/support/by_hand.h"

namespace ludus::agents {
namespace {

using testing::action_in;
using testing::numbered;
using testing::set_array;
using testing::show;
using testing::Then;

constexpr double kExact = 1e-12;

// Q(0,·) = (0.5, 0), Q(1,·) = (2, 3); S = 0, A = 0, R = 1, S' = 1; α = 0.1, γ = 0.9.
const std::vector<double> kTable = {0.5, 0, 2, 3};
constexpr double kEnded = 0.55;  // terminated: error 1 - 0.5 = 0.5, 0.5 + 0.1 · 0.5

template <class A>
A one_step_agent(const runs::Schedule& exploration, std::uint64_t seed = 0) {
  A agent({.discount = 0.9, .learning_rate = 0.1, .exploration = exploration}, numbered(2, 2), seed, "cpu");
  set_array(agent, "agent/table", Shape{2, 2}, kTable);
  return agent;
}

template <class A>
double updated(const runs::Schedule& exploration, Then then) {
  A agent = one_step_agent<A>(exploration);
  show(agent, 0, 0, 1, 1, then);
  return agent.values(0)[0];
}

// error 1 + 0.9 · 3 - 0.5 = 3.2, whatever the next action is; truncated is not terminated
TEST(TabularByHand, QLearning) {
  for (const double exploration : {0.0, 1.0}) {
    EXPECT_NEAR(updated<QLearning>(exploration, Then::kGoesOn), 0.82, kExact);
    EXPECT_NEAR(updated<QLearning>(exploration, Then::kTruncated), 0.82, kExact);
    EXPECT_NEAR(updated<QLearning>(exploration, Then::kTerminated), kEnded, kExact);
  }
}

// A' = 0: error 1 + 0.9 · 2 - 0.5 = 2.3, Q ← 0.73; A' = 1: 3.2, Q ← 0.82. A' is the action that is executed next.
TEST(TabularByHand, Sarsa) {
  std::set<std::int64_t> played;
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    Sarsa agent = one_step_agent<Sarsa>(1.0, seed);
    show(agent, 0, 0, 1, 1);
    const double learnt = agent.values(0)[0];
    const std::int64_t next = action_in(agent, 1);
    EXPECT_NEAR(learnt, next == 0 ? 0.73 : 0.82, kExact) << seed;
    played.insert(next);
  }
  EXPECT_EQ(played.size(), 2u);
  EXPECT_NEAR(updated<Sarsa>(0.0, Then::kTruncated), 0.82, kExact);
  EXPECT_NEAR(updated<Sarsa>(0.0, Then::kTerminated), kEnded, kExact);
}

// A' of a truncated step is not executed in the first state of the next episode: there, Q(0,·) = (0.73 or 0.82, 0)
// makes 0 the greedy action, and A' of state 1 was 1.
TEST(TabularByHand, AnActionChosenBeyondACutIsForgotten) {
  Sarsa agent = one_step_agent<Sarsa>(0.0);
  show(agent, 0, 0, 1, 1, Then::kTruncated);
  EXPECT_EQ(action_in(agent, 0), 0);
  show(agent, 0, 0, 1, 1);
  EXPECT_EQ(action_in(agent, 1), 1);
}

// ε = 0.4: 0.4 · (2 + 3)/2 + 0.6 · 3 = 2.8, error 1 + 2.52 - 0.5 = 3.02, Q ← 0.802
TEST(TabularByHand, ExpectedSarsa) {
  EXPECT_NEAR(updated<ExpectedSarsa>(0.4, Then::kGoesOn), 0.802, kExact);
  EXPECT_NEAR(updated<ExpectedSarsa>(0.4, Then::kTruncated), 0.802, kExact);
  EXPECT_NEAR(updated<ExpectedSarsa>(0.4, Then::kTerminated), kEnded, kExact);
}

// Q₁(0,0) = 0.5, Q₁(1,·) = (2, 3); Q₂(0,0) = 1, Q₂(1,·) = (5, 4).
// Q₁ is updated: its best action in S' is 1, with Q₂ = 4: error 1 + 3.6 - 0.5 = 4.1, Q₁ ← 0.91, mean (0.91 + 1)/2.
// Q₂ is updated: its best action in S' is 0, with Q₁ = 2: error 1 + 1.8 - 1 = 1.8, Q₂ ← 1.18, mean (0.5 + 1.18)/2.
TEST(TabularByHand, DoubleQLearning) {
  int first = 0, second = 0;
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    const auto after = [&](Then then) {
      DoubleQLearning agent = one_step_agent<DoubleQLearning>(0.0, seed);
      set_array(agent, "agent/tables/first", Shape{2, 2}, kTable);
      set_array(agent, "agent/tables/second", Shape{2, 2}, {1, 0, 5, 4});
      show(agent, 0, 0, 1, 1, then);
      return agent.values(0)[0];
    };
    const bool one = Generator(seed).random() < 0.5;
    ++(one ? first : second);
    EXPECT_NEAR(after(Then::kGoesOn), one ? 0.955 : 0.84, kExact) << seed;
    EXPECT_NEAR(after(Then::kTruncated), one ? 0.955 : 0.84, kExact) << seed;
    // terminated: Q₁ ← 0.5 + 0.1 · 0.5, or Q₂ stays 1
    EXPECT_NEAR(after(Then::kTerminated), one ? 0.775 : 0.75, kExact) << seed;
  }
  EXPECT_GT(first, 0);
  EXPECT_GT(second, 0);
}

// α = 0.5, γ = 0.5, two steps; Q(2,·) = (4, -1), Q(3,·) = (8, 6), all else 0; greedy.
// 0 →(1) 1 →(2) 2: G = 1 + 0.5 · 2 + 0.25 · 4 = 3, Q(0,0) ← 1.5. Then 2 →(3) 3:
// terminated: G(1) = 2 + 0.5 · 3 = 3.5, Q(1,0) ← 1.75; G(2) = 3, Q(2,0) ← 4 - 0.5 = 3.5
// truncated:  G(1) = 3.5 + 0.25 · 8 = 5.5, Q(1,0) ← 2.75; G(2) = 3 + 0.5 · 8 = 7, Q(2,0) ← 4 + 1.5 = 5.5
TEST(TabularByHand, NStepSarsa) {
  for (const Then then : {Then::kTerminated, Then::kTruncated}) {
    NStepSarsa agent({{.discount = 0.5, .learning_rate = 0.5, .exploration = 0.0}, 2}, numbered(4, 2), 0, "cpu");
    set_array(agent, "agent/table", Shape{4, 2}, {0, 0, 0, 0, 4, -1, 8, 6});
    show(agent, 0, 0, 1, 1);
    EXPECT_EQ(agent.values(0)[0], 0);  // one step only
    show(agent, 1, 0, 2, 2);
    EXPECT_NEAR(agent.values(0)[0], 1.5, kExact);
    EXPECT_EQ(agent.values(1)[0], 0);
    show(agent, 2, 0, 3, 3, then);
    EXPECT_NEAR(agent.values(1)[0], then == Then::kTerminated ? 1.75 : 2.75, kExact);
    EXPECT_NEAR(agent.values(2)[0], then == Then::kTerminated ? 3.5 : 5.5, kExact);

    // the first step of the next episode starts a new window: no update before its second step
    const double before = agent.values(0)[1];
    show(agent, 0, 1, 100, 1);
    EXPECT_EQ(agent.values(0)[1], before);
    EXPECT_NEAR(agent.values(2)[0], then == Then::kTerminated ? 3.5 : 5.5, kExact);
  }
}

// α = 1, γ = 0.5, two steps: 0 →(1) 1 →(2) 2 with Q(2,·) = (4, -1), so that the second step's G is 2 + 0.5 · 4 = 4.
//   Q(1,·) = (0.5, 1), A_1 = 1 greedy:  G = 1 + 0.5 · 4 = 3
//   Q(1,·) = (0.5, 1), A_1 = 0 is not:  G = 1 + 0.5 · 1 = 1.5
//   Q(1,·) = (1, 1), one of two:        G = 1 + 0.5 (1 + 0.5 (4 - 1)) = 2.25
// and where the second step ends the task, its G is 2: with A_1 = 1 greedy 1 + 0.5 · 2 = 2.
TEST(TabularByHand, TreeBackup) {
  const auto learnt = [](double left, double right, std::int64_t action, Then then) {
    TreeBackup agent({{.discount = 0.5, .learning_rate = 1, .exploration = 1.0}, 2}, numbered(3, 2), 0, "cpu");
    set_array(agent, "agent/table", Shape{3, 2}, {0, 0, left, right, 4, -1});
    show(agent, 0, 0, 1, 1);
    EXPECT_EQ(agent.values(0)[0], 0);
    show(agent, 1, action, 2, 2, then);
    // at the end of an episode the second step is updated as well: 2, or if truncated 2 + 0.5 · 4
    if (then != Then::kGoesOn) {
      EXPECT_NEAR(agent.values(1)[static_cast<std::size_t>(action)], then == Then::kTerminated ? 2 : 4, kExact);
    }
    return agent.values(0)[0];
  };
  EXPECT_NEAR(learnt(0.5, 1, 1, Then::kGoesOn), 3, kExact);
  EXPECT_NEAR(learnt(0.5, 1, 0, Then::kGoesOn), 1.5, kExact);
  EXPECT_NEAR(learnt(1, 1, 0, Then::kGoesOn), 2.25, kExact);
  EXPECT_NEAR(learnt(0.5, 1, 1, Then::kTruncated), 3, kExact);
  EXPECT_NEAR(learnt(0.5, 1, 1, Then::kTerminated), 2, kExact);
}

template <class A>
A trace_agent(TraceKind kind, double exploration, std::uint64_t seed = 0) {
  A agent({{.discount = 0.5, .learning_rate = 0.5, .exploration = exploration}, 0.5, kind}, numbered(3, 2), seed,
          "cpu");
  set_array(agent, "agent/table", Shape{3, 2}, {0, 0, 2, 0, 8, 0});
  return agent;
}

// α = γ = λ = 0.5; Q(1,·) = (2, 0), Q(2,·) = (8, 0); greedy, so that both algorithms agree.
// 0 →(1) 1: δ = 1 + 0.5 · 2 - 0 = 2, E(0,0) = 1: Q(0,0) ← 1; then E(0,0) = 0.25
// 1 →(0) 2: δ = 0 + 0.5 · 8 - 2 = 2, E(1,0) = 1: Q(1,0) ← 3, Q(0,0) ← 1 + 0.5 · 2 · 0.25 = 1.25; E = 0.25, 0.0625
template <class A>
void expect_traces_by_hand() {
  for (const TraceKind kind : {TraceKind::kAccumulating, TraceKind::kReplacing}) {
    A agent = trace_agent<A>(kind, 0.0);
    show(agent, 0, 0, 1, 1);
    EXPECT_NEAR(agent.values(0)[0], 1, kExact);
    show(agent, 1, 0, 0, 2);
    EXPECT_NEAR(agent.values(1)[0], 3, kExact);
    EXPECT_NEAR(agent.values(0)[0], 1.25, kExact);

    // 0 again →(R) end with R = 3.25: δ = 2; E(0,0) = 1.0625 accumulated or 1 replaced, E(1,0) = 0.25:
    // Q(0,0) ← 1.25 + 1.0625 or 2.25, Q(1,0) ← 3 + 0.25
    show(agent, 0, 0, 3.25, 1, Then::kTerminated);
    EXPECT_NEAR(agent.values(0)[0], kind == TraceKind::kAccumulating ? 2.3125 : 2.25, kExact);
    EXPECT_NEAR(agent.values(1)[0], 3.25, kExact);
  }
  // termination and truncation reset the traces: the next step leaves Q(0,0) unchanged; and truncation bootstraps,
  // Q(0,0) ← 1
  for (const Then then : {Then::kTerminated, Then::kTruncated}) {
    A agent = trace_agent<A>(TraceKind::kAccumulating, 0.0);
    show(agent, 0, 0, 1, 1, then);
    EXPECT_NEAR(agent.values(0)[0], then == Then::kTruncated ? 1 : 0.5, kExact);
    show(agent, 1, 0, 0, 2);
    EXPECT_NEAR(agent.values(1)[0], 3, kExact);
    EXPECT_NEAR(agent.values(0)[0], then == Then::kTruncated ? 1 : 0.5, kExact);
  }
}

TEST(TabularByHand, SarsaLambda) {
  expect_traces_by_hand<SarsaLambda>();
}

TEST(TabularByHand, QLambda) {
  expect_traces_by_hand<QLambda>();
}

// The next action explores. SARSA(λ): A' = 1 has value 0: δ = 1, Q(0,0) ← 0.5, and the trace continues: after A', 1
// →(0) 2 with A'' of value 8 or 0 changes Q(0,0). Watkins: δ = 2 whatever A', Q(0,0) ← 1, and the trace is reset.
TEST(TabularByHand, ExploringCutsWatkinssTracesAndNotSarsas) {
  int explored = 0;
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    QLambda watkins = trace_agent<QLambda>(TraceKind::kAccumulating, 1.0, seed);
    show(watkins, 0, 0, 1, 1);
    EXPECT_NEAR(watkins.values(0)[0], 1, kExact);
    const std::int64_t next = action_in(watkins, 1);
    show(watkins, 1, next, 0, 2);
    // A' = 0 greedy: δ = 2 reaches back, 0.25 of it; A' = 1: δ = 4 does not
    EXPECT_NEAR(watkins.values(0)[0], next == 0 ? 1.25 : 1, kExact) << seed;

    SarsaLambda sarsa = trace_agent<SarsaLambda>(TraceKind::kAccumulating, 1.0, seed);
    show(sarsa, 0, 0, 1, 1);
    const std::int64_t second = action_in(sarsa, 1);
    EXPECT_NEAR(sarsa.values(0)[0], second == 0 ? 1 : 0.5, kExact);
    if (second == 0) continue;
    // R = 1 makes δ = 1 + 0.5 Q(2,A'') - 0 = 5 or 1: Q(0,0) ← 0.5 + 0.5 · 0.25 δ
    show(sarsa, 1, 1, 1, 2);
    const std::int64_t third = action_in(sarsa, 2);
    EXPECT_NEAR(sarsa.values(0)[0], third == 0 ? 1.125 : 0.625, kExact) << seed;
    ++explored;
  }
  EXPECT_GT(explored, 2);
}

// γ = 0.5. Episode (0,0) 1, (1,0) 2, (0,0) 3, end: G = 3, 3.5, 2.75 from its end; (0,0) counts its first visit, 2.75.
// Then (0,0) 0.75, end: the average of 2.75 and 0.75 is 1.75.
TEST(TabularByHand, MonteCarlo) {
  MonteCarlo::Config config;
  config.discount = 0.5;
  config.exploration = 0.0;
  MonteCarlo agent(config, numbered(3, 2), 0, "cpu");
  show(agent, 0, 0, 1, 1);
  show(agent, 1, 0, 2, 0);
  EXPECT_EQ(agent.values(0)[0], 0);  // nothing is learnt before the end
  show(agent, 0, 0, 3, 2, Then::kTerminated);
  EXPECT_NEAR(agent.values(0)[0], 2.75, kExact);
  EXPECT_NEAR(agent.values(1)[0], 3.5, kExact);
  EXPECT_EQ(agent.visits(0, 0), 1);
  show(agent, 0, 0, 0.75, 2, Then::kTerminated);
  EXPECT_NEAR(agent.values(0)[0], 1.75, kExact);
  EXPECT_EQ(agent.visits(0, 0), 2);

  // (2,1) 1 and truncated in state 1, greedy value max(3.5, 0): G = 1 + 0.5 · 3.5 = 2.75
  show(agent, 2, 1, 1, 1, Then::kTruncated);
  EXPECT_NEAR(agent.values(2)[1], 2.75, kExact);

  // with a floor of 0.9 under the step size: 1.75 + 0.9 (0.75 - 1.75) = 0.85 at the second visit
  config.learning_rate = 0.9;
  MonteCarlo forgetful(config, numbered(3, 2), 0, "cpu");
  show(forgetful, 0, 0, 1.75, 2, Then::kTerminated);
  EXPECT_NEAR(forgetful.values(0)[0], 1.75, kExact);
  show(forgetful, 0, 0, 0.75, 2, Then::kTerminated);
  EXPECT_NEAR(forgetful.values(0)[0], 0.85, kExact);

  // ε = 0.5: truncated in a state with values (4, 0), value 0.5 · 2 + 0.5 · 4 = 3: G = 1 + 0.5 · 3
  config.exploration = 0.5;
  MonteCarlo exploring(config, numbered(3, 2), 0, "cpu");
  set_array(exploring, "agent/table", Shape{3, 2}, {0, 0, 4, 0, 0, 0});
  show(exploring, 0, 0, 1, 1, Then::kTruncated);
  EXPECT_NEAR(exploring.values(0)[0], 2.5, kExact);
}

TEST(ActionValues, NoNumberHasNoGreatest) {
  Generator generator(0);
  EXPECT_THROW(random_greatest(std::vector<double>{std::nan(""), std::nan("")}, generator), WorkError);
  EXPECT_EQ(random_greatest(std::vector<double>{1, 3, 2}, generator), 1u);
  EXPECT_NEAR(greedy_probability(std::vector<double>{3, 1, 3}, 2), 0.5, kExact);
  EXPECT_EQ(greedy_probability(std::vector<double>{3, 1, 3}, 1), 0);
}

}  // namespace
}  // namespace ludus::agents
