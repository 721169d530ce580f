#include "nn/networks/feature_extractor.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nn/core/init.h"

namespace ludus::nn {
namespace {

using Kind = FeaturePart::Kind;

FeatureExtractor make_features(const FeatureOptions& options) {
  at::Generator generator = make_generator(3);
  return FeatureExtractor(options, Initialisation::kUniform, generator);
}

// (1.5, 2 of {1, 2, 3}, 7) → (1.5, 0 1 0, 7)
TEST(FeatureExtractor, ClassesBecomeOneHotBetweenNumbers) {
  const FeatureExtractor features =
      make_features({.parts = {{.kind = Kind::kNumbers, .count = 1},
                               {.kind = Kind::kOneHot, .count = 1, .classes = 3, .start = 1},
                               {.kind = Kind::kNumbers, .count = 1}}});
  const at::Tensor out = features.forward(at::tensor({1.5f, 2.0f, 7.0f}).view({1, 3}));
  EXPECT_TRUE(at::equal(out, at::tensor({1.5f, 0.0f, 1.0f, 0.0f, 7.0f}).view({1, 5})));
}

// Pixel (y, x) of frame f and channel c is plane f·channels + c of the first convolution, divided by 255. With one
// non-zero weight in each layer, the output depends on a single pixel.
TEST(FeatureExtractor, ImagePlanesAreFramesTimesChannels) {
  const FeaturePart part{
      .kind = Kind::kImage, .count = 2 * 36 * 36 * 3, .frames = 2, .height = 36, .width = 36, .channels = 3};
  const FeatureExtractor features = make_features({.parts = {part}});
  const at::NoGradGuard no_grad;
  const auto named = features.named_parameters();
  for (const auto& item : named) item.value().zero_();
  named["images.0.conv0.weight"][0][1 * 3 + 2][5][6] = 2.0;  // frame 1, channel 2, row 5, column 6 of the window
  named["images.0.conv1.weight"][0][0][0][0] = 1.0;
  named["images.0.conv2.weight"][0][0][0][0] = 1.0;
  named["images.0.dense.weight"][0][0] = 1.0;

  at::Tensor pixels = at::zeros({1, 2, 36, 36, 3});
  pixels[0][1][5][6][2] = 51.0;
  EXPECT_FLOAT_EQ(features.forward(pixels.view({1, -1}))[0][0].item<float>(), 2.0f * 51 / 255);
  // the same place in another frame or channel has no effect
  pixels.zero_();
  pixels[0][0][5][6][2] = 51.0;
  pixels[0][1][5][6][1] = 51.0;
  pixels[0][1][6][5][2] = 51.0;
  EXPECT_FLOAT_EQ(features.forward(pixels.view({1, -1}))[0][0].item<float>(), 0.0f);
}

// 84 x 84 x 4, as in the paper: 20 x 20, 9 x 9, 7 x 7, so 64·49 = 3136 numbers into the dense layer
TEST(FeatureExtractor, ConvolutionsAreThePapers) {
  const FeatureExtractor features = make_features(
      {.parts = {{.kind = Kind::kImage, .count = 84 * 84 * 4, .frames = 4, .height = 84, .width = 84, .channels = 1}}});
  const auto named = features.named_parameters();
  EXPECT_EQ(named["images.0.conv0.weight"].sizes(), (std::vector<std::int64_t>{32, 4, 8, 8}));
  EXPECT_EQ(named["images.0.conv1.weight"].sizes(), (std::vector<std::int64_t>{64, 32, 4, 4}));
  EXPECT_EQ(named["images.0.conv2.weight"].sizes(), (std::vector<std::int64_t>{64, 64, 3, 3}));
  EXPECT_EQ(named["images.0.dense.weight"].sizes(), (std::vector<std::int64_t>{512, 3136}));
  EXPECT_EQ(features.forward(at::zeros({2, 84 * 84 * 4})).sizes(), (std::vector<std::int64_t>{2, 512}));
}

TEST(FeatureExtractor, RejectsRowsOfAnotherLength) {
  EXPECT_THROW(make_features(FeatureOptions::numbers(3)).forward(at::zeros({2, 4})), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
