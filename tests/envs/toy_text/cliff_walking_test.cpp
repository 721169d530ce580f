#include "envs/toy_text/cliff_walking.h"

#include <gtest/gtest.h>

#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

TEST(CliffWalking, ShortestPathCosts13) {
  // up, eleven times right along the edge, down: 13 steps of −1
  const EnvPtr env = make("CliffWalking-v1");
  EXPECT_EQ(env->reset(0).observation, Value(36));
  double sum = env->step(0).reward;
  for (int i = 0; i < 11; ++i) sum += env->step(1).reward;
  const Step last = env->step(2);
  EXPECT_EQ(sum + last.reward, -13.0);
  EXPECT_EQ(last.observation, Value(47));
  EXPECT_TRUE(last.terminated);
  EXPECT_EQ(last.info.at("prob").as_double(), 1.0);
}

TEST(CliffWalking, CliffCosts100AndReturnsToStart) {
  const EnvPtr env = make("CliffWalking-v1");
  env->reset(0);
  const Step fall = env->step(1);
  EXPECT_EQ(fall.reward, -100.0);
  EXPECT_EQ(fall.observation, Value(36));
  EXPECT_FALSE(fall.terminated);
}

TEST(CliffWalking, SlipsWithProbabilityOneThird) {
  const EnvPtr env = make("CliffWalkingSlippery-v1");
  const auto model = transition_model(*env);
  const auto outcomes = model->outcomes(24, 2);  // down, above the start: right, down, left
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_EQ(outcomes[0], (Outcome{1.0 / 3.0, 25, -1, false}));
  EXPECT_EQ(outcomes[1], (Outcome{1.0 / 3.0, 36, -1, false}));
  EXPECT_EQ(outcomes[2], (Outcome{1.0 / 3.0, 24, -1, false}));
}

TEST(CliffWalking, TextMatchesGymnasium) {
  const EnvPtr env = make("CliffWalking-v1");
  env->reset(0);
  const std::string meadow = "o  o  o  o  o  o  o  o  o  o  o  o\n";
  EXPECT_EQ(env->render().text, meadow + meadow + meadow + "x  C  C  C  C  C  C  C  C  C  C  T\n\n");
}

TEST(CliffWalking, DrawsTheWalker) {
  const CliffWalking sim;
  const Scene scene = sim.draw({.state = 14, .last_action = 1, .probability = 1});  // row 1, column 2
  EXPECT_EQ(scene.width, 720);
  EXPECT_EQ(scene.height, 240);
  const auto& eye = std::get<Circle>(scene.items.back());
  EXPECT_NEAR(eye.center.x, 2.5 + 0.07 + 0.06, 1e-12);
  EXPECT_NEAR(eye.center.y, 2.5 + 0.08, 1e-12);
}

TEST(CliffWalking, RejectsInvalidInput) {
  EXPECT_THROW(make("CliffWalking-v1", {{"slippery", true}}), UnknownField);
  EXPECT_THROW(make("CliffWalking-v1", {{"is_slippery", 3}}), InvalidArgument);
  const EnvPtr env = make("CliffWalking-v1");
  EXPECT_THROW(env->reset(0, {{"start", 0}}), InvalidArgument);
  env->reset(0);
  EXPECT_THROW(env->step(4), InvalidAction);
}

}  // namespace
}  // namespace ludus::envs
