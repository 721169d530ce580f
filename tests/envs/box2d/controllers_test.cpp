#include "envs/box2d/controllers.h"

#include <gtest/gtest.h>

#include <vector>

namespace ludus::envs {
namespace {

TEST(LanderController, ByHand) {
  // x 0.2, y 1, speeds 0.1 and -0.4, angle 0.1, its speed 0.05, in the air: the wanted angle is 0.1 + 0.1 = 0.2,
  // turn = (0.2 − 0.1) / 2 − 0.05 = 0; the wanted height is 0.11, lift = (0.11 − 1) / 2 + 0.2 = −0.245
  const std::vector<float> falling{0.2f, 1, 0.1f, -0.4f, 0.1f, 0.05f, 0, 0};
  EXPECT_NEAR(lander_demand(falling).turn, 0, 1e-7);
  EXPECT_NEAR(lander_demand(falling).lift, -0.245, 1e-7);
  EXPECT_EQ(lander_action(falling), 0);
  EXPECT_NEAR(lander_throttle(falling)[0], -1, 1e-7);  // −5.9, clipped
  EXPECT_NEAR(lander_throttle(falling)[1], 0, 1e-5);

  // far out the wanted angle is clipped to 0.4: turn = 0.2, the engine on the right
  const std::vector<float> far_out{0.9f, 1, 0.5f, 0, 0, 0, 0, 0};
  EXPECT_NEAR(lander_demand(far_out).turn, 0.2, 1e-7);
  EXPECT_EQ(lander_action(far_out), 1);
  EXPECT_NEAR(lander_throttle(far_out)[1], -1, 1e-7);
  const std::vector<float> mirrored{-0.9f, 1, -0.5f, 0, 0, 0, 0, 0};
  EXPECT_EQ(lander_action(mirrored), 3);

  // low and fast: lift = 0.5 · 0.6 + (0 − 0.1) / 2 = 0.25: the main engine at full throttle
  const std::vector<float> fast{0, 0.1f, 0, -0.6f, 0, 0, 0, 0};
  EXPECT_NEAR(lander_demand(fast).lift, 0.25, 1e-7);
  EXPECT_EQ(lander_action(fast), 2);
  EXPECT_NEAR(lander_throttle(fast)[0], 1, 1e-7);

  // a leg on the ground: no turning any more, lift = −y_speed / 2 = 0.04, too little for the discrete engine
  const std::vector<float> standing{0.3f, 0, 0.2f, -0.08f, 0.3f, 0.5f, 1, 0};
  EXPECT_EQ(lander_demand(standing).turn, 0);
  EXPECT_NEAR(lander_demand(standing).lift, 0.04, 1e-7);
  EXPECT_EQ(lander_action(standing), 0);
  EXPECT_NEAR(lander_throttle(standing)[0], -0.2, 1e-6);
}

// hull angle, its speed, speed, rise; hip, its speed, knee, its speed, contact of either leg
std::vector<float> walker(float speed, float first_hip, bool first_down, float second_hip, float second_knee) {
  std::vector<float> s(24, 0.0f);
  s[2] = speed;
  s[4] = first_hip;
  s[8] = first_down ? 1.0f : 0.0f;
  s[9] = second_hip;
  s[11] = second_knee;
  return s;
}

TEST(WalkerController, ByHand) {
  WalkerGait gait;
  const auto first = gait.act(walker(0, 0.5f, false, 0.5f, 0));
  EXPECT_EQ(first, (std::array<double, 4>{}));

  // standing on the second leg (hip 0.5, not behind): the first swings, hip 0.9 (1.1 − 0.5) / 2 = 0.27, knee
  // 4 (−0.6 − 0) / 2 = −1.2 clipped; the second's hip is free, its knee 4 (0.1 − 0) / 2 = 0.2 (0.1 + 0.03, capped)
  const auto stand = gait.act(walker(0, 0.5f, false, 0.5f, 0));
  EXPECT_NEAR(stand[0], 0.27, 1e-7);
  EXPECT_NEAR(stand[1], -1, 1e-7);
  EXPECT_NEAR(stand[2], 0, 1e-7);
  EXPECT_NEAR(stand[3], 0.2, 1e-7);

  // the second leg behind (hip 0.05): the first reaches down, hip 0.9 (0.1 − 0.5) / 2 = −0.18, knee 4 · 0.1 / 2 = 0.2
  const auto down = gait.act(walker(0, 0.5f, false, 0.05f, 0));
  EXPECT_NEAR(down[0], -0.18, 1e-7);
  EXPECT_NEAR(down[1], 0.2, 1e-7);

  // the first touches with its knee at 0: the second pushes off, knee 4 (1 − 0.9) / 2 = 0.2, and as its knee is beyond
  // 0.88, the legs change their parts; the hip of the first is still on its way, the knee at min(0, 0.1) = 0
  const auto push = gait.act(walker(0, 0.5f, true, 0.05f, 0.9f));
  EXPECT_NEAR(push[0], -0.18, 1e-7);
  EXPECT_NEAR(push[1], 0, 1e-7);
  EXPECT_NEAR(push[3], 0.2, 1e-6);

  // now the second swings: hip 0.9 (1.1 − 0.05) / 2 = 0.4725, and the first's knee goes from 0 to 0.03
  const auto swapped = gait.act(walker(0, 0.5f, true, 0.05f, 0));
  EXPECT_NEAR(swapped[2], 0.4725, 1e-6);
  EXPECT_NEAR(swapped[1], 0.06, 1e-7);
  // and twice as fast where the walk is too fast: to 0.09
  const auto hasty = gait.act(walker(0.3f, 0.5f, true, 0.05f, 0));
  EXPECT_NEAR(hasty[1], 0.18, 1e-7);
}

TEST(WalkerController, LevelsAndDampsTheHull) {
  WalkerGait gait;
  std::vector<float> s = walker(0, 1.1f, false, 0.5f, 0.1f);
  s[6] = -0.6f;  // all joints where they should be
  gait.act(s);
  s[0] = 0.2f, s[1] = 0.1f, s[3] = 0.02f;
  // hips: (0.9 · 0.2 + 1.5 · 0.1) / 2 = 0.165; knees: −15 · 0.02 / 2 = −0.15
  const auto action = gait.act(s);
  EXPECT_NEAR(action[0], 0.165, 1e-6);
  EXPECT_NEAR(action[2], 0.165, 1e-6);
  EXPECT_NEAR(action[1], -0.15, 1e-6);
  EXPECT_NEAR(action[3], -0.15, 1e-6);
}

}  // namespace
}  // namespace ludus::envs
