#include "envs/box2d/car_racing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

using State = CarRacingState;
using Pixel = std::array<int, 3>;

Value action(float steer, float gas, float brake) {
  return Array::of({steer, gas, brake});
}

const State& state_of(Env& env) {
  return dynamic_cast<SimulatorEnv<CarRacing>&>(env.unwrapped()).state();
}

template <class S = CarRacing, class Change>
void change_state(Env& env, Change change) {
  auto& made = dynamic_cast<SimulatorEnv<S>&>(env.unwrapped());
  State state = made.state();
  change(state);
  made.set_simulator_state(state);
}

// row from the top
Pixel pixel(const Value& observation, int row, int column) {
  const auto bytes = observation.as_array().data<std::uint8_t>();
  const auto i = static_cast<std::size_t>((row * 96 + column) * 3);
  return {bytes[i], bytes[i + 1], bytes[i + 2]};
}

Transition drive(const CarRacing& sim, State& state, float steer, float gas, float brake) {
  Generator unused(0);
  const std::array<float, 3> numbers{steer, gas, brake};
  return sim.step(state, std::span<const float>(numbers), unused);
}

TEST(CarRacing, SpacesAndSpec) {
  const EnvPtr env = make("CarRacing-v3");
  EXPECT_EQ(env->observation_space().to_string(), "Box(0, 255, (96, 96, 3), uint8)");
  EXPECT_EQ(env->action_space().to_string(), "Box([-1.  0.  0.], 1.0, (3,), float32)");
  EXPECT_EQ(env->spec().max_episode_steps, 1000);
  EXPECT_EQ(env->spec().reward_threshold, 900);
  EXPECT_EQ(env->frames_per_second(), 50);
  EXPECT_EQ(make("CarRacing-v3", {{"continuous", false}})->action_space().to_string(), "Discrete(5)");
}

TEST(CarRacing, RejectsInvalidOptions) {
  EXPECT_THROW(make("CarRacing-v3", {{"lap_complete_percent", 1.5}}), InvalidArgument);
  EXPECT_THROW(make("CarRacing-v3", {{"colour", "red"}}), UnknownField);
  const EnvPtr env = make("CarRacing-v3");
  EXPECT_THROW(env->reset(0, {{"randomise", true}}), InvalidArgument);
  EXPECT_THROW(env->reset(0, {{"randomize", true}}), InvalidArgument);  // needs domain_randomize
  EXPECT_THROW(env->set_attribute("continuous", false), InvalidArgument);
  env->reset(0);
  EXPECT_THROW(env->step(Value(3)), InvalidAction);
  EXPECT_THROW(env->step(Array::of({0.0f, NAN, 0.0f})), InvalidAction);
  const EnvPtr discrete = make("CarRacing-v3", {{"continuous", false}});
  discrete->reset(0);
  EXPECT_THROW(discrete->step(Value(5)), InvalidAction);
}

TEST(CarRacing, RewardsAFrameAndATile) {
  // the start lies on two tiles, which the first step pays for; after that a car at rest loses 0.1 a frame
  const CarRacing sim;
  Generator generator(0);
  State state = sim.reset(generator, {});
  ASSERT_EQ(state.drive.visited, 2);
  const double tile = 1000.0 / static_cast<double>(state.tiles.size());
  EXPECT_NEAR(drive(sim, state, 0, 0, 0).reward, 2 * tile - 0.1, 1e-12);
  EXPECT_NEAR(drive(sim, state, 0, 0, 0).reward, -0.1, 1e-12);

  double sum = 2 * tile - 0.2;
  for (int i = 0; i < 60; ++i) sum += drive(sim, state, 0, 0.5f, 0).reward;
  EXPECT_GT(state.drive.visited, 5);
  EXPECT_NEAR(sum, static_cast<double>(state.drive.visited) * tile - 6.2, 1e-9);
}

