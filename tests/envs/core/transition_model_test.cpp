#include "envs/core/transition_model.h"

#include <gtest/gtest.h>

#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

// Action 0 moves from state 0 to state 1 with probability ¼; action 1 always does. State 1 is absorbing.
TransitionModel two_states() {
  return TransitionModel(2, 2, {1, 0}, [](std::int64_t state, std::int64_t action, std::vector<Outcome>& outcomes) {
    if (state == 0 && action == 0) {
      outcomes.push_back({0.75, 0, -1, false});
      outcomes.push_back({0.25, 1, 5, true});
    } else {
      outcomes.push_back({1, 1, 2, true});
    }
  });
}

TEST(TransitionModel, KeepsWhatItWasTold) {
  const TransitionModel model = two_states();
  EXPECT_EQ(model.num_states(), 2);
  EXPECT_EQ(model.num_actions(), 2);
  ASSERT_EQ(model.outcomes(0, 0).size(), 2u);
  EXPECT_EQ(model.outcomes(0, 0)[1], (Outcome{0.25, 1, 5, true}));
  ASSERT_EQ(model.outcomes(1, 1).size(), 1u);
  EXPECT_EQ(model.outcomes(1, 1)[0], (Outcome{1, 1, 2, true}));
}

TEST(TransitionModel, DrawsOneNumberEachTime) {
  // the first outcome with cumulative probability above random(), even if there is only one
  const TransitionModel model = two_states();
  Generator generator(11), twin(11);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(model.sample(0, 0, generator).next_state, twin.random() < 0.75 ? 0 : 1);
    model.sample(1, 0, generator), twin.random();
    EXPECT_EQ(model.sample_start(generator), 0);
    twin.random();
  }
  EXPECT_EQ(generator, twin);
}

TEST(TransitionModel, RefusesWhatIsNoModel) {
  const auto with = [](std::vector<double> start, std::vector<Outcome> outcomes) {
    return [start, outcomes] {
      TransitionModel(std::ssize(start), 1, start, [&](auto, auto, std::vector<Outcome>& all) {
        all.insert(all.end(), outcomes.begin(), outcomes.end());
      });
    };
  };
  EXPECT_NO_THROW(with({1}, {{1, 0, 0, false}})());
  EXPECT_THROW(with({}, {{1, 0, 0, false}})(), InvalidArgument);
  EXPECT_THROW(with({0.5}, {{1, 0, 0, false}})(), InvalidArgument);
  EXPECT_THROW(with({2, -1}, {{1, 0, 0, false}})(), InvalidArgument);
  EXPECT_THROW(with({1}, {})(), InvalidArgument);
  EXPECT_THROW(with({1}, {{0.9, 0, 0, false}})(), InvalidArgument);
  EXPECT_THROW(with({1}, {{1.5, 0, 0, false}, {-0.5, 0, 0, false}})(), InvalidArgument);
  EXPECT_THROW(with({1}, {{1, 1, 0, false}})(), InvalidArgument);
  EXPECT_THROW(with({1}, {{1, -1, 0, false}})(), InvalidArgument);
  const TransitionModel model = two_states();
  for (const auto& [state, action] : {std::pair{2, 0}, {-1, 0}, {0, 2}, {0, -1}}) {
    EXPECT_THROW(model.outcomes(state, action), InvalidArgument);
  }
}

TEST(TransitionModel, EpisodesOfTheModelAlone) {
  const TransitionModel model = two_states();
  Generator generator(1);
  TabularState state = tabular_reset(model, {}, generator);
  EXPECT_EQ(state.state, 0);
  EXPECT_EQ(state.last_action, -1);
  EXPECT_EQ(state.probability, 1.0);
  const Transition transition = tabular_step(model, state, 1, generator);
  EXPECT_EQ(transition.reward, 2.0);
  EXPECT_TRUE(transition.terminated);
  EXPECT_EQ(state.state, 1);
  EXPECT_EQ(state.last_action, 1);
  EXPECT_THROW(tabular_reset(model, {{"seed", 1}}, generator), InvalidArgument);

  EXPECT_NO_THROW(check_tabular(model, state));
  EXPECT_THROW(check_tabular(model, {.state = 2, .last_action = 0, .probability = 1}), InvalidArgument);
  EXPECT_THROW(check_tabular(model, {.state = 0, .last_action = 2, .probability = 1}), InvalidArgument);
  EXPECT_THROW(check_tabular(model, {.state = 0, .last_action = 0, .probability = 2}), InvalidArgument);
}

TEST(TransitionModel, IsFoundBehindWrappers) {
  const EnvPtr lake = make("FrozenLake-v1"), pole = make("CartPole-v1"), cards = make("Blackjack-v1");
  EXPECT_EQ(transition_model(*lake)->num_states(), 16);
  EXPECT_THROW(transition_model(*pole), NotSupported);
  EXPECT_THROW(transition_model(*cards), NotSupported);
}

}  // namespace
}  // namespace ludus::envs
