#include "agents/deep/action_scale.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace ludus::agents {
namespace {

EnvSignature facts_with(std::shared_ptr<envs::Space> actions) {
  EnvSignature facts;
  facts.spec.id = "Somewhere-v0";
  facts.action_space = std::move(actions);
  return facts;
}

TEST(ActionScale, GoesThereAndBack) {
  const std::array<float, 2> low{-2, 0}, high{2, 10};
  const ActionScale scale(facts_with(std::make_shared<envs::Box>(Array::of(std::span<const float>(low)),
                                                                 Array::of(std::span<const float>(high)))),
                          "td3");
  // two rows: the middles and the bounds, then quarters
  std::array<float, 4> actions{0, 1, -0.5f, -0.5f};
  scale.from_unit(actions);
  EXPECT_EQ(actions, (std::array<float, 4>{0, 10, -1, 2.5f}));
  scale.to_unit(actions);
  EXPECT_EQ(actions, (std::array<float, 4>{0, 1, -0.5f, -0.5f}));
}

TEST(ActionScale, NeverLeavesTheBox) {
  // bounds that are no exact sums: low + (high − low) is not high in float
  const ActionScale scale(facts_with(std::make_shared<envs::Box>(-0.1, 0.7, Shape{1})), "td3");
  for (const float u : {-1.0f, 1.0f, std::nextafter(1.0f, 0.0f)}) {
    std::array<float, 1> action{u};
    scale.from_unit(action);
    EXPECT_GE(action[0], -0.1f);
    EXPECT_LE(action[0], 0.7f);
    scale.to_unit(action);
    EXPECT_LE(std::abs(action[0]), 1.0f);
  }
}

TEST(ActionScale, NeverLeavesABoxOfDoubles) {
  const envs::Box box(-0.1, 0.1, Shape{1}, DType::kFloat64);  // 0.1f is above 0.1
  const ActionScale scale(facts_with(std::make_shared<envs::Box>(box)), "td3");
  for (const float u : {-1.0f, 0.0f, 1.0f}) {
    std::array<float, 1> action{u};
    scale.from_unit(action);
    EXPECT_TRUE(box.contains(Array::of({static_cast<double>(action[0])}))) << action[0];
  }
  EXPECT_THROW(ActionScale(facts_with(std::make_shared<envs::Box>(-1e308, 1e308, Shape{1}, DType::kFloat64)), "td3"),
               NotApplicable);  // the range overflows float32
}

TEST(ActionScale, EqualBoundsAreTheOneAction) {
  const ActionScale scale(facts_with(std::make_shared<envs::Box>(3.0, 3.0, Shape{1})), "td3");
  std::array<float, 1> action{-0.7f};
  scale.from_unit(action);
  EXPECT_EQ(action[0], 3);
  scale.to_unit(action);
  EXPECT_EQ(action[0], 0);
}

TEST(ActionScale, OtherActionsAreRefused) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THROW(ActionScale(facts_with(std::make_shared<envs::Discrete>(2)), "td3"), NotApplicable);
  EXPECT_THROW(ActionScale(facts_with(std::make_shared<envs::Box>(-1.0, infinity, Shape{1})), "td3"), NotApplicable);
  EXPECT_THROW(ActionScale(facts_with(std::make_shared<envs::Box>(0.0, 9.0, Shape{1}, DType::kInt32)), "td3"),
               NotApplicable);
  try {
    ActionScale(facts_with(std::make_shared<envs::Discrete>(2)), "td3");
  } catch (const NotApplicable& error) {
    EXPECT_NE(std::string(error.what()).find("td3"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("Somewhere-v0"), std::string::npos);
  }
}

}  // namespace
}  // namespace ludus::agents
