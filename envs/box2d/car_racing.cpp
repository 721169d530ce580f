#include "envs/box2d/car_racing.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/format.h"
#include "envs/box2d/car_image.h"
#include "envs/box2d/pixel_canvas.h"

namespace ludus::envs {
namespace {

using State = CarRacingState;

constexpr double kStep = 1.0 / 50;  // s
constexpr double kFrameCost = 0.1;
constexpr double kLapReward = 1000.0;  // for all tiles together
constexpr double kLeavingReward = -100;

// The road, the background, and the background with one of its three colours brighter by 20.
void draw_colors(State::Drive& drive, Generator& generator) {
  constexpr double kBrightest = 210, kGrassContrast = 20;
  for (double& c : drive.road) c = generator.uniform(0, kBrightest);
  for (double& c : drive.background) c = generator.uniform(0, kBrightest);
  drive.grass = drive.background;
  drive.grass[static_cast<std::size_t>(generator.integers(3))] += kGrassContrast;
}

// Whether the reset is to draw colours; throws InvalidArgument or TypeMismatch for other options.
bool wants_new_colors(const CarRacingConfig& config, const Dict& options) {
  bool randomize = true;
  for (const auto& [key, value] : options) {
    if (key != "randomize") {
      throw InvalidArgument(formatted("unknown reset option \"{}\"; options: randomize", key));
    }
    if (!config.domain_randomize) {
      throw InvalidArgument("the reset option randomize needs an environment made with domain_randomize = true");
    }
    randomize = value.as_bool();
  }
  return config.domain_randomize && randomize;
}

// Finds out which tiles each part of the car touches, and pays for those that a wheel visits for the first time.
void touch_tiles(State& state, double lap_complete_percent) {
  const CarShapes& shapes = car_shapes();
  State::Drive& drive = state.drive;
  const double count = static_cast<double>(state.tiles.size());

  // the car's polygons where they are now: the wheels', then the hull's
  constexpr std::size_t kPolygons = Car::kWheels + std::tuple_size_v<decltype(shapes.hull)>;
  std::array<ConvexPolygon, kPolygons> polygons;
  std::array<Extent, kPolygons> extents;
  Extent car{drive.car.hull.origin, drive.car.hull.origin};
  for (std::size_t k = 0; k < kPolygons; ++k) {
    polygons[k] = k < Car::kWheels ? drive.car.wheels[k].body.to_world(shapes.wheel)
                                   : drive.car.hull.to_world(shapes.hull[k - Car::kWheels]);
    extents[k] = Extent::of(polygons[k].points()).grown(static_cast<float>(kPolygonSkin));
    car = car.joined(extents[k]);
  }

  for (std::size_t i = 0; i < state.tiles.size(); ++i) {
    const Track::Tile& tile = state.track->tiles[i];
    std::uint8_t& bits = state.tiles[i];
    const std::uint8_t before = bits & State::kTouches;
    std::uint8_t now = 0;
    if (tile.extent.meets(car)) {
      for (std::size_t k = 0; k < kPolygons; ++k) {
        const auto bit = static_cast<std::uint8_t>(1u << std::min(k, Car::kWheels));
        if (now & bit) continue;
        if (tile.extent.meets(extents[k]) && touching(tile.shape, polygons[k])) now |= bit;
      }
    }
    if (now == before) continue;
    bits = static_cast<std::uint8_t>((bits & ~State::kTouches) | now | State::kWorn);

    constexpr std::uint8_t kWheelBits = State::kTouches & ~State::kHullTouches;
    const std::uint8_t begun = now & ~before & kWheelBits;
    const std::uint8_t changed = (now ^ before) & kWheelBits;
    // the start is the finish once enough tiles are behind; leaving it counts like reaching it
    if (i == 0 && changed && static_cast<double>(drive.visited) / count > lap_complete_percent) drive.new_lap = 1;
    if (begun && !(bits & State::kVisited)) {
      bits |= State::kVisited;
      drive.reward += kLapReward / count;
      ++drive.visited;
    }
  }
}

std::array<bool, Car::kWheels> wheels_on_road(const State& state) {
  std::uint8_t touched = 0;
  for (const std::uint8_t bits : state.tiles) touched |= bits;
  std::array<bool, Car::kWheels> on_road;
  for (std::size_t i = 0; i < Car::kWheels; ++i) on_road[i] = touched >> i & 1;
  return on_road;
}

// One frame. The wheels feel the ground that they touched before it; the image shows the rewards before its cost.
void drive_on(State& state, double lap_complete_percent) {
  State::Drive& drive = state.drive;
  const auto forces = drive.car.roll(wheels_on_road(state), kStep);
  touch_tiles(state, lap_complete_percent);
  drive.car.move(forces, kStep);
  drive.time += kStep;
  drive.reward_shown = drive.reward;
}

Transition account(State& state) {
  State::Drive& drive = state.drive;
  drive.reward -= kFrameCost;
  Transition transition{drive.reward - drive.reward_before, false};
  drive.reward_before = drive.reward;
  drive.lap = State::kGoingOn;
  if (drive.visited == static_cast<std::int64_t>(state.tiles.size()) || drive.new_lap) {
    transition.terminated = true;
    drive.lap = State::kFinished;
  }
  const Vec2f place = drive.car.hull.origin;
  if (std::abs(static_cast<double>(place.x)) > kPlayfield || std::abs(static_cast<double>(place.y)) > kPlayfield) {
    transition = {kLeavingReward, true};
    drive.lap = State::kLeftThePlayfield;
  }
  return transition;
}

Transition drive_step(State& state, const CarRacingConfig& config, double steer, double gas, double brake) {
  Car& car = state.drive.car;
  car.steer(steer);
  car.gas(gas);
  car.brake(brake);
  drive_on(state, config.lap_complete_percent);
  return account(state);
}

State begin(const CarRacingConfig& config, Generator& generator, bool new_colors, const State* before) {
  State state;
  if (new_colors) {
    draw_colors(state.drive, generator);
  } else if (config.domain_randomize && before) {
    state.drive.road = before->drive.road;
    state.drive.background = before->drive.background;
    state.drive.grass = before->drive.grass;
  } else if (config.domain_randomize) {
    Generator copy = generator;
    draw_colors(state.drive, copy);
  }
  state.track = std::make_shared<const Track>(make_track(generator));
  state.tiles.assign(state.track->tiles.size(), 0);
  const TrackNode& start = state.track->nodes.front();
  state.drive.car = Car::at(start.beta, start.x, start.y);
  drive_on(state, config.lap_complete_percent);
  return state;
}

// Every number of a drive, in a fixed order: visit(number&) or visit(const number&).
template <class Drive, class Visit>
void visit_numbers(Drive& drive, Visit&& visit) {
  const auto vector = [&](auto& v) { visit(v.x), visit(v.y); };
  const auto body = [&](auto& b) {
    vector(b.center), visit(b.angle), vector(b.velocity), visit(b.spin), vector(b.origin);
    visit(b.rotation.sine), visit(b.rotation.cosine), visit(b.still_since);
  };
  auto& car = drive.car;
  body(car.hull);
  for (std::size_t i = 0; i < Car::kWheels; ++i) {
    auto& [wheel, joint] = car.wheels[i];
    body(wheel);
    vector(joint.anchor), visit(joint.motor_speed), vector(joint.impulse);
    visit(joint.limit_impulse), visit(joint.motor_impulse), visit(joint.limit);
    auto& control = car.controls[i];
    visit(control.gas), visit(control.brake), visit(control.steer), visit(control.omega), visit(control.phase);
    auto& pen = car.pens[i];
    visit(pen.mark), visit(pen.points), visit(pen.grass), visit(pen.started), vector(pen.start);
  }
  visit(car.skid_marks.made);
  for (auto& mark : car.skid_marks.marks) {
    visit(mark.count), visit(mark.grass);
    for (auto& point : mark.points) vector(point);
  }
  visit(drive.time), visit(drive.reward), visit(drive.reward_before), visit(drive.reward_shown), visit(drive.visited);
  for (auto* color : {&drive.road, &drive.background, &drive.grass}) {
    for (auto& c : *color) visit(c);
  }
  visit(drive.new_lap), visit(drive.lap);
}

// Throws InvalidArgument for numbers that no drive has.
[[noreturn]] void throw_no_drive() {
  throw InvalidArgument("a saved state of CarRacing holds numbers that no drive has");
}
template <class T>
void read_number(double saved, T& number) {
  // NaN and the infinities are in no range
  bool fits = saved >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
              saved <= static_cast<double>(std::numeric_limits<T>::max());
  if constexpr (std::is_integral_v<T>) fits = fits && std::abs(saved) <= 0x1p53 && saved == std::floor(saved);
  if (!fits) throw_no_drive();
  number = static_cast<T>(saved);
}
void check_drive(const State::Drive& drive, std::size_t tiles) {
  bool good = drive.visited >= 0 && drive.visited <= static_cast<std::int64_t>(tiles) &&
              drive.lap <= State::kLeftThePlayfield && std::abs(drive.reward_shown) < 1e15;
  for (const State::Rgb* rgb : {&drive.road, &drive.background, &drive.grass}) {
    good = good && std::ranges::all_of(*rgb, [](double c) { return c >= 0 && c <= 255; });
  }
  const SkidMarks& skids = drive.car.skid_marks;
  good = good && skids.made >= 0;
  for (const SkidMarks::Mark& mark : skids.marks) good = good && mark.count >= 0 && mark.count <= SkidMarks::kPoints;
  for (std::size_t i = 0; i < Car::kWheels && good; ++i) {
    // a pen continues its mark
    const SkidPen& pen = drive.car.pens[i];
    good = drive.car.wheels[i].joint.limit <= RevoluteJoint::kAtUpper && pen.mark >= -1 && pen.mark < skids.made &&
           pen.points >= 0 && pen.points <= SkidMarks::kPoints;
    if (good && pen.mark >= 0 && skids.made - pen.mark <= SkidMarks::kMarks) {
      good = skids.marks[static_cast<std::size_t>(pen.mark % SkidMarks::kMarks)].count == pen.points;
    }
  }
  if (!good) throw_no_drive();
}

}  // namespace

Value CarRacingState::save() const {
  Array nodes(DType::kFloat64, Shape{static_cast<std::int64_t>(track->nodes.size()), 4});
  auto number = nodes.data<double>().begin();
  for (const TrackNode& node : track->nodes) {
    for (const double x : {node.alpha, node.beta, node.x, node.y}) *number++ = x;
  }
  std::vector<double> numbers;
  visit_numbers(drive, [&](const auto& x) { numbers.push_back(static_cast<double>(x)); });
  return Dict{{"track", nodes},
              {"tiles", Array::of(std::span<const std::uint8_t>(tiles))},
              {"drive", Array::of(std::span<const double>(numbers))}};
}

CarRacingState CarRacingState::restore(const Value& saved) {
  const Dict& parts = saved.as_dict();
  const Array& nodes = parts.at("track").as_array();
  const auto numbers = nodes.data<double>();
  if (nodes.shape().rank() != 2 || nodes.shape()[1] != 4) {
    throw TypeMismatch(formatted("a saved track must be an array of shape (n, 4), got {}", nodes.shape().to_string()));
  }
  std::vector<TrackNode> points(numbers.size() / 4);
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i] = {numbers[4 * i], numbers[4 * i + 1], numbers[4 * i + 2], numbers[4 * i + 3]};
  }
  CarRacingState state;
  state.track = std::make_shared<const Track>(build_track(std::move(points)));

  const auto bits = parts.at("tiles").as_array().data<std::uint8_t>();
  if (bits.size() != state.track->tiles.size()) {
    throw TypeMismatch(
        formatted("a saved state has {} tiles on a track of {}", bits.size(), state.track->tiles.size()));
  }
  state.tiles.assign(bits.begin(), bits.end());

  const auto saved_numbers = parts.at("drive").as_array().data<double>();
  std::size_t count = 0;
  visit_numbers(state.drive, [&](const auto&) { ++count; });
  if (saved_numbers.size() != count) {
    throw TypeMismatch(
        formatted("a saved drive of {} numbers is not CarRacing's, which has {}", saved_numbers.size(), count));
  }
  auto next = saved_numbers.begin();
  visit_numbers(state.drive, [&](auto& x) { read_number(*next++, x); });
  check_drive(state.drive, state.tiles.size());
  return state;
}

