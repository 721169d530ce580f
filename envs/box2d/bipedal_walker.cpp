#include "envs/box2d/bipedal_walker.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "envs/box2d/viewport.h"
#include "envs/classic_control/numpy_scalar.h"

namespace ludus::envs {
namespace {

using State = BipedalWalker::State;
using Terrain = BipedalTerrain;

constexpr double kMotorTorque = 80;              // N m
constexpr double kHipSpeed = 4, kKneeSpeed = 6;  // rad/s
constexpr double kLidarRange = 160 / kScale;     // m
constexpr double kInitialForce = 5;              // N, either way, during the first step

constexpr std::array<std::array<double, 2>, 5> kHull{{{-30, 9}, {6, 9}, {34, 1}, {34, -8}, {-30, -8}}};  // px
constexpr double kLegDown = -8 / kScale;                            // of the hips, m
constexpr double kLegWidth = 8 / kScale, kLegHeight = 34 / kScale;  // of a thigh; a shank is a fifth narrower, m
constexpr float kGroundFriction = 2.5f;

constexpr std::uint16_t kGround = 0x0001, kWalker = 0x0020;
constexpr std::size_t kMotors = 4, kWalkerBodies = 5;

WorldDef plan_world(const Terrain& terrain) {
  WorldDef def{.gravity = {0, -10}};

  for (const Terrain::Quad& obstacle : terrain.obstacles) {
    Fixture fixture{.friction = kGroundFriction};
    for (const Point& corner : obstacle) fixture.points.push_back(metres(corner.x, corner.y));
    def.bodies.push_back({.fixtures = {fixture}});
  }
  for (std::size_t i = Terrain::kPoints - 1; i-- > 0;) {  // from right to left: see WorldDef
    const auto at = [&](std::size_t k) { return metres(static_cast<double>(k) * Terrain::kStep, terrain.heights[k]); };
    def.bodies.push_back({.fixtures = {{.points = {at(i), at(i + 1)}, .friction = kGroundFriction}}});
  }

  const double x = Terrain::kStep * Terrain::kStartPad / 2, y = Terrain::kHeight + 2 * kLegHeight;
  const auto part = [](std::vector<Vec2> points, float density, float friction) {
    return std::vector<Fixture>{{.points = std::move(points),
                                 .density = density,
                                 .friction = friction,
                                 .category = kWalker,
                                 .collides_with = kGround}};
  };
  std::vector<Vec2> outline;
  for (const auto& [px, py] : kHull) outline.push_back(pixels(px, py));
  const std::size_t hull = def.bodies.size();
  def.bodies.push_back({.dynamic = true, .position = metres(x, y), .fixtures = part(outline, 5, 0.1f)});

  for (const double side : {-1.0, 1.0}) {
    const auto leg = [&](double height, double width) {
      def.bodies.push_back({.dynamic = true,
                            .position = metres(x, height),
                            .angle = static_cast<float>(side * 0.05),
                            .fixtures = part(box(width / 2, kLegHeight / 2), 1, 0.2f)});
      return def.bodies.size() - 1;
    };
    const std::size_t thigh = leg(y - kLegHeight / 2 - kLegDown, kLegWidth);
    const std::size_t shank = leg(y - kLegHeight * 3 / 2 - kLegDown, 0.8 * kLegWidth);
    def.joints.push_back({.body_a = hull,
                          .body_b = thigh,
                          .anchor_a = metres(0, kLegDown),
                          .anchor_b = metres(0, kLegHeight / 2),
                          .lower_angle = -0.8f,
                          .upper_angle = 1.1f});
    def.joints.push_back({.body_a = thigh,
                          .body_b = shank,
                          .anchor_a = metres(0, -kLegHeight / 2),
                          .anchor_b = metres(0, kLegHeight / 2),
                          .lower_angle = -1.6f,
                          .upper_angle = -0.1f});
  }
  return def;
}

void note_touches(std::span<const ContactEvent> touches, State& state) {
  for (const ContactEvent& touch : touches) {
    const auto concerns = [&](std::size_t body) { return touch.body_a == body || touch.body_b == body; };
    if (concerns(state.hull()) && touch.begins) state.progress.fallen = true;
    if (concerns(state.first_foot())) state.progress.first_foot = touch.begins;
    if (concerns(state.second_foot())) state.progress.second_foot = touch.begins;
  }
}

// Where ray i of the lidar ends if nothing stops it.
Vec2 ray_end(Vec2 eye, std::size_t i) {
  const double angle = 1.5 * static_cast<double>(i) / 10.0;
  return metres(static_cast<double>(eye.x) + std::sin(angle) * kLidarRange,
                static_cast<double>(eye.y) - std::cos(angle) * kLidarRange);
}

template <class T>
Transition advance(State& state, std::span<const T> action) {
  // an action's sign sets the direction of its motor, its size the torque
  std::array<T, kMotors> effort;
  for (std::size_t i = 0; i < kMotors; ++i) {
    effort[i] = std::min(std::abs(action[i]), T{1});
    const double speed = i % 2 == 0 ? kHipSpeed : kKneeSpeed;
    const double direction = action[i] > 0 ? 1 : action[i] < 0 ? -1 : 0;
    state.world.set_motor(i, static_cast<float>(speed * direction),
                          static_cast<float>(static_cast<T>(kMotorTorque) * effort[i]));
  }
  note_touches(state.world.step(), state);

  // φ = 130 x / 30 − 5 |angle|: some 300 at the far end; r = φ' − φ − price of the torque
  const BodyState hull = state.world.body(state.hull());
  const double x = static_cast<double>(hull.position.x);
  const double shaping = 130 * x / kScale - 5.0 * std::abs(static_cast<double>(hull.angle));
  NumpyScalar reward = state.progress.shaping ? shaping - *state.progress.shaping : 0;
  state.progress.shaping = shaping;
  for (const T e : effort) reward = reward - NumpyScalar(0.00035 * kMotorTorque) * NumpyScalar::of(e);

  // a fall, or a walk back over the left end; or the goal
  Transition transition{reward.value(), false};
  if (state.progress.fallen || x < 0) transition = {-100, true};
  if (x > (static_cast<double>(Terrain::kPoints) - Terrain::kGrass) * Terrain::kStep) transition.terminated = true;
  return transition;
}

}  // namespace

Value BipedalWalker::State::save() const {
  std::vector<double> numbers;
  for (const Terrain::Cloud& cloud : clouds) {
    for (const Point& corner : cloud) numbers.insert(numbers.end(), {corner.x, corner.y});
  }
  return Dict{{"world", world.save()},
              {"clouds", Array::of(std::span<const double>(numbers))},
              {"progress", fields_as_dict(progress)}};
}

State BipedalWalker::State::restore(const Value& saved) {
  const Dict& parts = saved.as_dict();
  State state{.world = World::restore(parts.at("world")), .clouds = {}};
  const auto numbers = parts.at("clouds").as_array().data<double>();
  constexpr std::size_t kNumbers = 2 * Terrain::Cloud{}.size();
  if (numbers.size() % kNumbers != 0 ||
      !std::all_of(numbers.begin(), numbers.end(), [](double number) { return std::isfinite(number); })) {
    throw InvalidArgument("the clouds of a saved state must be finite numbers, ten to a cloud");
  }
  for (std::size_t i = 0; i < numbers.size(); i += kNumbers) {
    Terrain::Cloud& cloud = state.clouds.emplace_back();
    for (std::size_t k = 0; k < cloud.size(); ++k) cloud[k] = {numbers[i + 2 * k], numbers[i + 2 * k + 1]};
  }
  assign_fields(state.progress, parts.at("progress").as_dict(), "the state of a walker");
  return state;
}

SpacePtr BipedalWalker::observation_space() const {
  constexpr float kPi = 3.14159265358979f;
  std::vector<float> low{-kPi, -5, -5, -5}, high{kPi, 5, 5, 5};
  for (int leg = 0; leg < 2; ++leg) {
    low.insert(low.end(), {-kPi, -5, -kPi, -5, -0.0f});
    high.insert(high.end(), {kPi, 5, kPi, 5, 5});
  }
  low.resize(kObservationSize, -1);
  high.resize(kObservationSize, 1);
  return std::make_unique<Box>(Array::of(std::span<const float>(low)), Array::of(std::span<const float>(high)));
}

SpacePtr BipedalWalker::action_space() const {
  return std::make_unique<Box>(-1, 1, Shape{kMotors}, DType::kFloat32);
}

void BipedalWalker::check_state(const State& state) const {
  const WorldDef& def = state.world.def();
  const bool fits =
      def.bodies.size() >= Terrain::kPoints - 1 + kWalkerBodies && def.joints.size() == kMotors &&
      std::all_of(def.bodies.begin(), def.bodies.end(), [](const Body& body) { return body.fixtures.size() == 1; });
  if (!fits) throw InvalidArgument("the saved state is of another world than a walker's");
}

State BipedalWalker::reset(Generator& generator, const Dict& options) const {
  refuse_options(options);
  Terrain terrain = Terrain::draw(config.hardcore, generator);
  State state{.world = World(plan_world(terrain)), .clouds = std::move(terrain.clouds)};
  state.world.apply_force(state.hull(), metres(generator.uniform(-kInitialForce, kInitialForce), 0));
  constexpr std::array<double, kMotors> kRest{};
  advance(state, std::span<const double>(kRest));
  return state;
}

Transition BipedalWalker::step(State& state, std::span<const float> action, Generator&) const {
  return advance(state, action);
}

Transition BipedalWalker::step(State& state, std::span<const double> action, Generator&) const {
  return advance(state, action);
}

void BipedalWalker::observe(const State& state, std::span<float> out) const {
  const BodyState hull = state.world.body(state.hull());
  const auto real = [](float number) { return static_cast<double>(number); };
  std::array<double, kObservationSize> numbers{
      real(hull.angle), 2.0 * real(hull.angular_velocity) / kStepsPerSecond,
      0.3 * real(hull.linear_velocity.x) * (kViewportWidth / kScale) / kStepsPerSecond,
      0.3 * real(hull.linear_velocity.y) * (kViewportHeight / kScale) / kStepsPerSecond};
  for (std::size_t leg = 0; leg < 2; ++leg) {
    const RevoluteJointState hip = state.world.joint(2 * leg), knee = state.world.joint(2 * leg + 1);
    const std::size_t at = 4 + 5 * leg;
    numbers[at] = real(hip.angle);
    numbers[at + 1] = real(hip.speed) / kHipSpeed;
    numbers[at + 2] = real(knee.angle) + 1.0;
    numbers[at + 3] = real(knee.speed) / kKneeSpeed;
    numbers[at + 4] = (leg == 0 ? state.progress.first_foot : state.progress.second_foot) ? 1.0 : 0.0;
  }
  for (std::size_t i = 0; i < kLidarRays; ++i) {
    numbers[14 + i] = real(state.world.cast_ray(hull.position, ray_end(hull.position, i), kGround));
  }
  std::transform(numbers.begin(), numbers.end(), out.begin(), [](double number) { return static_cast<float>(number); });
}

Scene BipedalWalker::draw(const State& state) const {
  constexpr Color kSky{215, 215, 255, 255}, kWhite{255, 255, 255, 255}, kBlack{0, 0, 0, 255};
  constexpr Color kEarth{102, 153, 76, 255}, kRed{255, 0, 0, 255}, kFlag{230, 51, 0, 255};
  constexpr Color kStone{153, 153, 153, 255};
  const World& world = state.world;
  const Vec2 eye = world.body(state.hull()).position;
  Scene scene = viewport(static_cast<double>(eye.x) - kViewportWidth / kScale / 5);  // the image goes along
  scene.background = kSky;
  const double left = scene.low.x, right = scene.high.x;

  // clouds are far away: they move half as fast as the ground
  for (const Terrain::Cloud& cloud : state.clouds) {
    Polygon polygon{{}, {.fill = kWhite}};
    for (const Point& corner : cloud) polygon.points.push_back({corner.x + left / 2, corner.y});
    scene.items.push_back(std::move(polygon));
  }

  // earth below the ground that is seen, in one piece, then its grass and the obstacles
  const auto& bodies = world.def().bodies;
  const std::size_t first_edge = state.hull() - (Terrain::kPoints - 1);
  Polygon earth{{}, {.fill = kEarth}};
  std::vector<SceneItem> grass;
  for (std::size_t i = first_edge; i < state.hull(); ++i) {  // from right to left
    const auto& ends = bodies[i].fixtures[0].points;
    const Point a = point(ends[0]), b = point(ends[1]);
    if (b.x < left || a.x > right) continue;
    if (earth.points.empty()) earth.points = {{b.x, 0}, b};
    earth.points.push_back(a);
    const std::uint8_t green = (i - first_edge) % 2 == 0 ? 255 : 204;
    grass.push_back(Polyline{{a, b}, {76, green, 76, 255}, 0});
  }
  if (!earth.points.empty()) {
    earth.points.push_back({earth.points.back().x, 0});
    scene.items.push_back(std::move(earth));
    scene.items.insert(scene.items.end(), grass.begin(), grass.end());
  }
  constexpr double kRim = 1 / kScale;
  for (std::size_t i = 0; i < first_edge; ++i) {
    scene.items.push_back(outline_of(world, i, 0, {.fill = kWhite, .outline = kStone, .outline_width = kRim}));
  }

  // one ray of the lidar a frame, sweeping to and fro
  const std::size_t k = world.steps() % (2 * kLidarRays), i = k < kLidarRays ? k : 2 * kLidarRays - 1 - k;
  const Point from = point(eye), to = point(ray_end(eye, i));
  const auto reach = static_cast<double>(world.cast_ray(eye, ray_end(eye, i), kGround));
  scene.items.push_back(
      Polyline{{from, {from.x + reach * (to.x - from.x), from.y + reach * (to.y - from.y)}}, kRed, 0});

  // the first leg is lighter than the second
  for (std::size_t part = 1; part < kWalkerBodies; ++part) {
    const int shade = part < 3 ? 25 : -25;
    const auto shaded = [&](int red, int green, int blue) {
      const auto tone = [&](int number) { return static_cast<std::uint8_t>(number + shade); };
      return Color{tone(red), tone(green), tone(blue), 255};
    };
    scene.items.push_back(
        outline_of(world, state.hull() + part, 0,
                   {.fill = shaded(153, 76, 127), .outline = shaded(102, 51, 76), .outline_width = kRim}));
  }
  scene.items.push_back(outline_of(
      world, state.hull(), 0, {.fill = {127, 51, 229, 255}, .outline = {76, 76, 127, 255}, .outline_width = kRim}));

  draw_flag(scene, {Terrain::kStep * 3, Terrain::kHeight}, kBlack,
            {.fill = kFlag, .outline = kBlack, .outline_width = kRim});
  return scene;
}

}  // namespace ludus::envs
