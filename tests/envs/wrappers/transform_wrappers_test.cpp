#include "envs/wrappers/transform_wrappers.h"

#include <gtest/gtest.h>

#include "base/value_io.h"
#include "envs/registry/registry.h"
#include "envs/spaces/dict.h"
#include "envs/spaces/multi_binary.h"
#include "envs/spaces/multi_discrete.h"
#include "envs/spaces/tuple.h"
#include "envs/wrappers/action_transforms.h"
#include "tests/envs/wrappers/scripted_env.h"

namespace ludus::envs {
namespace {

// An environment that shows `observation` at every time.
EnvPtr showing(SpacePtr space, const Value& observation) {
  return std::make_unique<ScriptedEnv>(Script{std::move(space), List(4, observation), {1, 2, 3}});
}

// What the wrapped environment shows, after a reset and after a step.
Value seen(Env& env) {
  const Value first = env.reset(0).observation;
  const Value second = env.step(1).observation;
  EXPECT_EQ(first, second);
  EXPECT_TRUE(env.observation_space().contains(first)) << env.observation_space().to_string();
  return first;
}

// An environment of Box actions, and what reaches it.
struct Acted {
  explicit Acted(Array low, Array high) {
    Script script = counting(9);
    script.action_space = std::make_unique<Box>(std::move(low), std::move(high));
    auto made = std::make_unique<ScriptedEnv>(std::move(script));
    scripted = made.get();
    env = std::move(made);
  }
  Value done(const Value& action) {
    env->reset(0);
    env->step(action);
    return scripted->actions().back();
  }
  EnvPtr env;
  ScriptedEnv* scripted;
};

TEST(TransformObservation, AppliesAnyFunction) {
  TransformObservation env(
      showing(reals(2), floats({1, 2})),
      [](const Value& observation) {
        const auto x = observation.as_array().data<float>();
        return floats({x[0] + x[1]});
      },
      reals(1));
  EXPECT_EQ(seen(env), Value(floats({3})));
  TransformObservation same(showing(reals(2), floats({1, 2})), [](const Value& observation) { return observation; });
  EXPECT_TRUE(same.observation_space().equals(*reals(2)));
}

TEST(FilterObservation, KeepsPartsOfDictsAndTuples) {
  std::vector<DictSpace::Part> named;
  named.emplace_back("x", reals(1));
  named.emplace_back("n", std::make_unique<Discrete>(5));
  named.emplace_back("y", reals(2));
  const Value dict = Dict{{"n", 3}, {"x", floats({1})}, {"y", floats({2, 3})}};
  FilterObservation kept(showing(std::make_unique<DictSpace>(std::move(named)), dict), {"y", "n"});
  EXPECT_EQ(seen(kept), Value(Dict{{"n", 3}, {"y", floats({2, 3})}}));

  const auto tuple = [] {
    std::vector<SpacePtr> parts;
    parts.push_back(reals(1));
    parts.push_back(std::make_unique<Discrete>(5));
    return showing(std::make_unique<Tuple>(std::move(parts)), List{floats({1}), 4});
  };
  FilterObservation second(tuple(), {1});
  EXPECT_EQ(seen(second), Value(List{4}));

  EXPECT_THROW(FilterObservation(tuple(), {2}), InvalidArgument);
  EXPECT_THROW(FilterObservation(tuple(), {0, 0}), InvalidArgument);
  EXPECT_THROW(FilterObservation(tuple(), {"x"}), InvalidArgument);
  EXPECT_THROW(FilterObservation(tuple(), {}), InvalidArgument);
  EXPECT_THROW(FilterObservation(showing(reals(1), floats({1})), {0}), InvalidArgument);
}

TEST(FlattenObservation, MakesOneRow) {
  std::vector<SpacePtr> parts;
  parts.push_back(std::make_unique<Discrete>(3));
  parts.push_back(std::make_unique<MultiBinary>(2));
  const Value observation = List{2, Array::of<std::int8_t>({1, 0})};
  FlattenObservation env(showing(std::make_unique<Tuple>(std::move(parts)), observation));
  EXPECT_EQ(seen(env), Value(Array::of<std::int64_t>({0, 0, 1, 1, 0})));
  FlattenObservation box(
      showing(std::make_unique<Box>(-9.0, 9.0, Shape{2, 1}), Array::of({1.5f, 2.5f}).reshaped({2, 1})));
  EXPECT_EQ(seen(box), Value(floats({1.5f, 2.5f})));
}

TEST(ReshapeObservation, KeepsTheNumbersAndMovesTheBounds) {
  const Array low = Array::of({0.f, 1.f, 2.f, 3.f}), high = Array::of({9.f, 8.f, 7.f, 6.f});
  ReshapeObservation env(showing(std::make_unique<Box>(low, high), floats({4, 5, 6, 5})), {2, 2});
  EXPECT_EQ(seen(env), Value(floats({4, 5, 6, 5}).reshaped({2, 2})));
  EXPECT_EQ(static_cast<const Box&>(env.observation_space()).high(), high.reshaped({2, 2}));
  EXPECT_THROW(ReshapeObservation(showing(reals(4), floats({1, 2, 3, 4})), {3}), InvalidArgument);
  EXPECT_THROW(ReshapeObservation(showing(reals(4), floats({1, 2, 3, 4})), {-1}), InvalidArgument);
}

TEST(RescaleObservation, MapsTheBoundsLinearly) {
  // [0, 4] → [-1, 1]: y = x/2 − 1; [2, 3] → [0, 10]: y = 10 x − 20
  const auto env = [] { return showing(std::make_unique<Box>(floats({0, 2}), floats({4, 3})), floats({3, 2.5f})); };
  RescaleObservation both(env(), floats({-1, 0}), floats({1, 10}));
  EXPECT_EQ(seen(both), Value(floats({0.5f, 5})));
  RescaleObservation one(env(), -1, 1);
  EXPECT_EQ(seen(one), Value(floats({0.5f, 0})));
  EXPECT_THROW(RescaleObservation(env(), 1, -1), InvalidArgument);
  EXPECT_THROW(RescaleObservation(env(), floats({1}), 2), InvalidArgument);
  EXPECT_THROW(RescaleObservation(env(), -INFINITY, 1), InvalidArgument);
}

TEST(RescaleObservation, RefusesAMapWithoutInverse) {
  const auto box = [](float low, float high) {
    return showing(std::make_unique<Box>(floats({0, low}), floats({4, high})), floats({3, low}));
  };
  EXPECT_THROW(RescaleObservation(box(2, 3), 1, 1), InvalidArgument);                            // onto one point
  EXPECT_THROW(RescaleObservation(box(2, 3), floats({0, 1}), floats({1, 1})), InvalidArgument);  // in one element
  EXPECT_THROW(RescaleObservation(box(2, 3), 1, 1 + 1e-12), InvalidArgument);                    // in float32
  EXPECT_THROW(RescaleObservation(box(2, 2), -1, 1), InvalidArgument);                           // from one point
  EXPECT_THROW(RescaleObservation(box(2, 2), 1, 1), InvalidArgument);                            // both
  EXPECT_THROW(RescaleObservation(box(-3e38f, 3e38f), 0, 1e-38), InvalidArgument);               // factor 0
}

TEST(RescaleObservation, HalfBoundedElementsAreShifted) {
  // [1, ∞) → [5, ∞): y = x + 4;  (−∞, 1] → (−∞, 0]: y = x − 1;  all reals: y = x
  constexpr float kInf = INFINITY;
  RescaleObservation env(
      showing(std::make_unique<Box>(floats({1, -kInf, -kInf}), floats({kInf, 1, kInf})), floats({2, -3, 7})),
      floats({5, -kInf, -kInf}), floats({kInf, 0, kInf}));
  EXPECT_EQ(seen(env), Value(floats({6, -4, 7})));
}

TEST(DtypeObservation, CastsToTheDtype) {
  DtypeObservation wide(showing(std::make_unique<Box>(0.0, 1.0, Shape{2}), floats({0.5f, 1})), DType::kFloat64);
  EXPECT_EQ(seen(wide), Value(Array::of({0.5, 1.0})));
  DtypeObservation number(showing(std::make_unique<Discrete>(5, 2), 4), DType::kFloat32);
  EXPECT_EQ(seen(number), Value(Array::scalar(4.f)));
  EXPECT_TRUE(number.observation_space().equals(Box(2, 7, Shape{}, DType::kFloat32)));
  const std::vector<std::int64_t> counts{3, 4}, starts{1, 1};
  DtypeObservation several(showing(std::make_unique<MultiDiscrete>(counts, starts), Array::of<std::int64_t>({3, 4})),
                           DType::kInt16);
  EXPECT_EQ(seen(several), Value(Array::of<std::int16_t>({3, 4})));
  EXPECT_THROW(DtypeObservation(showing(reals(1), floats({1})), DType::kInt32), InvalidArgument);
}

TEST(DiscretizeObservation, IndexesTheCellsOfAFiniteBox) {
  // [0, 1] in 4, [−1, 1] in 2: 0.25 is in cell 1 (a cell holds its lower edge), 0 in cell 1: 1 · 2 + 1 = 3
  const auto env = [](float x, float y) {
    return showing(std::make_unique<Box>(floats({0, -1}), floats({1, 1})), floats({x, y}));
  };
  const auto cell = [&](float x, float y) {
    DiscretizeObservation discrete(env(x, y), {4, 2});
    return seen(discrete).as_int();
  };
  EXPECT_EQ(cell(0.25f, 0), 3);
  EXPECT_EQ(cell(0, -1), 0);
  EXPECT_EQ(cell(1, 1), 7);  // the last cell holds its upper edge too
  EXPECT_EQ(cell(0.2499f, -0.001f), 0);
  DiscretizeObservation numbers(env(0.6f, 0.5f), {4}, true);
  EXPECT_EQ(seen(numbers), Value(Array::of<std::int64_t>({2, 3})));
  EXPECT_THROW(DiscretizeObservation(make("CartPole-v1"), {4}), InvalidArgument);  // its speeds are unbounded
  EXPECT_THROW(DiscretizeObservation(env(0, 0), {4, 0}), InvalidArgument);
  EXPECT_THROW(DiscretizeObservation(env(0, 0), {4, 4, 4}), InvalidArgument);
  EXPECT_THROW(DiscretizeObservation(env(0, 0), {1LL << 40}), InvalidArgument);
}

TEST(ClipAction, ClipsToTheBounds) {
  Acted acted(floats({-1, 0}), floats({1, 3}));
  acted.env = std::make_unique<ClipAction>(std::move(acted.env));
  EXPECT_EQ(acted.done(floats({5, -2})), Value(floats({1, 0})));
  EXPECT_EQ(acted.done(Array::of({0.1, 9.0})), Value(Array::of({0.1, 3.0})));  // doubles stay doubles
  EXPECT_TRUE(acted.env->action_space().equals(*reals(2)));
  EXPECT_THROW(acted.done(floats({1})), InvalidAction);
  EXPECT_THROW(acted.done(1), InvalidAction);
  EXPECT_THROW(ClipAction(make("CartPole-v1")), InvalidArgument);
}

TEST(RescaleAction, NeverLeavesTheBox) {
  for (const double bound : {0.1, 0.3, 1.0 / 3, 0.7, 5.1}) {
    for (const DType dtype : {DType::kFloat32, DType::kFloat64}) {
      const Box box(-bound, 2 * bound, Shape{1}, dtype);
      const ActionTransform rescaled = rescale_action(-1.1, 1.3)(box);
      const auto* image = dynamic_cast<const Box*>(rescaled.space.get());
      ASSERT_NE(image, nullptr);
      for (const Array& action : {image->low(), image->high()}) {
        Value out;
        rescaled.apply(action, out);
        EXPECT_TRUE(box.contains(out)) << box.to_string() << " " << to_json(out);
      }
    }
  }
  EXPECT_THROW(rescale_action(1, 1)(Box(-2, 2, Shape{1})), InvalidArgument);
  EXPECT_THROW(rescale_action(-1, 1)(Box(2, 2, Shape{1})), InvalidArgument);
}

TEST(RescaleAction, InvertsTheRescaling) {
  // the middle of [-1, 1] is that of [0, 10]; a quarter of the way up is 2.5
  Acted acted(floats({0}), floats({10}));
  acted.env = std::make_unique<RescaleAction>(std::move(acted.env), -1, 1);
  EXPECT_EQ(acted.done(floats({0})), Value(floats({5})));
  EXPECT_EQ(acted.done(floats({-0.5f})), Value(floats({2.5f})));
  EXPECT_TRUE(acted.env->action_space().equals(Box(-1, 1, Shape{1})));
}

TEST(DiscretizeAction, TakesTheCentreOfACell) {
  // [-1, 1] in 4 cells of 0.5, [0, 3] in 3 cells of 1: cell 7 = (2, 1), whose middles are 0.25 and 1.5
  Acted acted(floats({-1, 0}), floats({1, 3}));
  acted.env = std::make_unique<DiscretizeAction>(std::move(acted.env), std::vector<std::int64_t>{4, 3});
  EXPECT_TRUE(acted.env->action_space().equals(Discrete(12)));
  EXPECT_EQ(acted.done(7), Value(floats({0.25f, 1.5f})));
  EXPECT_EQ(acted.done(0), Value(floats({-0.75f, 0.5f})));
  EXPECT_THROW(acted.done(12), InvalidAction);
  EXPECT_THROW(acted.done(-1), InvalidAction);
  Acted several(floats({-1, 0}), floats({1, 3}));
  several.env = std::make_unique<DiscretizeAction>(std::move(several.env), std::vector<std::int64_t>{4, 3}, true);
  EXPECT_EQ(several.done(Array::of<std::int64_t>({2, 1})), Value(floats({0.25f, 1.5f})));
}

TEST(DiscretizeAction, MatchesGymnasiumOnPendulum) {
  // Gymnasium's own example: action 3 of 10 cells in [-2, 2] is the torque -0.6
  DiscretizeAction env(make("Pendulum-v1"), {10});
  env.reset(42);
  const EnvPtr plain = make("Pendulum-v1");
  plain->reset(42);
  EXPECT_EQ(env.step(3).observation, plain->step(floats({-0.6f})).observation);
}

TEST(TransformAction, AppliesAnyFunction) {
  Acted acted(floats({0}), floats({10}));
  acted.env = std::make_unique<TransformAction>(
      std::move(acted.env), [](const Value& action) { return floats({static_cast<float>(action.as_int())}); },
      std::make_unique<Discrete>(3));
  EXPECT_EQ(acted.done(2), Value(floats({2})));
  EXPECT_TRUE(acted.env->action_space().equals(Discrete(3)));
}

TEST(TransformReward, AndClipReward) {
  const auto rewards = [](EnvPtr env) {
    env->reset(0);
    std::vector<double> all;
    for (int t = 0; t < 3; ++t) all.push_back(env->step(1).reward);
    return all;
  };
  const auto env = [] { return showing(reals(1), floats({0})); };  // rewards 1, 2, 3
  EXPECT_EQ(rewards(std::make_unique<TransformReward>(env(), [](double r) { return 10 * r; })),
            (std::vector<double>{10, 20, 30}));
  EXPECT_EQ(rewards(std::make_unique<ClipReward>(env(), 1.5, 2.5)), (std::vector<double>{1.5, 2, 2.5}));
  EXPECT_EQ(rewards(std::make_unique<ClipReward>(env(), std::nullopt, 2)), (std::vector<double>{1, 2, 2}));
  EXPECT_THROW(ClipReward(env(), std::nullopt, std::nullopt), InvalidArgument);
  EXPECT_THROW(ClipReward(env(), 2, 1), InvalidArgument);
}

TEST(FindWrapper, FindsTheOutermostOfAType) {
  EnvPtr env = std::make_unique<ClipReward>(make("CartPole-v1"), 0, 1);
  env = std::make_unique<FlattenObservation>(std::move(env));
  EXPECT_NE(find_wrapper<ClipReward>(*env), nullptr);
  EXPECT_EQ(find_wrapper<ClipAction>(*env), nullptr);
}

}  // namespace
}  // namespace ludus::envs
