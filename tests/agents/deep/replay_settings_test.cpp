#include "agents/deep/replay_settings.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace ludus::agents {
namespace {

TEST(ReplaySettings, GradientStepsAreDueAtTheEndsOfRoundsAfterTheWarmUp) {
  ReplaySettings settings;
  settings.train_freq = 4;
  settings.gradient_steps = 3;
  settings.learning_starts = 16;
  // two environments: calls 4, 8 and 12 have made 8, 16 and 24 steps, of which 16 are the warm-up
  EXPECT_EQ(settings.gradient_steps_due(4, 8, 2), 0);
  EXPECT_EQ(settings.gradient_steps_due(8, 16, 2), 0);
  EXPECT_EQ(settings.gradient_steps_due(11, 22, 2), 0);
  EXPECT_EQ(settings.gradient_steps_due(12, 24, 2), 3);

  settings.gradient_steps = -1;  // as many as there were environment steps in the round
  EXPECT_EQ(settings.gradient_steps_due(12, 24, 2), 8);
  EXPECT_EQ(settings.gradient_steps_due(13, 26, 2), 0);
}

TEST(ReplaySettings, TellWhoseTheyAreWhenRefused) {
  ReplaySettings settings;
  check_fields(settings, "td3");
  settings.polyak_tau = 0;
  try {
    check_fields(settings, "td3");
    FAIL() << "a target that never moves was taken";
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(), "td3: polyak_tau must be above 0 and at most 1, got 0");
  }
}

}  // namespace
}  // namespace ludus::agents
