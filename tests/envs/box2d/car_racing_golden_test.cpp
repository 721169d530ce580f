// Gymnasium's recorded races: tracks, the motion of the car and rewards, all to the last bit.

#include <gtest/gtest.h>

#include <vector>

#include "base/value_io.h"
#include "envs/box2d/car_racing.h"
#include "envs/registry/registry.h"
#include "tests/support/golden.h"

namespace ludus::envs {
namespace {

using testing::doubles_of;

std::vector<double> numbers_of(const TrackNode& node) {
  return {node.alpha, node.beta, node.x, node.y};
}

std::vector<double> hull_of(const CarRacingState& state) {
  const RigidBody& hull = state.drive.car.hull;
  std::vector<double> numbers;
  for (const float x : {hull.origin.x, hull.origin.y, hull.angle, hull.velocity.x, hull.velocity.y, hull.spin}) {
    numbers.push_back(static_cast<double>(x));
  }
  return numbers;
}

std::vector<double> wheels_of(const CarRacingState& state) {
  std::vector<double> omegas;
  for (const WheelControl& wheel : state.drive.car.controls) omegas.push_back(wheel.omega);
  return omegas;
}

void expect_track(const Track& track, const Dict& record) {
  ASSERT_EQ(static_cast<std::int64_t>(track.tiles.size()), record.at("tiles").as_int());
  const List& nodes = record.at("track_every_10th").as_list();
  for (std::size_t i = 0; i < nodes.size(); ++i) ASSERT_EQ(numbers_of(track.nodes.at(10 * i)), doubles_of(nodes[i]));
  EXPECT_EQ(numbers_of(track.nodes.back()), doubles_of(record.at("track_last")));

  // the sums of alpha, beta and x, added from the first node on
  std::vector<double> sums(3);
  for (const TrackNode& node : track.nodes) sums[0] += node.alpha, sums[1] += node.beta, sums[2] += node.x;
  const std::vector<double> recorded = doubles_of(record.at("track_column_sums"));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(sums[i], recorded[i], 1e-9);

  std::int64_t kerbs = 0;
  for (const Track::Tile& tile : track.tiles) kerbs += tile.kerb.has_value();
  EXPECT_EQ(kerbs, record.at("border_polygons").as_int());
  EXPECT_EQ(kerbs + record.at("tiles").as_int(), record.at("road_polygons").as_int());
}

TEST(CarRacingGolden, TracksMotionAndRewards) {
  std::size_t records = 0, steps = 0;
  bool lower_limit = false, upper_limit = false, grass = false, skids = false;
  for (const Value& line : testing::read_jsonl(testing::golden_directory() / "CarRacing-v3.jsonl")) {
    const Dict& record = line.as_dict();
    if (record.contains("meta")) continue;
    SCOPED_TRACE("record " + std::to_string(records++));
    const EnvPtr env = make("CarRacing-v3");
    const auto state = [&]() -> const CarRacingState& {
      return dynamic_cast<const SimulatorEnv<CarRacing>&>(env->unwrapped()).state();
    };
    env->reset(testing::uint64_of(record.at("seed")));
    expect_track(*state().track, record);

    const CarShapes& shapes = car_shapes();
    const MassProperties& hull = shapes.hull_mass;
    EXPECT_EQ(static_cast<double>(hull.mass), record.at("hull_mass").as_double());
    EXPECT_EQ(static_cast<double>(hull.inertia + hull.mass * dot(hull.center, hull.center)),
              record.at("hull_inertia").as_double());
    EXPECT_EQ(static_cast<double>(shapes.wheel_mass.mass), record.at("wheel_mass").as_double());

    const List& actions = record.at("actions").as_list();
    for (std::size_t t = 0; t <= actions.size(); ++t) {
      if (t > 0) {
        const Step step = env->step(to_array(actions[t - 1], DType::kFloat32));
        ASSERT_EQ(step.reward, record.at("reward").as_list()[t - 1].as_double()) << "step " << t;
        ASSERT_EQ(step.terminated, record.at("terminated").as_list()[t - 1].as_bool()) << "step " << t;
        ++steps;
      }
      ASSERT_EQ(hull_of(state()), doubles_of(record.at("car").as_list()[t])) << "step " << t;
      ASSERT_EQ(wheels_of(state()), doubles_of(record.at("wheels").as_list()[t])) << "step " << t;
      ASSERT_EQ(state().drive.visited, record.at("tiles_visited").as_list()[t].as_int()) << "step " << t;

      for (const JointedBody& wheel : state().drive.car.wheels) {
        lower_limit = lower_limit || wheel.joint.limit == RevoluteJoint::kAtLower;
        upper_limit = upper_limit || wheel.joint.limit == RevoluteJoint::kAtUpper;
      }
      for (const SkidPen& pen : state().drive.car.pens) {
        skids = skids || pen.mark >= 0;
        grass = grass || (pen.mark >= 0 && pen.grass);
      }
    }
  }
  EXPECT_EQ(records, 4u);
  EXPECT_EQ(steps, 320u);
  // the recordings come to every part of the mechanics
  EXPECT_TRUE(lower_limit && upper_limit && grass && skids);
}

}  // namespace
}  // namespace ludus::envs