template <bool continuous>
SpacePtr BasicCarRacing<continuous>::observation_space() const {
  return std::make_unique<Box>(0, 255, Shape{PixelCanvas::kPixels, PixelCanvas::kPixels, 3}, DType::kUInt8);
}

template <bool continuous>
SpacePtr BasicCarRacing<continuous>::action_space() const {
  if constexpr (continuous) {
    return std::make_unique<Box>(Array::of({-1.0f, 0.0f, 0.0f}), Array::of({1.0f, 1.0f, 1.0f}));
  } else {
    return std::make_unique<Discrete>(5);
  }
}

template <bool continuous>
void BasicCarRacing<continuous>::configure() const {
  if (config.continuous == continuous) return;
  throw InvalidArgument(
      "continuous cannot be changed in an environment that is made; make a new one with it as a keyword argument");
}

template <bool continuous>
CarRacingState BasicCarRacing<continuous>::reset(Generator& generator, const Dict& options) const {
  return begin(config, generator, wants_new_colors(config, options), nullptr);
}

template <bool continuous>
CarRacingState BasicCarRacing<continuous>::reset(Generator& generator, const Dict& options, const State& before) const {
  return begin(config, generator, wants_new_colors(config, options), &before);
}

template <bool continuous>
Transition BasicCarRacing<continuous>::step(State& state, std::span<const float> action,
                                            Generator&) const requires continuous {
  // Gymnasium's car turns counter-clockwise for positive angles, its driver to the right for positive actions
  return drive_step(state, config, -static_cast<double>(action[0]), static_cast<double>(action[1]),
                    static_cast<double>(action[2]));
}

