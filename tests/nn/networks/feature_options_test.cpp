#include "nn/networks/feature_options.h"

#include <gtest/gtest.h>

namespace ludus::nn {
namespace {

using Kind = FeaturePart::Kind;

// 3 numbers, one of 4 classes, an image: 3 + 1 + 40·40·3 = 4804 columns, 3 + 4 + 256 features
TEST(FeatureOptions, SizesFollowFromTheParts) {
  const FeatureOptions options{
      .parts = {{.kind = Kind::kNumbers, .count = 3},
                {.kind = Kind::kOneHot, .count = 1, .classes = 4},
                {.kind = Kind::kImage, .count = 4800, .height = 40, .width = 40, .channels = 3}}};
  options.validate();
  EXPECT_EQ(options.row_size(), 4804);
  EXPECT_EQ(options.outputs(), 263);
  EXPECT_FALSE(options.is_plain());
}

TEST(FeatureOptions, SingleImageGives512Features) {
  const FeatureOptions options{
      .parts = {{.kind = Kind::kImage, .count = 4 * 84 * 84, .frames = 4, .height = 84, .width = 84, .channels = 1}}};
  EXPECT_EQ(options.outputs(), 512);
}

TEST(FeatureOptions, NumbersArePlain) {
  const FeatureOptions options = FeatureOptions::numbers(8);
  EXPECT_TRUE(options.is_plain());
  EXPECT_EQ(options.row_size(), 8);
  EXPECT_EQ(options.outputs(), 8);
}

TEST(FeatureOptions, RejectsInvalidParts) {
  EXPECT_THROW(FeatureOptions{}.validate(), InvalidArgument);
  EXPECT_THROW(FeatureOptions::numbers(0).validate(), InvalidArgument);
  EXPECT_THROW((FeatureOptions{{{.kind = Kind::kOneHot, .count = 1}}}.validate()), InvalidArgument);
  // 35 pixels: (35 - 8) / 4 + 1 = 7, (7 - 4) / 2 + 1 = 2, and a kernel of 3 does not fit
  const FeaturePart small{.kind = Kind::kImage, .count = 35 * 40 * 3, .height = 35, .width = 40, .channels = 3};
  EXPECT_THROW(FeatureOptions{{small}}.validate(), InvalidArgument);
  const FeaturePart wrong{.kind = Kind::kImage, .count = 5, .height = 40, .width = 40, .channels = 3};
  EXPECT_THROW(FeatureOptions{{wrong}}.validate(), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
