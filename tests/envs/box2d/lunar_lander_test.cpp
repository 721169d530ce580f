#include "envs/box2d/lunar_lander.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

using State = LunarLander::State;

State state_after_reset(std::uint64_t seed, const LunarLander& sim = {}) {
  Generator generator(seed);
  return sim.reset(generator, {});
}

TEST(LunarLander, TerrainByHand) {
  // twelve uniforms in [0, 20/3), the middle five level at 10/3; each point 0.33 times the sum of three neighbours, the
  // left neighbour of the first being the twelfth draw
  Generator generator(3);
  std::vector<double> h(12);
  for (double& height : h) height = 20.0 / 3 * generator.random();
  for (std::size_t i = 3; i <= 7; ++i) h[i] = 10.0 / 3;
  const State state = state_after_reset(3);
  const auto& edges = state.world.def().bodies[LunarLander::kMoon].fixtures;
  ASSERT_EQ(edges.size(), 11u);
  for (std::size_t i = 0; i < 10; ++i) {
    const Fixture& edge = edges[10 - i];  // laid from right to left
    EXPECT_NEAR(edge.points[0].x, 2.0 * static_cast<double>(i), 1e-6);
    EXPECT_NEAR(edge.points[0].y, 0.33 * (h[i == 0 ? 11 : i - 1] + h[i] + h[i + 1]), 1e-6);
  }
  EXPECT_FLOAT_EQ(edges[5].points[0].y, 3.3f);  // the pad: 0.33 · 3 · 10/3
}

TEST(LunarLander, MassesByHand) {
  // the hull, in pixels: a trapezium of 28 and 34 by 17 above a rectangle of 34 by 10: 527 + 340 = 867 px²;
  // 5 kg/m² · 867 / 900 = 4.8167 kg; a leg: 4 · 16 / 900 = 0.0711 kg
  const State state = state_after_reset(0);
  EXPECT_NEAR(state.world.mass(LunarLander::kCraft).mass, 5 * 867.0 / 900, 1e-5);
  EXPECT_NEAR(state.world.mass(LunarLander::kFirstLeg).mass, 64.0 / 900, 1e-7);
  // the first leg is the one on the right
  EXPECT_GT(state.world.body(LunarLander::kFirstLeg).position.x, state.world.body(LunarLander::kCraft).position.x);
  EXPECT_LT(state.world.body(LunarLander::kSecondLeg).position.x, state.world.body(LunarLander::kCraft).position.x);
}

TEST(LunarLander, TheMainEngineLiftsAndTheSideEnginesTurn) {
  // the main engine gives 13 · (4/30 + 2 d) N s along the craft's axis, |d| ≤ 1/30, to 4.96 kg in all: 0.174 to 0.524
  // m/s, and gravity takes 0.2
  const LunarLander sim;
  Generator generator(1);
  State up = sim.reset(generator, {}), left = up, right = up;
  const float rise = up.world.body(LunarLander::kCraft).linear_velocity.y;
  const float turn = up.world.body(LunarLander::kCraft).angular_velocity;
  sim.step(up, 2, generator);
  const double lifted = static_cast<double>(up.world.body(LunarLander::kCraft).linear_velocity.y - rise) + 0.2;
  EXPECT_GT(lifted, 0.16);
  EXPECT_LT(lifted, 0.54);
  // 1 fires on the right and turns counter-clockwise, 3 the other way
  sim.step(left, 1, generator);
  sim.step(right, 3, generator);
  EXPECT_GT(left.world.body(LunarLander::kCraft).angular_velocity, turn + 0.02f);
  EXPECT_LT(right.world.body(LunarLander::kCraft).angular_velocity, turn - 0.02f);
}

TEST(LunarLander, RewardIsTheChangeOfPotentialLessFuel) {
  const auto potential = [](const Array& o) {
    return -100 * std::hypot(o.get(0), o.get(1)) - 100 * std::hypot(o.get(2), o.get(3)) - 100 * std::abs(o.get(4)) +
           10 * o.get(6) + 10 * o.get(7);
  };
  for (const auto& [action, fuel] : {std::pair{0, 0.0}, {1, 0.03}, {2, 0.3}, {3, 0.03}}) {
    const EnvPtr env = make("LunarLander-v3");
    double before = potential(env->reset(4).observation.as_array());
    for (int t = 0; t < 20; ++t) {
      const Step step = env->step(action);
      const double now = potential(step.observation.as_array());
      ASSERT_NEAR(step.reward, now - before - fuel, 1e-4) << "action " << action;
      before = now;
    }
  }
  // continuous: throttles 0.75 (main, 0.5) and 0.8 (side) cost 0.3 · 0.75 + 0.03 · 0.8
  const EnvPtr env = make("LunarLanderContinuous-v3");
  const double before = potential(env->reset(4).observation.as_array());
  const Step step = env->step(Array::of({0.5f, -0.8f}));
  EXPECT_NEAR(step.reward, potential(step.observation.as_array()) - before - 0.249, 1e-4);
}

TEST(LunarLander, ThrottlesHaveADeadZoneAndAreClipped) {
  const auto after = [](float main, float side) {
    const EnvPtr env = make("LunarLanderContinuous-v3");
    env->reset(4);
    return env->step(Array::of({main, side})).observation;
  };
  EXPECT_EQ(after(0, 0.5f), after(-1, -0.5f));  // off
  EXPECT_NE(after(0.01f, 0), after(0, 0));
  EXPECT_NE(after(0, 0.51f), after(0, 0));
  EXPECT_EQ(after(1, -1), after(7, -3));
  // full throttles are the discrete engines
  const EnvPtr discrete = make("LunarLander-v3");
  discrete->reset(4);
  EXPECT_EQ(after(1, 0), discrete->step(2).observation);
  discrete->reset(4);
  EXPECT_EQ(after(0, -1), discrete->step(1).observation);
  discrete->reset(4);
  EXPECT_EQ(after(0, 1), discrete->step(3).observation);
}

