#include "agents/deep/normalizer.h"
#include "tests/base/support/states.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace ludus::agents {
namespace {

TEST(ObservationNormalizer, ByHand) {
  // 0, 2, 4, 6 and 100 each time: means 3 and 100, variances 5 and 0 (but for the 1e-4 of an observation it begins
  // with)
  ObservationNormalizer normalizer(2, 1.5);
  const std::array<float, 8> rows{0, 100, 2, 100, 4, 100, 6, 100};
  normalizer.learn(rows);
  std::array<float, 8> out{};
  normalizer.apply(rows, out);
  EXPECT_NEAR(out[0], -3 / std::sqrt(5.0), 1e-3);
  EXPECT_NEAR(out[2], -1 / std::sqrt(5.0), 1e-3);
  const std::array<float, 2> far{1000, -1000};
  normalizer.apply(far, std::span(out).first(2));
  EXPECT_EQ(out[0], 1.5f);
  EXPECT_EQ(out[1], -1.5f);

  ObservationNormalizer restored(2, 1.5);
  test::restore(restored, state_as_dict(normalizer));
  EXPECT_TRUE(restored.statistics() == normalizer.statistics());
  EXPECT_THROW(test::restore(ObservationNormalizer(3, 1.5), state_as_dict(normalizer)), TypeMismatch);
}

// γ = ½: discounted returns 4, 4 + 2 = 6, then after the end of the episode, however it came, 4 again.
TEST(RewardNormalizer, DividesByTheDeviationOfTheReturn) {
  for (const bool terminated : {true, false}) {
    RewardNormalizer normalizer(1, 0.5, 10);
    const std::array<double, 1> reward{4};
    const std::array<std::uint8_t, 1> no{0}, yes{1};
    std::array<float, 1> out{};
    normalizer.learn_and_apply(reward, no, no, out);
    EXPECT_EQ(out[0], 10);  // one return has no variance yet: the reward is clipped
    normalizer.learn_and_apply(reward, terminated ? yes : no, terminated ? no : yes, out);
    EXPECT_NEAR(out[0], 4, 0.01);  // the standard deviation of 4 and 6 is 1
    RewardNormalizer restored(1, 0.5, 10);
    test::restore(restored, state_as_dict(normalizer));
    std::array<float, 1> again{};
    normalizer.learn_and_apply(reward, no, no, out);
    restored.learn_and_apply(reward, no, no, again);
    EXPECT_NEAR(out[0], 4 / std::sqrt(8.0 / 9), 0.01);  // of 4, 6, 4 the variance is 8/9
    EXPECT_EQ(again[0], out[0]);
    EXPECT_THROW(test::restore(RewardNormalizer(2, 0.5, 10), state_as_dict(normalizer)), TypeMismatch);
  }
}

}  // namespace
}  // namespace ludus::agents
