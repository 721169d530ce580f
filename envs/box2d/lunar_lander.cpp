#include "envs/box2d/lunar_lander.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/format.h"
#include "envs/box2d/viewport.h"

namespace ludus::envs {
namespace {

using State = LunarLanderState;

constexpr double kWidth = kViewportWidth / kScale, kHeight = kViewportHeight / kScale;  // m

constexpr double kMainEnginePower = 13.0, kSideEnginePower = 0.6;
constexpr double kInitialForce = 1000.0;  // N, either way, during the first step

// the hull, and where engines sit, in pixels from the craft's origin
constexpr std::array<std::array<double, 2>, 6> kHull{{{-14, 17}, {-17, 0}, {-17, -10}, {17, -10}, {17, 0}, {14, 17}}};
constexpr double kMainEngineDown = 4;
constexpr double kSideEngineAway = 12, kSideEngineHeight = 14, kSideEngineTilt = 17;

constexpr double kLegAway = 20, kLegDown = 18;           // of the joint, px
constexpr double kLegHalfWidth = 2, kLegHalfHeight = 8;  // px
constexpr double kLegTorque = 40, kLegSpeed = 0.3;       // N m, rad/s
constexpr double kLegOut = 0.9, kLegIn = 0.9 - 0.5;      // limits of its angle, rad

constexpr std::int64_t kMostGusts = 1'000'000'000'000;  // index of the wind: no episode gets there

constexpr std::size_t kHeights = 11;  // points of the terrain, 2 m apart
constexpr double kHelipadHeight = kHeight / 4;
constexpr std::size_t kHelipadLeft = kHeights / 2 - 1, kHelipadRight = kHeights / 2 + 1;

constexpr std::uint16_t kGround = 0x0001, kHullCategory = 0x0010, kLegCategory = 0x0020;

// Power of the engines in a step.
struct Throttle {
  double main = 0;  // 0, or 0.5 to 1
  double side = 0;  // 0, or 0.5 to 1
  double turn = 0;  // which side engine: -1 the one on the right, 1 the one on the left
};

constexpr double terrain_x(std::size_t i) {
  return kWidth / (kHeights - 1) * static_cast<double>(i);
}

// Random heights, level in the middle, smoothed over three neighbours; the left neighbour of the first is the last of
// the twelve that were drawn (Python's index -1).
std::array<double, kHeights> draw_terrain(Generator& generator) {
  std::array<double, kHeights + 1> height;
  for (double& h : height) h = generator.uniform(0, kHeight / 2);
  for (std::size_t i = kHeights / 2 - 2; i <= kHeights / 2 + 2; ++i) height[i] = kHelipadHeight;
  std::array<double, kHeights> smooth;
  for (std::size_t i = 0; i < kHeights; ++i) {
    smooth[i] = 0.33 * (height[i == 0 ? kHeights : i - 1] + height[i] + height[i + 1]);
  }
  return smooth;
}

WorldDef plan_world(double gravity, const std::array<double, kHeights>& terrain) {
  // a leg at its limit that meets the ground; of 360 to 2880 iterations, with these the landings of the built-in
  // controller are nearest to Gymnasium's in length and in share of crashes
  WorldDef def{.gravity = metres(0, gravity), .limit_contact_iterations = 720};

  Body moon{.fixtures = {{.points = {metres(0, 0), metres(kWidth, 0)}}}};
  for (std::size_t i = kHeights - 1; i-- > 0;) {  // from right to left: see WorldDef
    moon.fixtures.push_back(
        {.points = {metres(terrain_x(i), terrain[i]), metres(terrain_x(i + 1), terrain[i + 1])}, .friction = 0.1f});
  }

  Body craft{.dynamic = true, .position = metres(kWidth / 2, kHeight)};
  Fixture hull{.density = 5, .friction = 0.1f, .category = kHullCategory, .collides_with = kGround};
  for (const auto& [x, y] : kHull) hull.points.push_back(pixels(x, y));
  craft.fixtures = {hull};
  def.bodies = {moon, craft};

  // the legs, the one on the right first; a leg is a spring: its motor pushes it out against its limit
  for (const double side : {-1.0, 1.0}) {
    def.bodies.push_back({.dynamic = true,
                          .position = metres(kWidth / 2 - side * kLegAway / kScale, kHeight),
                          .angle = static_cast<float>(side * 0.05),
                          .fixtures = {{.points = box(kLegHalfWidth / kScale, kLegHalfHeight / kScale),
                                        .density = 1,
                                        .category = kLegCategory,
                                        .collides_with = kGround}}});
    def.joints.push_back({.body_a = LunarLander::kCraft,
                          .body_b = def.bodies.size() - 1,
                          .anchor_b = pixels(side * kLegAway, kLegDown),
                          .lower_angle = static_cast<float>(side < 0 ? kLegIn : -kLegOut),
                          .upper_angle = static_cast<float>(side < 0 ? kLegOut : -kLegIn),
                          .motor_speed = static_cast<float>(kLegSpeed * side),
                          .max_motor_torque = static_cast<float>(kLegTorque)});
  }
  return def;
}

// tanh(sin(2 k t) + sin(π k t)) with k = 0.01: never repeats itself
double gust(std::int64_t index) {
  const auto t = static_cast<double>(index);
  return std::tanh(std::sin(0.02 * t) + std::sin(std::numbers::pi * 0.01 * t));
}

// The observation, in double.
std::array<double, 8> look(const State& state) {
  const BodyState craft = state.world.body(LunarLander::kCraft);
  const auto real = [](float number) { return static_cast<double>(number); };
  return {(real(craft.position.x) - kWidth / 2) / (kWidth / 2),
          (real(craft.position.y) - (kHelipadHeight + kLegDown / kScale)) / (kHeight / 2),
          real(craft.linear_velocity.x) * (kWidth / 2) / kStepsPerSecond,
          real(craft.linear_velocity.y) * (kHeight / 2) / kStepsPerSecond,
          real(craft.angle),
          20.0 * real(craft.angular_velocity) / kStepsPerSecond,
          state.progress.first_leg ? 1.0 : 0.0,
          state.progress.second_leg ? 1.0 : 0.0};
}

void note_touches(std::span<const ContactEvent> touches, State::Progress& progress) {
  for (const ContactEvent& touch : touches) {
    const auto concerns = [&](std::size_t body) { return touch.body_a == body || touch.body_b == body; };
    if (concerns(LunarLander::kCraft) && touch.begins) progress.crashed = true;
    if (concerns(LunarLander::kFirstLeg)) progress.first_leg = touch.begins;
    if (concerns(LunarLander::kSecondLeg)) progress.second_leg = touch.begins;
  }
}

Transition advance(const LunarLanderConfig& config, State& state, const Throttle& throttle, Generator& generator) {
  World& world = state.world;
  State::Progress& progress = state.progress;
  constexpr std::size_t kCraft = LunarLander::kCraft;

  if (config.enable_wind && !progress.first_leg && !progress.second_leg) {
    world.apply_force(kCraft, metres(gust(progress.wind_index++) * config.wind_power, 0));
    world.apply_torque(kCraft, static_cast<float>(gust(progress.torque_index++) * config.turbulence_power));
  }

  // an engine pushes away from `out`, where its exhaust goes: along the craft's axis and across it, with some
  // dispersion, drawn whether an engine fires or not
  const BodyState craft = world.body(kCraft);
  const double angle = static_cast<double>(craft.angle);
  const std::array<double, 2> tip{std::sin(angle), std::cos(angle)}, side{-tip[1], tip[0]};
  std::array<double, 2> dispersion;
  for (double& d : dispersion) d = generator.uniform(-1.0, 1.0) / kScale;
  const auto fire = [&](double out_x, double out_y, double at_x, double at_y, double strength) {
    world.apply_impulse(kCraft, metres(-out_x * strength, -out_y * strength),
                        metres(static_cast<double>(craft.position.x) + out_x + at_x,
                               static_cast<double>(craft.position.y) + out_y + at_y));
  };

  if (throttle.main > 0) {
    const double along = kMainEngineDown / kScale + 2 * dispersion[0];
    fire(tip[0] * along + side[0] * dispersion[1], -tip[1] * along - side[1] * dispersion[1], 0, 0,
         kMainEnginePower * throttle.main);
  }
  if (throttle.side > 0) {
    const double across = 3 * dispersion[1] + throttle.turn * kSideEngineAway / kScale;
    fire(tip[0] * dispersion[0] + side[0] * across, -tip[1] * dispersion[0] - side[1] * across,
         -tip[0] * kSideEngineTilt / kScale, tip[1] * kSideEngineHeight / kScale, kSideEnginePower * throttle.side);
  }
  progress.main_power = throttle.main;
  progress.side_power = throttle.side * throttle.turn;

  note_touches(world.step(), progress);

  // φ = −100 |position| − 100 |velocity| − 100 |angle| + 10 per leg down; r = φ' − φ − fuel
  const auto s = look(state);
  const double shaping = -100 * std::sqrt(s[0] * s[0] + s[1] * s[1]) - 100 * std::sqrt(s[2] * s[2] + s[3] * s[3]) -
                         100 * std::abs(s[4]) + 10 * s[6] + 10 * s[7];
  double reward = progress.shaping ? shaping - *progress.shaping : 0;
  progress.shaping = shaping;
  reward -= throttle.main * 0.30;
  reward -= throttle.side * 0.03;

  // a crash or a flight out of sight, or rest on the ground
  Transition transition{reward, false};
  if (progress.crashed || std::abs(s[0]) >= 1.0) transition = {-100, true};
  if (!world.body(kCraft).awake) transition = {100, true};
  return transition;
}

template <class T>
Throttle throttle_of(std::span<const T> action) {
  const double main = std::clamp(static_cast<double>(action[0]), -1.0, 1.0);
  const double side = std::clamp(static_cast<double>(action[1]), -1.0, 1.0);
  Throttle throttle;
  if (main > 0) throttle.main = (main + 1.0) * 0.5;
  if (std::abs(side) > 0.5) {
    throttle.side = std::abs(side);
    throttle.turn = side > 0 ? 1 : -1;
  }
  return throttle;
}

}  // namespace

Value LunarLanderState::save() const {
  return Dict{{"world", world.save()}, {"progress", fields_as_dict(progress)}};
}

LunarLanderState LunarLanderState::restore(const Value& saved) {
  const Dict& parts = saved.as_dict();
  LunarLanderState state{.world = World::restore(parts.at("world"))};
  assign_fields(state.progress, parts.at("progress").as_dict(), "the state of a lunar lander");
  for (const std::int64_t index : {state.progress.wind_index, state.progress.torque_index}) {
    if (index < -kMostGusts || index > kMostGusts) {
      throw InvalidArgument(formatted("the wind of a saved state must be at most 1e12 steps old, got {}", index));
    }
  }
  return state;
}

template <bool continuous>
SpacePtr BasicLunarLander<continuous>::observation_space() const {
  const auto full_turn = static_cast<float>(2 * std::numbers::pi);
  return std::make_unique<Box>(Array::of({-2.5f, -2.5f, -10.0f, -10.0f, -full_turn, -10.0f, -0.0f, -0.0f}),
                               Array::of({2.5f, 2.5f, 10.0f, 10.0f, full_turn, 10.0f, 1.0f, 1.0f}));
}

template <bool continuous>
SpacePtr BasicLunarLander<continuous>::action_space() const {
  if constexpr (continuous) {
    return std::make_unique<Box>(-1, 1, Shape{2}, DType::kFloat32);
  } else {
    return std::make_unique<Discrete>(4);
  }
}

template <bool continuous>
void BasicLunarLander<continuous>::configure() const {
  if (config.continuous == continuous) return;
  throw InvalidArgument(
      "continuous cannot be changed in an environment that is made; make a new one with it as a keyword argument");
}

template <bool continuous>
void BasicLunarLander<continuous>::check_state(const State& state) const {
  const WorldDef& def = state.world.def();
  const auto has = [&](std::size_t body, std::size_t fixtures, std::size_t least_points) {
    const auto& all = def.bodies[body].fixtures;
    return all.size() == fixtures &&
           std::all_of(all.begin(), all.end(), [&](const Fixture& f) { return f.points.size() >= least_points; });
  };
  if (def.bodies.size() == 4 && has(kMoon, kHeights, 2) && has(kCraft, 1, 3) && has(kFirstLeg, 1, 3) &&
      has(kSecondLeg, 1, 3)) {
    return;
  }
  throw InvalidArgument("the saved state is of another world than a lunar lander's");
}

template <bool continuous>
LunarLanderState BasicLunarLander<continuous>::reset(Generator& generator, const Dict& options) const {
  refuse_options(options);
  State state{.world = World(plan_world(config.gravity, draw_terrain(generator)))};
  const double force_x = generator.uniform(-kInitialForce, kInitialForce);
  const double force_y = generator.uniform(-kInitialForce, kInitialForce);
  state.world.apply_force(kCraft, metres(force_x, force_y));
  if (config.enable_wind) {
    state.progress.wind_index = generator.integers(-9999, 9999);
    state.progress.torque_index = generator.integers(-9999, 9999);
  }
  advance(config, state, {}, generator);
  return state;
}

template <bool continuous>
Transition BasicLunarLander<continuous>::step(State& state, std::int64_t action, Generator& generator) const
    requires(!continuous) {
  Throttle throttle;
  if (action == 2) throttle.main = 1;
  if (action == 1 || action == 3) throttle = {.main = 0, .side = 1, .turn = static_cast<double>(action - 2)};
  return advance(config, state, throttle, generator);
}

template <bool continuous>
Transition BasicLunarLander<continuous>::step(State& state, std::span<const float> action,
                                              Generator& generator) const requires continuous {
  return advance(config, state, throttle_of(action), generator);
}

template <bool continuous>
Transition BasicLunarLander<continuous>::step(State& state, std::span<const double> action,
                                              Generator& generator) const requires continuous {
  return advance(config, state, throttle_of(action), generator);
}

template <bool continuous>
void BasicLunarLander<continuous>::observe(const State& state, std::span<float> out) const {
  const auto numbers = look(state);
  std::transform(numbers.begin(), numbers.end(), out.begin(), [](double number) { return static_cast<float>(number); });
}

template <bool continuous>
Scene BasicLunarLander<continuous>::draw(const State& state) const {
  constexpr Color kBlack{0, 0, 0, 255}, kWhite{255, 255, 255, 255}, kFlag{204, 204, 0, 255};
  constexpr Color kBody{128, 102, 230, 255}, kRim{77, 77, 128, 255};
  constexpr Color kOuterFlame{230, 90, 25, 255}, kInnerFlame{255, 220, 120, 255};
  const World& world = state.world;
  Scene scene = viewport(0);
  scene.background = kBlack;

  // the moon: below the line of its edges, the first of which is the bottom of the image
  const auto& edges = world.def().bodies[kMoon].fixtures;
  Polygon moon{{{0, 0}, {kWidth, 0}, point(edges[1].points[1])}, {.fill = kWhite}};
  for (std::size_t i = 1; i < edges.size(); ++i) moon.points.push_back(point(edges[i].points[0]));
  scene.items.push_back(std::move(moon));

  // flames, as long as their engines are strong; they leave the world as it is
  const auto flame = [&](double x, double y, double out_x, double out_y, double length, double half_width,
                         Color color) {
    const auto at = [&](double along, double across) {
      return point(
          world.to_world(kCraft, pixels(x + out_x * along - out_y * across, y + out_y * along + out_x * across)));
    };
    scene.items.push_back(Polygon{{at(0, -half_width), at(length, 0), at(0, half_width)}, {.fill = color}});
  };
  if (const double power = state.progress.main_power; power > 0) {
    flame(0, -10, 0, -1, 34 * power, 7, kOuterFlame);
    flame(0, -10, 0, -1, 20 * power, 4, kInnerFlame);
  }
  if (const double power = state.progress.side_power; power != 0) {
    const double out = power > 0 ? -1 : 1;
    flame(out * 15, 12, out, 0, 18 * std::abs(power), 4, kOuterFlame);
    flame(out * 15, 12, out, 0, 10 * std::abs(power), 2, kInnerFlame);
  }

  for (const std::size_t body : {kCraft, kFirstLeg, kSecondLeg}) {
    scene.items.push_back(outline_of(world, body, 0, {.fill = kBody, .outline = kRim, .outline_width = 1 / kScale}));
  }

  // the flags on both ends of the pad
  for (const std::size_t i : {kHelipadLeft, kHelipadRight}) {
    draw_flag(scene, {terrain_x(i), kHelipadHeight}, kWhite, {.fill = kFlag});
  }
  return scene;
}

template struct BasicLunarLander<false>;
template struct BasicLunarLander<true>;

}  // namespace ludus::envs