TEST(LunarLander, EveryStepDrawsTwoDispersions) {
  const LunarLander sim;
  for (const std::int64_t action : {0, 1, 2, 3}) {
    Generator generator(9), expected(9);
    State state = sim.reset(generator, {});
    for (int i = 0; i < 12 + 2 + 2; ++i) expected.random();  // heights, force, the first step
    EXPECT_EQ(generator, expected);
    sim.step(state, action, generator);
    expected.random(), expected.random();
    EXPECT_EQ(generator, expected);
  }
}

TEST(LunarLander, WindBlowsUntilALegTouches) {
  LunarLander sim;
  sim.config.enable_wind = true;
  Generator generator(1);
  State state = sim.reset(generator, {});
  EXPECT_EQ(state.progress.wind_index, -7520);  // Gymnasium's, after the step of the reset
  EXPECT_EQ(state.progress.torque_index, -3935);
  sim.step(state, 0, generator);
  EXPECT_EQ(state.progress.wind_index, -7519);
  state.progress.second_leg = true;
  sim.step(state, 0, generator);
  EXPECT_EQ(state.progress.wind_index, -7519);
}

TEST(LunarLander, RejectsADamagedState) {
  const State state = state_after_reset(1);
  const auto with = [&](const char* name, const Value& value) {
    Value saved = state.save();
    saved.as_dict()["progress"].as_dict()[name] = value;
    return saved;
  };
  EXPECT_NO_THROW(State::restore(with("wind_index", 5)));
  EXPECT_THROW(State::restore(with("wind_index", std::int64_t{1} << 62)), InvalidArgument);
  EXPECT_THROW(State::restore(with("crashed", "no")), InputError);
  EXPECT_THROW(State::restore(with("fuel", 1)), UnknownField);
}

TEST(LunarLander, TerminatesByCrashLeavingOrRest) {
  // without engines it hits the ground
  const EnvPtr env = make("LunarLander-v3");
  env->reset(0);
  Step step;
  int steps = 0;
  do {
    step = env->step(0);
  } while (!step.terminated && ++steps < 300);
  EXPECT_TRUE(step.terminated);
  EXPECT_EQ(step.reward, -100);

  // pushed sideways it leaves the image
  const LunarLander sim;
  Generator generator(0);
  State state = sim.reset(generator, {});
  state.world.apply_impulse(LunarLander::kCraft, {400, 0}, state.world.body(LunarLander::kCraft).position);
  Transition transition;
  for (steps = 0; !transition.terminated && steps < 20; ++steps) transition = sim.step(state, 0, generator);
  EXPECT_EQ(transition.reward, -100);
  EXPECT_FALSE(state.progress.crashed);
}

TEST(LunarLander, RejectsInvalidInput) {
  EXPECT_THROW(make("LunarLander-v3", {{"gravity", 0.0}}), InvalidArgument);
  EXPECT_THROW(make("LunarLander-v3", {{"gravity", -12.0}}), InvalidArgument);
  EXPECT_NO_THROW(make("LunarLander-v3", {{"gravity", -11.99}}));
  EXPECT_THROW(make("LunarLander-v3", {{"wind_power", 1e7}}), InvalidArgument);
  EXPECT_THROW(make("LunarLander-v3", {{"turbulence_power", NAN}}), InvalidArgument);
  EXPECT_THROW(make("LunarLander-v3", {{"wind", true}}), UnknownField);
  const EnvPtr env = make("LunarLander-v3");
  env->reset(0);
  EXPECT_THROW(env->step(4), InvalidAction);
  EXPECT_THROW(env->set_attribute("continuous", true), InvalidArgument);
  EXPECT_THROW(make("LunarLanderContinuous-v3")->set_attribute("continuous", false), InvalidArgument);
  env->set_attribute("enable_wind", true);
  EXPECT_TRUE(env->attribute("enable_wind").as_bool());
}

TEST(LunarLander, DrawsMoonCraftFlagsAndFlames) {
  const LunarLander sim;
  Generator generator(0);
  State state = sim.reset(generator, {});
  EXPECT_EQ(sim.draw(state).items.size(), 1u + 3u + 4u);  // moon; craft and legs; two flags of pole and cloth
  sim.step(state, 2, generator);
  EXPECT_EQ(sim.draw(state).items.size(), 10u);  // and a flame of two tones
  const Scene scene = sim.draw(state);
  EXPECT_EQ(scene.width, 600);
  EXPECT_EQ(scene.height, 400);
  // the flame of the main engine points downward from the hull
  const auto& flame = std::get<Polygon>(scene.items[1]);
  EXPECT_LT(flame.points[1].y, flame.points[0].y - 0.5);
  // the hull is where the body is
  const auto& hull = std::get<Polygon>(scene.items[3]).points;
  const double middle = std::accumulate(hull.begin(), hull.end(), 0.0, [](double sum, Point p) { return sum + p.x; }) /
                        static_cast<double>(hull.size());
  EXPECT_NEAR(middle, state.world.body(LunarLander::kCraft).position.x, 0.05);
}

}  // namespace
}  // namespace ludus::envs