TEST(CarRacing, LeavingThePlayfieldCosts100AndEnds) {
  const EnvPtr env = make("CarRacing-v3");
  env->reset(3);
  // the same car 2 m inside the right edge, nose to the right, at 30 m/s: four steps of 0.6 m bring it out
  change_state(*env, [](State& state) {
    Car& car = state.drive.car = Car::at(-1.5707963, kPlayfield - 2, 0);
    car.hull.velocity = {30, 0};
    for (std::size_t i = 0; i < Car::kWheels; ++i) {
      car.wheels[i].body.velocity = {30, 0};
      car.controls[i].omega = 30 / kWheelRadius;
    }
  });
  for (int i = 0; i < 3; ++i) {
    const Step step = env->step(action(0, 0, 0));
    EXPECT_FALSE(step.terminated);
    EXPECT_TRUE(step.info.empty());
  }
  const Step last = env->step(action(0, 0, 0));
  EXPECT_TRUE(last.terminated);
  EXPECT_EQ(last.reward, -100);
  EXPECT_FALSE(last.info.at("lap_finished").as_bool());
}

TEST(CarRacing, LapIsCompleteWithEnoughTilesAtTheStart) {
  // with a share of 0 the lap ends as soon as the first tile is left
  const EnvPtr eager = make("CarRacing-v3", {{"lap_complete_percent", 0.0}});
  eager->reset(0);
  Step step;
  int steps = 0;
  do {
    eager->step_into(action(0, 0.3f, 0), step);
    ++steps;
  } while (!step.terminated && steps < 200);
  EXPECT_TRUE(step.info.at("lap_finished").as_bool());
  EXPECT_GT(step.reward, -0.11);
  EXPECT_LT(steps, 100);
  EXPECT_LT(state_of(*eager).drive.visited, 10);

  // and with all tiles visited it ends wherever the car is
  const EnvPtr env = make("CarRacing-v3");
  env->reset(0);
  EXPECT_FALSE(env->step(action(0, 0, 0)).terminated);
  change_state(*env, [](State& state) { state.drive.visited = static_cast<std::int64_t>(state.tiles.size()); });
  const Step done = env->step(action(0, 0, 0));
  EXPECT_TRUE(done.terminated);
  EXPECT_TRUE(done.info.at("lap_finished").as_bool());
}

TEST(CarRacing, DiscreteActionsAreSteeringGasAndBrake) {
  const std::array<std::array<float, 3>, 5> meaning{
      {{0, 0, 0}, {0.6f, 0, 0}, {-0.6f, 0, 0}, {0, 0.2f, 0}, {0, 0, 0.8f}}};
  for (std::int64_t a = 0; a < 5; ++a) {
    const CarRacing sim;
    const CarRacingDiscrete discrete;
    Generator first(5), second(5);
    State state = sim.reset(first, {}), other = discrete.reset(second, {});
    for (int i = 0; i < 20; ++i) {
      const auto [steer, gas, brake] = meaning[static_cast<std::size_t>(i < 10 ? 3 : a)];
      drive(sim, state, steer, gas, brake);
      discrete.step(other, i < 10 ? 3 : a, second);
    }
    // 0.6 of the one is a float's, of the other a double's
    EXPECT_NEAR(state.drive.car.hull.angle, other.drive.car.hull.angle, 1e-5) << a;
    EXPECT_NEAR(state.drive.car.speed(), other.drive.car.speed(), 1e-4) << a;
  }
  // and in words: 1 steers to the right, which is clockwise
  const CarRacingDiscrete sim;
  Generator generator(5);
  State state = sim.reset(generator, {});
  for (int i = 0; i < 10; ++i) sim.step(state, 1, generator);
  EXPECT_LT(state.drive.car.steering_angle(), -0.3);
}

