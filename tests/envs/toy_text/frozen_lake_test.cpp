#include "envs/toy_text/frozen_lake.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

std::vector<Outcome> outcomes(const FrozenLake& sim, std::int64_t state, std::int64_t action) {
  const auto model = sim.transition_model();
  const auto list = model->outcomes(state, action);
  return {list.begin(), list.end()};
}

FrozenLake lake_with(const Dict& kwargs) {
  return make_simulator<FrozenLake>(kwargs, "FrozenLake-v1");
}

TEST(FrozenLake, SlipsToEitherSide) {
  // right from tile 0: down by slipping, right as meant, up (held by the edge) by slipping; the thirds are Gymnasium's
  const double aside = (1 - 1.0 / 3.0) / 2;
  EXPECT_EQ(outcomes(FrozenLake(), 0, 2),
            (std::vector<Outcome>{{aside, 4, 0, false}, {1.0 / 3.0, 1, 0, false}, {aside, 0, 0, false}}));
}

TEST(FrozenLake, DoesNotSlipOnSolidIce) {
  const FrozenLake sim = lake_with({{"is_slippery", false}});
  EXPECT_EQ(outcomes(sim, 14, 2), (std::vector<Outcome>{{1, 15, 1, true}}));  // the goal
  EXPECT_EQ(outcomes(sim, 1, 1), (std::vector<Outcome>{{1, 5, 0, true}}));    // a hole
  EXPECT_EQ(outcomes(sim, 3, 2), (std::vector<Outcome>{{1, 3, 0, false}}));   // the edge
  EXPECT_EQ(outcomes(sim, 5, 0), (std::vector<Outcome>{{1, 5, 0, true}}));    // nothing leaves a hole
}

TEST(FrozenLake, UsesRewardScheduleAndSuccessRate) {
  const FrozenLake sim = lake_with({{"success_rate", 0.5}, {"reward_schedule", List{10, -5, -1}}});
  EXPECT_EQ(outcomes(sim, 14, 2),
            (std::vector<Outcome>{{0.25, 14, -1, false}, {0.5, 15, 10, true}, {0.25, 10, -1, false}}));
  EXPECT_EQ(outcomes(sim, 1, 1)[1], (Outcome{0.5, 5, -5, true}));
}

TEST(FrozenLake, StartsAreEquallyLikely) {
  const FrozenLake sim = lake_with({{"desc", List{"SFS", "FGS"}}});
  const auto start = sim.transition_model()->start();
  EXPECT_EQ(std::vector<double>(start.begin(), start.end()), (std::vector<double>{1. / 3, 0, 1. / 3, 0, 0, 1. / 3}));
}

TEST(FrozenLake, RandomMapIsSavedAndCopied) {
  const EnvPtr env = make("FrozenLake-v1", {{"map_name", Value()}});
  env->reset(1);
  const auto model = transition_model(*env);
  EXPECT_EQ(model->num_states(), 64);
  const EnvPtr copy = env->clone();
  EXPECT_EQ(copy->attribute("desc"), env->attribute("desc"));
  EXPECT_EQ(env->attribute("desc").as_list().size(), 8u);

  // another random lake becomes this one by its state
  const EnvPtr other = make("FrozenLake-v1", {{"map_name", Value()}});
  other->set_state(env->get_state());
  EXPECT_EQ(other->attribute("desc"), env->attribute("desc"));
  EXPECT_EQ(other->render().text, env->render().text);
}

