#include "agents/deep/action_noise.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/fields.h"
#include "base/state_fields.h"

namespace ludus::agents {
namespace {

using Kind = ActionNoise::Kind;

TEST(ActionNoise, NoneLeavesActionsAndGeneratorAlone) {
  ActionNoise noise({.kind = Kind::kNone}, 1, 2);
  std::array<float, 2> actions{0.3f, -1};
  Generator generator(1), untouched(1);
  noise.add_to(actions, 1, generator);
  EXPECT_EQ(actions, (std::array<float, 2>{0.3f, -1}));
  EXPECT_EQ(generator, untouched);
}

TEST(ActionNoise, NormalAddsItsDeviationAndStaysInTheBox) {
  ActionNoise noise({.kind = Kind::kNormal, .deviation = 0.5}, 1, 3);
  Generator generator(7), same(7);
  const double first = same.standard_normal(), second = same.standard_normal();
  std::array<float, 3> actions{0, 0, 0.99f};
  noise.add_to(actions, 1, generator);
  EXPECT_FLOAT_EQ(actions[0], static_cast<float>(std::clamp(0.5 * first, -1.0, 1.0)));
  EXPECT_FLOAT_EQ(actions[1], static_cast<float>(std::clamp(0.5 * second, -1.0, 1.0)));

  // 4000 samples for an action at the bound: half of them are clipped, and none exceeds it
  int at_bound = 0;
  for (int i = 0; i < 4000; ++i) {
    std::array<float, 1> action{1};
    ActionNoise({.kind = Kind::kNormal, .deviation = 0.1}, 1, 1).add_to(action, 1, generator);
    ASSERT_LE(action[0], 1);
    at_bound += action[0] == 1;
  }
  EXPECT_NEAR(at_bound, 2000, 150);  // the standard deviation of the count is 32
}

TEST(ActionNoise, ItsDeviationFollowsASchedule) {
  // σ from 0.4 to 0.2: 0.3 in the middle, for either process; their first values are σ n and σ √Δt n
  for (const auto& [kind, share] : {std::pair{Kind::kNormal, 1.0}, {Kind::kOrnsteinUhlenbeck, 0.5}}) {
    ActionNoise noise({.kind = kind, .deviation = "lin_0.4_0.2", .time_step = 0.25}, 1, 1);
    Generator generator(5), same(5);
    std::array<float, 1> action{0};
    noise.add_to(action, 0.5, generator);
    EXPECT_NEAR(action[0], 0.3 * share * same.standard_normal(), 1e-6);
  }
  EXPECT_THROW(ActionNoise({.deviation = "lin_0.1_-0.1"}, 1, 1), InvalidArgument);
}

TEST(ActionNoise, OrnsteinUhlenbeckByHand) {
  // x1 = 0 + 0.4 sqrt(0.25) n1;  x2 = x1 − 0.5 · 0.25 x1 + 0.4 · 0.5 n2
  ActionNoise noise({.kind = Kind::kOrnsteinUhlenbeck, .deviation = 0.4, .reversion = 0.5, .time_step = 0.25}, 1, 1);
  Generator generator(3), same(3);
  const double n1 = same.standard_normal(), n2 = same.standard_normal();
  const double x1 = 0.2 * n1, x2 = x1 * 0.875 + 0.2 * n2;
  std::array<float, 1> action{0.1f};
  noise.add_to(action, 1, generator);
  EXPECT_NEAR(action[0], 0.1 + x1, 1e-6);
  action[0] = 0;
  noise.add_to(action, 1, generator);
  EXPECT_NEAR(action[0], x2, 1e-6);
  EXPECT_DOUBLE_EQ(noise.process()[0], x2);
}

TEST(ActionNoise, OrnsteinUhlenbeckHasItsDeviationAndMemory) {
  // of x ← (1 − θ Δt) x + σ √Δt n, with a = 1 − θ Δt = 0.9: variance σ² Δt / (1 − a²) = 0.09 · 0.5 / 0.19 = 0.2368,
  // correlation of neighbours a
  ActionNoise noise({.kind = Kind::kOrnsteinUhlenbeck, .deviation = 0.3, .reversion = 0.2, .time_step = 0.5}, 1, 1);
  Generator generator(5);
  double squares = 0, products = 0, before = 0;
  constexpr int kSteps = 100000;
  for (int i = 0; i < kSteps; ++i) {
    std::array<float, 1> action{0};
    noise.add_to(action, 1, generator);
    const double x = noise.process()[0];
    squares += x * x;
    products += x * before;
    before = x;
  }
  EXPECT_NEAR(squares / kSteps, 0.2368, 0.01);  // its standard deviation over 100,000 correlated steps is 0.0033
  EXPECT_NEAR(products / squares, 0.9, 0.01);
}

TEST(ActionNoise, AnEpisodesEndForgetsOneEnvironmentOnly) {
  ActionNoise noise({.kind = Kind::kOrnsteinUhlenbeck}, 2, 2);
  Generator generator(5);
  std::array<float, 4> actions{};
  noise.add_to(actions, 1, generator);
  const std::vector<double> before = noise.process();
  const Dict saved = state_as_dict(noise);
  noise.reset(1);
  EXPECT_EQ(noise.process(), (std::vector<double>{before[0], before[1], 0, 0}));
  ActionNoise copy({.kind = Kind::kOrnsteinUhlenbeck}, 2, 2);
  state_from_dict(copy, saved);
  EXPECT_EQ(copy.process(), before);
  ActionNoise larger({.kind = Kind::kOrnsteinUhlenbeck}, 3, 2);
  EXPECT_THROW(state_from_dict(larger, saved), TypeMismatch);
  EXPECT_NO_THROW(ActionNoise({.kind = Kind::kNormal}, 2, 2).reset(1));
}

TEST(ActionNoise, SettingsOutOfRangeAreRefused) {
  EXPECT_THROW(ActionNoise({.deviation = -0.1}, 1, 1), InvalidArgument);
  EXPECT_THROW(ActionNoise({.reversion = -1}, 1, 1), InvalidArgument);
  EXPECT_THROW(ActionNoise({.time_step = 0}, 1, 1), InvalidArgument);
  EXPECT_THROW(ActionNoise({.reversion = 3, .time_step = 0.5}, 1, 1), InvalidArgument);
  ActionNoise::Options options;
  assign_field(options, "noise", "ornstein_uhlenbeck", "ddpg");
  EXPECT_EQ(options.kind, Kind::kOrnsteinUhlenbeck);
  EXPECT_EQ(fields_as_dict(options).at("noise"), Value("ornstein_uhlenbeck"));
  try {
    assign_field(options, "noise", "norml", "ddpg");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("`normal`"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace ludus::agents