TEST(CarRacing, ImageHasItsColoursInTheirPlaces) {
  const EnvPtr env = make("CarRacing-v3");
  Value observation = env->reset(0).observation;
  // from far above: the track, the grass and the black round the playfield
  constexpr Pixel kBlack{0, 0, 0}, kBackground{102, 204, 102}, kGrass{102, 230, 102};
  const auto count = [&](auto wanted) {
    int n = 0;
    for (int row = 0; row < 84; ++row) {
      for (int column = 0; column < 96; ++column) n += wanted(pixel(observation, row, column));
    }
    return n;
  };
  const auto grey = [](const Pixel& p) { return p[0] == p[1] && p[1] == p[2] && p[0] >= 102 && p[0] <= 107; };
  EXPECT_GT(count([&](const Pixel& p) { return p == kBlack; }), 500);
  EXPECT_GT(count([&](const Pixel& p) { return p == kBackground; }), 500);

  // a second later from nearby: car in the lower middle, road ahead and below, grass to the sides
  Step step;
  for (int i = 0; i < 50; ++i) env->step_into(action(0, 0.02f, 0), step);
  observation = step.observation;
  EXPECT_EQ(count([&](const Pixel& p) { return p == kBlack; }), 0);
  EXPECT_GT(count([&](const Pixel& p) { return p == kGrass; }), 500);
  EXPECT_GT(count([&](const Pixel& p) { return p == kBackground; }), 1000);
  EXPECT_GT(count(grey), 500);
  // the nose and the body of the car: 204 of red where it covers the whole pixel
  EXPECT_EQ(pixel(observation, 73, 48), (Pixel{204, 0, 0}));
  EXPECT_EQ(pixel(observation, 73, 47), (Pixel{204, 0, 0}));
  EXPECT_TRUE(grey(pixel(observation, 60, 48)));
  EXPECT_TRUE(grey(pixel(observation, 73, 40)));
  EXPECT_FALSE(grey(pixel(observation, 73, 20)));
  // The bar: black but for the instruments. Speed (white) and the wheels' speeds (blue) are there at the bottom.
  EXPECT_EQ(pixel(observation, 84, 60), kBlack);
  EXPECT_EQ(pixel(observation, 95, 60), kBlack);
  EXPECT_GT(pixel(observation, 93, 13)[0], 50);
  EXPECT_GT(pixel(observation, 93, 18)[2], 50);
  EXPECT_EQ(pixel(observation, 93, 18)[0], 0);
  EXPECT_GT(pixel(observation, 93, 22)[0], 10);  // the rear wheels' bars are 51, 0, 255
  // the number: "0015" is white on black
  int bright = 0;
  for (int row = 88; row < 92; ++row) {
    for (int column = 1; column < 11; ++column) bright += pixel(observation, row, column)[0] > 60;
  }
  EXPECT_GT(bright, 10);
}

TEST(CarRacing, SteeringAndSpinShowToTheirSide) {
  const EnvPtr env = make("CarRacing-v3");
  env->reset(0);
  Step step;
  for (int i = 0; i < 30; ++i) env->step_into(action(0, 0.1f, 0), step);
  for (int i = 0; i < 20; ++i) env->step_into(action(1, 0, 0), step);
  // 20 of 40 places is column 48; to the right the bar grows to the right: 10 · 0.4 places of 2.4 pixels
  EXPECT_EQ(pixel(step.observation, 88, 52), (Pixel{0, 255, 0}));
  EXPECT_EQ(pixel(step.observation, 88, 44), (Pixel{0, 0, 0}));
  for (int i = 0; i < 20; ++i) env->step_into(action(-1, 0, 0), step);
  EXPECT_EQ(pixel(step.observation, 88, 44), (Pixel{0, 255, 0}));
  EXPECT_EQ(pixel(step.observation, 88, 52), (Pixel{0, 0, 0}));
}