TEST(FrozenLake, VectorEnvironmentsHaveDifferentRandomMaps) {
  for (const auto engine : {VectorizationMode::kSimulator, VectorizationMode::kSync}) {
    for (const std::size_t n : {1u, 3u}) {
      const auto random_lakes = [&] { return make_vec("FrozenLake-v1", n, {.mode = engine}, {{"map_name", Value()}}); };
      const auto envs = random_lakes();
      const Value state = envs->get_state();
      for (std::size_t i = 1; i < n; ++i) {
        EXPECT_FALSE(state.as_dict().at("envs/0") == state.as_dict().at(formatted("envs/{}", i)));
      }

      // another vector of random lakes becomes this one by its state: it draws the same places from the same seeds
      const auto other = random_lakes();
      other->set_state(envs->get_state());
      envs->reset(8), other->reset(8);
      const std::vector<std::int64_t> down(n, 1), right(n, 2);
      for (int t = 0; t < 40; ++t) {
        const auto& actions = t % 2 == 0 ? down : right;
        const std::vector<float> places = envs->step(actions).observations;
        ASSERT_EQ(other->step(actions).observations, places) << t;
      }
      EXPECT_EQ(other->get_state(), envs->get_state());
    }
  }
}

TEST(FrozenLake, AttributesRebuildTheModel) {
  const EnvPtr env = make("FrozenLake-v1", {{"is_slippery", false}});
  env->reset(0);
  EXPECT_EQ(transition_model(*env)->outcomes(0, 0).size(), 1u);
  env->set_attribute("is_slippery", true);
  EXPECT_EQ(transition_model(*env)->outcomes(0, 0).size(), 3u);
  EXPECT_THROW(env->set_attribute("map_name", "8x8"), InvalidArgument);  // other spaces
}

TEST(FrozenLake, TextMatchesGymnasium) {
  const EnvPtr env = make("FrozenLake-v1", {{"is_slippery", false}});
  env->reset(0);
  EXPECT_EQ(env->render().text, "\n\x1b[41mS\x1b[0mFFF\nFHFH\nFFFH\nHFFG\n");
  env->step(1);
  EXPECT_EQ(env->render().text, "  (Down)\nSFFF\n\x1b[41mF\x1b[0mHFH\nFFFH\nHFFG\n");
}

TEST(FrozenLake, SceneFitsTheMap) {
  const EnvPtr small = make("FrozenLake-v1"), large = make("FrozenLake8x8-v1");
  small->reset(0), large->reset(0);
  EXPECT_EQ(small->render().width, 256);
  EXPECT_EQ(large->render().width, 512);
  EXPECT_EQ(large->render().high, (Point{8, 8}));
}

TEST(FrozenLake, RejectsInvalidInput) {
  for (const Dict& kwargs : std::initializer_list<Dict>{{{"map_name", "4x5"}},
                                                        {{"map_name", 4}},
                                                        {{"desc", List{}}},
                                                        {{"desc", List{"SF", "G"}}},
                                                        {{"desc", List{"SQ", "FG"}}},
                                                        {{"desc", List{"FF", "FG"}}},
                                                        {{"success_rate", 1.5}},
                                                        {{"success_rate", -0.1}},
                                                        {{"reward_schedule", List{1, 0}}},
                                                        {{"is_slippery", "yes"}}}) {
    EXPECT_THROW(make("FrozenLake-v1", kwargs), InvalidArgument) << kwargs.begin()->first;
  }
  EXPECT_THROW(make("FrozenLake-v1", {{"slippery", false}}), UnknownField);
  const EnvPtr env = make("FrozenLake-v1");
  EXPECT_THROW(env->reset(0, {{"low", 1}}), InvalidArgument);
  env->reset(0);
  EXPECT_THROW(env->step(4), InvalidAction);

  // a state of the large lake is none of the small one
  const EnvPtr large = make("FrozenLake8x8-v1");
  large->reset(0);
  Value state = env->get_state();
  const TabularState far{.state = 40, .last_action = 0, .probability = 1};
  Array bytes(DType::kUInt8, Shape{sizeof far});
  std::memcpy(bytes.bytes().data(), &far, sizeof far);
  Value* inner = &state;
  while (inner->as_dict().contains("env")) inner = inner->as_dict().find("env");
  (*inner->as_dict().find("state")) = bytes;
  EXPECT_THROW(env->set_state(state), InvalidArgument);
}

}  // namespace
}  // namespace ludus::envs
