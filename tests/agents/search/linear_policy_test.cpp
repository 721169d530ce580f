#include "agents/search/linear_policy.h"

#include <gtest/gtest.h>

#include "tests/agents/support/by_hand.h"

namespace ludus::agents {
namespace {

using testing::read_metadata;

std::shared_ptr<envs::Box> box(std::int64_t size, double bound = 10) {
  return std::make_shared<envs::Box>(-bound, bound, Shape{size});
}

TEST(LinearPolicy, TwoActionsNeedOneRowOfWeights) {
  const LinearPolicy policy(read_metadata(box(2), std::make_shared<envs::Discrete>(2, 5)), false, "test");
  ASSERT_EQ(policy.parameter_count(), 2u);
  envs::ActionBatch actions;
  // 3·1 - 2·1 = 1 ≥ 0; 3·1 - 2·2 = -1 < 0; 3·2 - 2·3 = 0 ≥ 0
  policy.choose_all(std::vector<double>{3, -2}, std::vector<float>{1, 1, 1, 2, 2, 3}, 3, actions);
  EXPECT_EQ(actions.discrete, (std::vector<std::int64_t>{6, 5, 6}));
  EXPECT_TRUE(actions.continuous.empty());
}

TEST(LinearPolicy, OfSeveralActionsTheGreatestRowWinsAndOfEqualsTheFirst) {
  const LinearPolicy policy(read_metadata(box(2), std::make_shared<envs::Discrete>(3)), false, "test");
  ASSERT_EQ(policy.parameter_count(), 6u);
  envs::ActionBatch actions;
  // rows (1, 0), (0, 1), (-1, -1): values 2 1 -3; 1 2 -3; -1 -2 3; 1 1 -2
  policy.choose_all(std::vector<double>{1, 0, 0, 1, -1, -1}, std::vector<float>{2, 1, 1, 2, -1, -2, 1, 1}, 4, actions);
  EXPECT_EQ(actions.discrete, (std::vector<std::int64_t>{0, 1, 2, 0}));
}

TEST(LinearPolicy, ABoxOfActionsIsClipped) {
  const LinearPolicy policy(read_metadata(box(2), box(2, 1.5)), true, "test");
  ASSERT_EQ(policy.parameter_count(), 6u);
  envs::ActionBatch actions;
  // rows (1, 0 | 0.5) and (0, 2 | 0): 1.5 → 1.5 and 6 → 1.5; -0.5 + 0.5 = 0 and -0.5; -9.5 → -1.5 and 0
  policy.choose_all(std::vector<double>{1, 0, 0.5, 0, 2, 0}, std::vector<float>{1, 3, -0.5f, -0.25f, -10, 0}, 3,
                    actions);
  EXPECT_EQ(actions.continuous, (std::vector<float>{1.5f, 1.5f, 0.0f, -0.5f, -1.5f, 0.0f}));
  EXPECT_TRUE(actions.discrete.empty());
}

TEST(LinearPolicy, ADiscreteObservationHasAWeightForEveryElement) {
  const LinearPolicy policy(read_metadata(std::make_shared<envs::Discrete>(3, 7), std::make_shared<envs::Discrete>(2)),
                            true, "test");
  ASSERT_EQ(policy.parameter_count(), 4u);  // three elements and the constant
  envs::ActionBatch actions;
  policy.choose_all(std::vector<double>{1, -1, 3, -2}, std::vector<float>{7, 8, 9}, 3, actions);
  EXPECT_EQ(actions.discrete, (std::vector<std::int64_t>{0, 0, 1}));
}

TEST(LinearPolicy, RefusesSpacesThatItCannotServe) {
  const auto tuple =
      std::shared_ptr<envs::Space>(envs::space_from_spec({{"type", "MultiBinary"}, {"shape", List{3}}, {"n", 3}}));
  EXPECT_THROW(LinearPolicy(read_metadata(tuple, std::make_shared<envs::Discrete>(2)), false, "test"), NotApplicable);
  EXPECT_THROW(LinearPolicy(read_metadata(box(2), tuple), false, "test"), NotApplicable);
}

}  // namespace
}  // namespace ludus::agents