TEST(CarRacing, SceneMatchesTheObservationPlusSkidMarks) {
  const EnvPtr env = make("CarRacing-v3");
  env->reset(0);
  for (int i = 0; i < 20; ++i) env->step(action(0, 1, 0));
  const Scene scene = env->render();
  EXPECT_EQ(scene.width, 1000);
  EXPECT_EQ(scene.height, 800);
  std::size_t lines = 0, polygons = 0;
  std::string text;
  for (const SceneItem& item : scene.items) {
    if (std::holds_alternative<Polyline>(item)) ++lines;
    if (std::holds_alternative<Polygon>(item)) ++polygons;
    if (const auto* words = std::get_if<Text>(&item)) text = words->text;
  }
  EXPECT_EQ(lines, static_cast<std::size_t>(state_of(*env).drive.car.skid_marks.made));
  EXPECT_GE(lines, 2u);
  EXPECT_GT(polygons, 50u);
  std::array<char, 16> reward;
  std::snprintf(reward.data(), reward.size(), "%04d", static_cast<int>(state_of(*env).drive.reward + 0.1));
  EXPECT_EQ(text, reward.data());
  EXPECT_EQ(env->get_state(), env->get_state());  // drawing changes nothing
}

TEST(CarRacing, ColoursAreDrawnBeforeTheTrack) {
  const EnvPtr env = make("CarRacing-v3", {{"domain_randomize", true}});
  env->reset(11);
  Generator generator(11);
  const auto color = [&] {
    const double r = generator.uniform(0, 210), g = generator.uniform(0, 210), b = generator.uniform(0, 210);
    return State::Rgb{r, g, b};
  };
  const State::Rgb road = color(), background = color();
  State::Rgb grass = background;
  grass[static_cast<std::size_t>(generator.integers(3))] += 20;
  EXPECT_EQ(state_of(*env).drive.road, road);
  EXPECT_EQ(state_of(*env).drive.background, background);
  EXPECT_EQ(state_of(*env).drive.grass, grass);
  EXPECT_EQ(state_of(*env).track->nodes, make_track(generator).nodes);
  EXPECT_EQ(env->unwrapped().generator().state(), generator.state());

  // the next episode keeps them on demand and draws the track alone; then they change again
  env->reset({}, {{"randomize", false}});
  EXPECT_EQ(state_of(*env).drive.road, road);
  EXPECT_EQ(state_of(*env).drive.grass, grass);
  EXPECT_EQ(state_of(*env).track->nodes, make_track(generator).nodes);
  env->reset();
  EXPECT_NE(state_of(*env).drive.road, road);

  // kept before there were any: some are there, and the track is as without them
  const EnvPtr fresh = make("CarRacing-v3", {{"domain_randomize", true}}), plain = make("CarRacing-v3");
  fresh->reset(4, {{"randomize", false}});
  plain->reset(4);
  EXPECT_EQ(state_of(*fresh).track->nodes, state_of(*plain).track->nodes);
  EXPECT_NE(state_of(*fresh).drive.road, state_of(*plain).drive.road);

  // so do the environments of a vector
  const VectorEnvPtr vector = make_vec("CarRacing-v3", 2, {}, {{"domain_randomize", true}});
  const auto road_of_lane = [&] {
    const Value all = vector->get_state();
    return State::restore(all.as_dict().at("envs/1").as_dict().at("state")).drive.road;
  };
  vector->reset(11);
  const State::Rgb before = road_of_lane();
  vector->reset({}, {{"randomize", false}});
  EXPECT_EQ(road_of_lane(), before);
  vector->reset();
  EXPECT_NE(road_of_lane(), before);
}

// Plays on and compares everything to the last bit.
void expect_same_rest(Env& a, Env& b, int steps) {
  Step one, other;
  for (int i = 0; i < steps; ++i) {
    const auto steer = static_cast<float>(std::sin(0.1 * i));
    a.step_into(action(steer, 0.4f, i % 50 > 40 ? 0.9f : 0.0f), one);
    b.step_into(action(steer, 0.4f, i % 50 > 40 ? 0.9f : 0.0f), other);
    ASSERT_EQ(one.reward, other.reward) << i;
    ASSERT_EQ(one.terminated, other.terminated) << i;
    ASSERT_EQ(one.observation, other.observation) << i;
  }
}

