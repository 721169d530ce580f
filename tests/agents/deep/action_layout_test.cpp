#include "agents/deep/action_layout.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "envs/spaces/multi_binary.h"
#include "envs/spaces/multi_discrete.h"
#include "envs/spaces/tuple.h"

namespace ludus::agents {
namespace {

ActionLayout layout_of(std::shared_ptr<const envs::Space> space) {
  EnvSignature facts;
  facts.spec.id = "Layout-v0";
  facts.action_space = std::move(space);
  return action_layout(facts, "ppo");
}

TEST(ActionLayout, ClassesAndSwitchesBecomeTheSpacesNumbers) {
  envs::ActionBatch actions;
  layout_of(std::make_shared<envs::Discrete>(3, -1)).to_actions(std::array<float, 3>{0, 1, 2}, actions);
  EXPECT_EQ(actions.discrete, (std::vector<std::int64_t>{-1, 0, 1}));
  const auto several = layout_of(
      std::make_shared<envs::MultiDiscrete>(std::vector<std::int64_t>{2, 4}, std::vector<std::int64_t>{10, 20}));
  EXPECT_EQ(several.options.classes, (std::vector<std::int64_t>{2, 4}));
  several.to_actions(std::array<float, 4>{0, 3, 1, 0}, actions);
  EXPECT_EQ(actions.discrete, (std::vector<std::int64_t>{10, 23, 11, 20}));
  layout_of(std::make_shared<envs::MultiBinary>(2)).to_actions(std::array<float, 2>{1, 0}, actions);
  EXPECT_EQ(actions.discrete, (std::vector<std::int64_t>{1, 0}));
  EXPECT_TRUE(actions.continuous.empty());
}

TEST(ActionLayout, RealsAreClippedToTheirBounds) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::array<float, 2> low{-1, 0}, high{2, kInfinity};
  const auto layout = layout_of(
      std::make_shared<envs::Box>(Array::of(std::span<const float>(low)), Array::of(std::span<const float>(high))));
  envs::ActionBatch actions;
  layout.to_actions(std::array<float, 4>{-3, -3, 5, 1e30f}, actions);
  EXPECT_EQ(actions.continuous, (std::vector<float>{-1, 0, 2, 1e30f}));
  EXPECT_TRUE(actions.discrete.empty());

  // 0.4 is no float: the nearest, 0.4000000059…, would lie outside a space of doubles
  const envs::Box doubles(-0.4, 0.4, Shape{1}, DType::kFloat64);
  layout_of(std::make_shared<envs::Box>(doubles)).to_actions(std::array<float, 2>{9, -9}, actions);
  EXPECT_LE(static_cast<double>(actions.continuous[0]), 0.4);
  EXPECT_GE(static_cast<double>(actions.continuous[1]), -0.4);
  EXPECT_NEAR(actions.continuous[0], 0.4, 1e-7);
}

TEST(ActionLayout, OtherSpacesAreRefused) {
  EXPECT_THROW(layout_of(std::make_shared<envs::Box>(0.0, 9.0, Shape{1}, DType::kInt64)), NotApplicable);
  std::vector<envs::SpacePtr> parts;
  parts.push_back(std::make_unique<envs::Discrete>(2));
  EXPECT_THROW(layout_of(std::make_shared<envs::Tuple>(std::move(parts))), NotApplicable);
}

}  // namespace
}  // namespace ludus::agents