template <bool continuous>
Transition BasicCarRacing<continuous>::step(State& state, std::span<const double> action,
                                            Generator&) const requires continuous {
  return drive_step(state, config, -action[0], action[1], action[2]);
}

template <bool continuous>
Transition BasicCarRacing<continuous>::step(State& state, std::int64_t action, Generator&) const requires(!continuous) {
  constexpr double kSteer = 0.6, kGas = 0.2, kBrake = 0.8;
  const double steer = action == 1 ? -kSteer : (action == 2 ? kSteer : 0);
  return drive_step(state, config, steer, action == 3 ? kGas : 0, action == 4 ? kBrake : 0);
}

template <bool continuous>
void BasicCarRacing<continuous>::observe(const State& state, std::span<std::uint8_t> out) const {
  paint_observation(state, out);
}

template <bool continuous>
void BasicCarRacing<continuous>::inform(const State& state, Dict& info) const {
  if (!info.empty()) info.clear();
  if (state.drive.lap != State::kGoingOn) info["lap_finished"] = state.drive.lap == State::kFinished;
}

template <bool continuous>
Scene BasicCarRacing<continuous>::draw(const State& state) const {
  return paint_scene(state);
}

template struct BasicCarRacing<false>;
template struct BasicCarRacing<true>;

}  // namespace ludus::envs
