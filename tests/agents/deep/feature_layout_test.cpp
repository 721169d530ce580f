#include "agents/deep/feature_layout.h"

#include <gtest/gtest.h>

#include "agents/core/policy.h"
#include "envs/spaces/dict.h"
#include "envs/spaces/multi_discrete.h"
#include "envs/spaces/sequence.h"
#include "envs/spaces/tuple.h"

namespace ludus::agents {
namespace {

using Kind = nn::FeaturePart::Kind;

TEST(FeatureLayout, ABoxIsItsNumbers) {
  const nn::FeatureOptions layout = feature_layout(envs::Box(-1, 1, Shape{2, 3}), "dqn");
  EXPECT_TRUE(layout.is_plain());
  EXPECT_EQ(layout.row_size(), 6);
}

TEST(FeatureLayout, ClassesKeepTheirStart) {
  const nn::FeatureOptions layout = feature_layout(envs::Discrete(5, -2), "dqn");
  ASSERT_EQ(layout.parts.size(), 1u);
  EXPECT_EQ(layout.parts[0].kind, Kind::kOneHot);
  EXPECT_EQ(layout.parts[0].classes, 5);
  EXPECT_EQ(layout.parts[0].start, -2);
  EXPECT_EQ(feature_layout(envs::MultiDiscrete({2, 3}), "dqn").outputs(), 5);
}

TEST(FeatureLayout, PicturesAreFoundByTypeAndShape) {
  const auto part = [](Shape shape, DType dtype = DType::kUInt8) {
    return feature_layout(envs::Box(0, 255, shape, dtype), "dqn").parts[0];
  };
  EXPECT_EQ(part(Shape{96, 96, 3}).kind, Kind::kImage);
  EXPECT_EQ(part(Shape{96, 96, 3}).channels, 3);
  EXPECT_EQ(part(Shape{4, 84, 84}).frames, 4);  // stacked grey frames
  EXPECT_EQ(part(Shape{4, 84, 84}).channels, 1);
  EXPECT_EQ(part(Shape{4, 96, 96, 3}).frames, 4);
  EXPECT_EQ(part(Shape{96, 96, 3}, DType::kFloat32).kind, Kind::kNumbers);
  EXPECT_EQ(part(Shape{96, 96}).kind, Kind::kNumbers);
}

// Parts in the order in which the space writes its rows: a dictionary's by key.
TEST(FeatureLayout, PartsOfDictionariesAndTuplesFollowOneAnother) {
  std::vector<envs::SpacePtr> inner;
  inner.push_back(std::make_unique<envs::Discrete>(3));
  inner.push_back(std::make_unique<envs::Box>(0, 1, Shape{2}));
  std::vector<envs::DictSpace::Part> parts;
  parts.emplace_back("b", std::make_unique<envs::Tuple>(std::move(inner)));
  parts.emplace_back("a", std::make_unique<envs::Box>(0, 1, Shape{4}));
  const envs::DictSpace space(std::move(parts));
  const nn::FeatureOptions layout = feature_layout(space, "dqn");
  ASSERT_EQ(layout.parts.size(), 3u);
  EXPECT_EQ(layout.parts[0].count, 4);
  EXPECT_EQ(layout.parts[1].classes, 3);
  EXPECT_EQ(layout.parts[2].count, 2);
  EXPECT_EQ(layout.row_size(), static_cast<std::int64_t>(space.row_size()));
}

TEST(FeatureLayout, WhatHasNoRowsIsRefused) {
  EXPECT_THROW(feature_layout(envs::Sequence(std::make_unique<envs::Discrete>(2)), "dqn"), NotApplicable);
}

}  // namespace
}  // namespace ludus::agents