TEST(CarRacing, SnapshotsAndClonesContinueIdentically) {
  const EnvPtr env = make("CarRacing-v3"), other = make("CarRacing-v3");
  env->reset(21);
  other->reset(99);
  for (int i = 0; i < 70; ++i) env->step(action(i > 40 ? 0.7f : 0.0f, 0.8f, 0));
  const EnvPtr clone = env->clone();
  other->set_state(env->get_state());
  EXPECT_EQ(other->get_state(), env->get_state());
  const Value saved = env->get_state();
  expect_same_rest(*env, *other, 100);
  env->set_state(saved);
  expect_same_rest(*env, *clone, 100);
  // and so do the episodes after it
  EXPECT_EQ(env->reset().observation, clone->reset().observation);
}

TEST(CarRacing, RejectsInvalidStates) {
  const CarRacing sim;
  Generator generator(0);
  const Value saved = sim.reset(generator, {}).save();
  EXPECT_NO_THROW(State::restore(saved));
  const auto with = [&](const char* part, auto change) {
    Dict dict = saved.as_dict();
    change(dict[part].as_array());
    return Value(dict);
  };
  EXPECT_THROW(State::restore(with("drive", [](Array& a) { a = Array(DType::kFloat64, Shape{7}); })), TypeMismatch);
  EXPECT_THROW(State::restore(with("tiles", [](Array& a) { a = Array(DType::kUInt8, Shape{7}); })), TypeMismatch);
  EXPECT_THROW(
      State::restore(with("track", [](Array& a) { a = a.reshaped(Shape{static_cast<std::int64_t>(a.size())}); })),
      TypeMismatch);
  EXPECT_THROW(State::restore(with("track", [](Array& a) { a.set(2, INFINITY); })), InvalidArgument);
  EXPECT_THROW(State::restore(Value(3)), TypeMismatch);

  // each number in turn, wrong: not one of them is taken, and none does harm
  const std::size_t numbers = saved.as_dict().at("drive").as_array().size();
  for (std::size_t i = 0; i < numbers; ++i) {
    EXPECT_THROW(State::restore(with("drive", [i](Array& a) { a.set(i, NAN); })), InvalidArgument) << i;
    EXPECT_THROW(State::restore(with("drive", [i](Array& a) { a.set(i, INFINITY); })), InvalidArgument) << i;
  }
  State state = State::restore(saved);
  state.drive.car.hull.angle = NAN;
  EXPECT_THROW(State::restore(state.save()), InvalidArgument);
  state = State::restore(saved);
  state.drive.car.skid_marks.marks[3].count = 31;
  EXPECT_THROW(State::restore(state.save()), InvalidArgument);
  state = State::restore(saved);
  state.drive.car.pens[1].mark = 5;
  EXPECT_THROW(State::restore(state.save()), InvalidArgument);
}

TEST(CarRacing, ReseededEqualsFreshAndThreadsDoNotMatter) {
  const EnvPtr used = make("CarRacing-v3");
  used->reset(1);
  for (int i = 0; i < 30; ++i) used->step(action(0.3f, 1, 0));
  const EnvPtr fresh = make("CarRacing-v3");
  EXPECT_EQ(used->reset(8).observation, fresh->reset(8).observation);
  expect_same_rest(*used, *fresh, 50);

  // four at once, each in a thread of its own
  std::array<Value, 4> last;
  std::vector<std::thread> threads;
  for (Value& observation : last) {
    threads.emplace_back([&observation] {
      const EnvPtr env = make("CarRacing-v3");
      env->reset(8);
      Step step;
      for (int i = 0; i < 40; ++i) env->step_into(action(0.2f, 0.5f, 0), step);
      observation = step.observation;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Value& observation : last) EXPECT_EQ(observation, last[0]);
}

}  // namespace
}  // namespace ludus::envs
