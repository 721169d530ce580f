#include "replay/rollout.h"

#include <gtest/gtest.h>

#include <array>

#include "base/error.h"
#include "tests/base/support/states.h"

namespace ludus::replay {
namespace {

constexpr StepSizes kOne{.observation = 1, .action = 1, .mask = 0};

// Step t of two environments: observations 10 t and 10 t + 1, which lead to 10 t + 5 and 10 t + 6.
void add(Rollout& rollout, int t, std::array<std::uint8_t, 2> terminated = {0, 0},
         std::array<std::uint8_t, 2> truncated = {0, 0}) {
  const auto x = static_cast<float>(10 * t);
  const std::array<float, 2> observations{x, x + 1}, actions{0, 1}, rewards{1, 2}, next{x + 5, x + 6};
  rollout.add({observations, actions, {}, rewards, next, terminated, truncated});
}

TEST(Rollout, BootstrapsWhatWasCutAndWhatItsEndLeavesOpen) {
  Rollout rollout(3, 2, kOne);
  add(rollout, 0, {0, 0}, {1, 0});  // environment 0 is truncated
  add(rollout, 1, {0, 1}, {0, 0});  // environment 1 is terminated
  EXPECT_FALSE(rollout.full());
  add(rollout, 2, {1, 0}, {1, 0});  // environment 0 terminates with the rollout, environment 1 continues
  EXPECT_TRUE(rollout.full());
  const auto bootstraps = rollout.steps().bootstrap_observations();
  EXPECT_EQ(std::vector<float>(bootstraps.begin(), bootstraps.end()), (std::vector<float>{5, 26}));
  const auto observations = rollout.steps().observations();
  EXPECT_EQ(std::vector<float>(observations.begin(), observations.end()), (std::vector<float>{0, 1, 10, 11, 20, 21}));
  rollout.clear();
  EXPECT_FALSE(rollout.full());
  EXPECT_EQ(rollout.steps().bootstrap_observations().size(), 0u);
}

TEST(Rollout, RestoredGoesOnIdentically) {
  Rollout rollout(3, 2, kOne), restored(3, 2, kOne), other(1, 2, kOne);
  add(rollout, 0, {0, 0}, {1, 0});
  add(rollout, 1);
  test::restore(restored, state_as_dict(rollout));
  add(rollout, 2);
  add(restored, 2);
  EXPECT_TRUE(restored.full());
  EXPECT_EQ(state_as_dict(restored), state_as_dict(rollout));
  EXPECT_THROW(test::restore(other, state_as_dict(rollout)), TypeMismatch);
  EXPECT_THROW(Rollout(0, 1, kOne), InvalidArgument);
  EXPECT_THROW(Rollout(1, 0, kOne), InvalidArgument);
}

}  // namespace
}  // namespace ludus::replay
