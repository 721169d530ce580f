// Gymnasium's recorded episodes of landers and walkers.
//
// Gymnasium runs Box2D 2.3, ludus 2.4. Random draws, bodies and ground must be equal, and the motion must agree to 1e-5
// over the first steps. How many depends on the contacts: a craft in the air agrees for its whole flight, a walker with
// motors that push its knees against their limits diverges after a step or two. The numbers below are measured, with a
// small margin.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "base/value_io.h"
#include "envs/box2d/bipedal_walker.h"
#include "envs/box2d/lunar_lander.h"
#include "envs/registry/registry.h"
#include "tests/support/golden.h"

namespace ludus::envs {
namespace {

using ludus::testing::doubles_of;
using ludus::testing::golden_directory;
using ludus::testing::read_jsonl;
using ludus::testing::uint64_of;

constexpr double kTolerance = 1e-5;

const Value* given(const Dict& record, std::string_view name) {
  const Value* value = record.find(name);
  return value && !value->is_null() ? value : nullptr;
}

struct Record {
  std::string name;        // for messages
  double at_reset = 0;     // largest difference of the first observation
  std::size_t steps = 0;   // recorded
  std::size_t close = 0;   // steps up to the first difference above the tolerance
  double reward = 0;       // largest difference of a reward among those
  bool same_flags = true;  // terminated and truncated, among those
  std::string policy;
};

// Plays every record of a file, those of a chain with one environment, each to its end: a chain's generator must come
// to where Gymnasium's came, and only draws move it.
std::vector<Record> play(const std::string& file) {
  std::vector<Record> records;
  EnvPtr env;
  std::string chain;
  for (const Value& line : read_jsonl(golden_directory() / file)) {
    const Dict& given_record = line.as_dict();
    if (given_record.contains("meta")) continue;
    const Value* link = given(given_record, "chain");
    const std::string id = link ? to_json(link->as_list()[0]) : "";
    const Value* kwargs = given(given_record, "kwargs");
    if (id.empty() || id != chain || !env) {
      env = make(given_record.at("env_id").as_string(), kwargs ? kwargs->as_dict() : Dict());
    }
    chain = id;

    const Value* seed = given(given_record, "seed");
    Record record;
    record.policy = given_record.at("policy").as_string();
    record.name = file + " " + record.policy + " seed " + (seed ? to_json(*seed) : "none");
    const List& rows = given_record.at("obs").as_list();
    const auto difference = [&](const Value& observation, std::size_t t) {
      const std::vector<double> wanted = doubles_of(rows[t]);
      double worst = 0;
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        worst = std::max(worst, std::abs(observation.as_array().get(i) - wanted[i]));
      }
      return worst;
    };
    record.at_reset =
        difference(env->reset(seed ? std::optional<std::uint64_t>(uint64_of(*seed)) : std::nullopt).observation, 0);

    const List& actions = given_record.at("actions").as_list();
    record.steps = actions.size();
    bool close = true;
    for (std::size_t t = 0; t < actions.size(); ++t) {
      const Value action = actions[t].is_list()
                               ? Value(to_array(actions[t], dtype_of(given_record.at("action_dtype").as_string())))
                               : actions[t];
      const Step step = env->step(action);
      close = close && difference(step.observation, t + 1) <= kTolerance;
      if (!close) continue;
      ++record.close;
      record.reward =
          std::max(record.reward, std::abs(step.reward - given_record.at("reward").as_list()[t].as_double()));
      record.same_flags = record.same_flags &&
                          step.terminated == given_record.at("terminated").as_list()[t].as_bool() &&
                          step.truncated == given_record.at("truncated").as_list()[t].as_bool();
    }
    records.push_back(std::move(record));
  }
  return records;
}

// Every record within the tolerance at reset and for `least` steps (or all it has), and the records together for
// `least_share` of their steps; rewards within `reward`.
void expect_near(const std::string& file, std::size_t count, std::size_t least, double least_share, double reward) {
  std::size_t steps = 0, close = 0;
  double at_reset = 0, worst_reward = 0;
  const std::vector<Record> records = play(file);
  EXPECT_GE(records.size(), count);
  for (const Record& record : records) {
    EXPECT_LE(record.at_reset, kTolerance) << record.name;
    EXPECT_GE(record.close, std::min(least, record.steps)) << record.name;
    EXPECT_LE(record.reward, reward) << record.name;
    EXPECT_TRUE(record.same_flags) << record.name;
    // the built-in controller's gentle motion keeps together longest
    if (record.policy == "heuristic") {
      EXPECT_GE(record.close, std::min<std::size_t>(20, record.steps)) << record.name;
    }
    steps += record.steps;
    close += record.close;
    at_reset = std::max(at_reset, record.at_reset);
    worst_reward = std::max(worst_reward, record.reward);
  }
  EXPECT_GE(static_cast<double>(close), least_share * static_cast<double>(steps));
  std::cout << file << ": " << records.size() << " records, " << close << " of " << steps
            << " steps within 1e-5; worst at reset " << at_reset << ", worst reward " << worst_reward << "\n";
}

// a lander's reward is the change of 100 |position| + 100 |velocity| + 100 |angle|: differences of 1e-5 in every number
// before and after may make 2 · 100 · (2 √2 + 1) · 1e-5 = 7.7e-3
TEST(Box2dGolden, LunarLander) {
  expect_near("LunarLander-v3.jsonl", 16, 20, 0.65, 7.7e-3);
}
TEST(Box2dGolden, LunarLanderContinuous) {
  expect_near("LunarLanderContinuous-v3.jsonl", 9, 50, 0.7, 7.7e-3);
}
TEST(Box2dGolden, BipedalWalker) {
  expect_near("BipedalWalker-v3.jsonl", 11, 1, 0.25, 1e-4);
}
TEST(Box2dGolden, BipedalWalkerHardcore) {
  expect_near("BipedalWalkerHardcore-v3.jsonl", 11, 1, 0.22, 1e-4);
}
TEST(Box2dGolden, WalkersUnderNumPy2) {
  expect_near("BipedalWalker-v3.nep50.jsonl", 1, 3, 0.2, 1e-4);
  expect_near("BipedalWalkerHardcore-v3.nep50.jsonl", 1, 3, 0.2, 1e-4);
}

float rounded(const Value& number) {
  return static_cast<float>(number.as_double());
}

void expect_body(const World& world, std::size_t body, const Dict& facts, const std::string& name) {
  const MassState mass = world.mass(body);
  const BodyState state = world.body(body);
  const std::vector<double> position = doubles_of(facts.at("position")), center = doubles_of(facts.at("local_center"));
  EXPECT_NEAR(mass.mass, facts.at("mass").as_double(), 1e-6) << name;
  EXPECT_NEAR(mass.inertia, facts.at("inertia").as_double(), 1e-6) << name;
  EXPECT_NEAR(mass.center.x, center[0], 1e-6) << name;
  EXPECT_NEAR(mass.center.y, center[1], 1e-6) << name;
  EXPECT_NEAR(state.position.x, position[0], kTolerance) << name;
  EXPECT_NEAR(state.position.y, position[1], kTolerance) << name;
  EXPECT_NEAR(state.angle, facts.at("angle").as_double(), kTolerance) << name;
}

TEST(Box2dGolden, MoonsAndCraftsAreEqual) {
  int seen = 0;
  for (const Value& line : read_jsonl(golden_directory() / "LunarLander-v3.jsonl")) {
    const Dict& record = line.as_dict();
    const Value* facts = given(record, "reset_facts");
    if (!facts) continue;
    const Value* kwargs = given(record, "kwargs");
    const EnvPtr env = make("LunarLander-v3", kwargs ? kwargs->as_dict() : Dict());
    env->reset(uint64_of(record.at("seed")));
    const auto& state = dynamic_cast<SimulatorEnv<LunarLander>&>(env->unwrapped()).state();
    const std::string name = "seed " + to_json(record.at("seed"));
    const auto& edges = state.world.def().bodies[LunarLander::kMoon].fixtures;
    const List& terrain = facts->as_dict().at("terrain").as_list();
    ASSERT_EQ(edges.size(), terrain.size());
    for (std::size_t i = 0; i + 1 < terrain.size(); ++i) {
      const Fixture& edge = edges[terrain.size() - 1 - i];
      for (std::size_t end = 0; end < 2; ++end) {
        EXPECT_EQ(edge.points[end].x, rounded(terrain[i + end].as_list()[0])) << name;
        EXPECT_EQ(edge.points[end].y, rounded(terrain[i + end].as_list()[1])) << name;
      }
    }
    expect_body(state.world, LunarLander::kCraft, facts->as_dict().at("lander").as_dict(), name);
    expect_body(state.world, LunarLander::kFirstLeg, facts->as_dict().at("legs").as_list()[0].as_dict(), name);
    expect_body(state.world, LunarLander::kSecondLeg, facts->as_dict().at("legs").as_list()[1].as_dict(), name);
    if (const Value* wind = given(facts->as_dict(), "wind_idx")) {
      EXPECT_EQ(state.progress.wind_index, wind->as_int());
      EXPECT_EQ(state.progress.torque_index, facts->as_dict().at("torque_idx").as_int());
    }
    ++seen;
  }
  EXPECT_GE(seen, 5);
}

TEST(Box2dGolden, GroundObstaclesAndWalkersAreEqual) {
  for (const std::string id : {"BipedalWalker-v3", "BipedalWalkerHardcore-v3"}) {
    int seen = 0;
    for (const Value& line : read_jsonl(golden_directory() / (id + ".jsonl"))) {
      const Dict& record = line.as_dict();
      const Value* facts = given(record, "reset_facts");
      if (!facts) continue;
      const EnvPtr env = make(id);
      env->reset(uint64_of(record.at("seed")));
      const auto& state = dynamic_cast<SimulatorEnv<BipedalWalker>&>(env->unwrapped()).state();
      const std::string name = id + " seed " + to_json(record.at("seed"));

      Generator generator(uint64_of(record.at("seed")));
      const BipedalTerrain terrain = BipedalTerrain::draw(id.starts_with("BipedalWalkerH"), generator);
      const std::vector<double> heights = doubles_of(facts->as_dict().at("terrain_y"));
      ASSERT_EQ(heights.size(), terrain.heights.size());
      for (std::size_t i = 0; i < heights.size(); ++i) EXPECT_EQ(terrain.heights[i], heights[i]) << name << " " << i;

      const List& obstacles = facts->as_dict().at("obstacle_polygons").as_list();
      ASSERT_EQ(obstacles.size(), terrain.obstacles.size()) << name;
      // Gymnasium lists them from the last to the first, and Box2D may have begun at another corner
      using Corners = std::vector<std::pair<float, float>>;
      std::vector<Corners> ours, theirs;
      for (std::size_t i = 0; i < obstacles.size(); ++i) {
        Corners& mine = ours.emplace_back();
        for (const Vec2 corner : state.world.def().bodies[i].fixtures[0].points) mine.emplace_back(corner.x, corner.y);
        std::sort(mine.begin(), mine.end());
        Corners& recorded = theirs.emplace_back();
        const std::vector<double> numbers = doubles_of(obstacles[obstacles.size() - 1 - i]);
        for (std::size_t k = 0; k + 1 < numbers.size(); k += 2) {
          recorded.emplace_back(static_cast<float>(numbers[k]), static_cast<float>(numbers[k + 1]));
        }
        std::sort(recorded.begin(), recorded.end());
      }
      EXPECT_EQ(ours, theirs) << name;

      expect_body(state.world, state.hull(), facts->as_dict().at("hull").as_dict(), name);
      for (std::size_t leg = 0; leg < 4; ++leg) {
        expect_body(state.world, state.hull() + 1 + leg, facts->as_dict().at("legs").as_list()[leg].as_dict(), name);
      }
      ++seen;
    }
    EXPECT_GE(seen, 4) << id;
  }
}

}  // namespace
}  // namespace ludus::envs
