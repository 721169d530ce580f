#include "agents/search/observation_moments.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/state_fields.h"

namespace ludus::agents {
namespace {

std::vector<float> normal(const ObservationMoments& moments, const std::vector<float>& observation) {
  std::vector<float> out(observation.size());
  moments.normalize(observation, out);
  return out;
}

// 1, 3, 8: mean 4, variance (9 + 1 + 16)/3 = 26/3. The second number never changes.
TEST(ObservationMoments, ByHand) {
  ObservationMoments moments(2);
  EXPECT_EQ(normal(moments, {7, -2}), (std::vector<float>{7, -2}));  // no observations yet
  for (const float number : {1.0f, 3.0f, 8.0f}) moments.add(std::vector<float>{number, 5});
  EXPECT_EQ(normal(moments, {7, -2}), (std::vector<float>{7, -2}));  // not before refresh()
  moments.refresh();
  EXPECT_EQ(moments.mean(), (std::vector<double>{4, 5}));
  EXPECT_NEAR(moments.variance()[0], 26.0 / 3, 1e-14);
  EXPECT_NEAR(normal(moments, {7, 5})[0], 3 / std::sqrt(26.0 / 3), 1e-6);
  EXPECT_EQ(normal(moments, {7, -2})[1], 0);

  // what is added later does not count until the next refresh()
  moments.add(std::vector<float>{100, 6});
  EXPECT_NEAR(normal(moments, {4, 5})[0], 0, 1e-6);
  EXPECT_EQ(moments.count(), 4);
}

TEST(ObservationMoments, TheScalingIsAStateOfItsOwn) {
  ObservationMoments moments(1);
  moments.add(std::vector<float>{1});
  moments.add(std::vector<float>{3});
  moments.refresh();
  moments.add(std::vector<float>{50});
  Checkpoint shipped, saved;
  save_state(moments.scaling(), shipped.writer("normalizer"));
  save_state(moments, saved.writer("moments"));

  ObservationMoments policy(1), whole(1);
  load_state(policy.scaling(), shipped.reader("normalizer"));
  EXPECT_EQ(normal(policy, {4}), normal(moments, {4}));
  EXPECT_EQ(policy.count(), 0);
  load_state(whole, saved.reader("moments"));
  whole.refresh();
  EXPECT_EQ(whole.mean(), (std::vector<double>{18}));
  ObservationMoments wider(2);
  EXPECT_THROW(load_state(wider, saved.reader("moments")), CorruptCheckpoint);
  EXPECT_THROW(load_state(whole, shipped.reader("moments")), CorruptCheckpoint);
}

}  // namespace
}  // namespace ludus::agents
