#include "nn/vision/transforms.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/nn/vision/vision_files.h"
#include "tests/support/scratch.h"

namespace ludus::vision {
namespace {

using test_support::difference;
using test_support::expected;
using test_support::Scratch;

Array pixels(std::vector<std::uint8_t> values, Shape shape) {
  return Array::of<std::uint8_t>(std::span<const std::uint8_t>(values), shape);
}

std::string message_of(std::string_view json) {
  try {
    manifest_from_json(json);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Manifest, JsonInBothDirections) {
  const Manifest manifest{.size = {299, 224},
                          .channel_order = "bgr",
                          .scale = 255,
                          .mean = {104, 117, 123},
                          .std = {2},
                          .resize = "exact",
                          .resize_side = 300,
                          .filter = "bicubic",
                          .sampling = "half_pixel",
                          .crop = "none",
                          .output = "probabilities",
                          .labels = {"tench", "größer"}};
  EXPECT_EQ(manifest_from_json(to_json(manifest)), manifest);
  EXPECT_EQ(manifest_from_json("{}"), Manifest{});
  EXPECT_EQ(manifest_from_json(R"({"size": 32})").size, (std::array<std::int64_t, 2>{32, 32}));
  const Scratch folder;
  save_manifest(folder / "manifest.json", manifest);
  EXPECT_EQ(load_manifest(folder / "manifest.json"), manifest);
}

TEST(Manifest, FaultsAreOneSentence) {
  EXPECT_NE(message_of(R"({"sise": 32})").find("Did you mean `size`"), std::string::npos)
      << message_of(R"({"sise": 32})");
  EXPECT_NE(message_of(R"({"channel_order": "gbr"})").find("\"bgr\""), std::string::npos);
  EXPECT_NE(message_of(R"({"mean": [1, 2]})").find("each of the 3 channels, got 2"), std::string::npos);
  EXPECT_NE(message_of(R"({"channel_order": "grey", "std": [1, 2, 3]})").find("of the 1 channels"), std::string::npos);
  EXPECT_NE(message_of(R"({"std": 0})").find("above 0"), std::string::npos);
  EXPECT_NE(message_of(R"({"size": [0, 3]})"), "");
  EXPECT_NE(message_of(R"({"filter": "area", "sampling": "half_pixel"})").find("half_pixel"), std::string::npos);
  EXPECT_NE(message_of("[]").find("must be a JSON object"), std::string::npos);
  EXPECT_NE(message_of("{"), "");
  const Scratch folder;
  write_atomically(folder / "m.json", R"({"scale": "x"})");
  try {
    load_manifest(folder / "m.json");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("m.json"), std::string::npos);
  }
}

TEST(Manifest, LabelsHaveAPlaceForEachClass) {
  const Manifest manifest{.labels = {"cat", "dog"}};
  EXPECT_EQ(manifest.label_of(1), "dog");
  EXPECT_THROW(manifest.label_of(2), InvalidArgument);
  EXPECT_EQ(Manifest{}.label_of(7), "");
  const Scratch folder;
  write_atomically(folder / "labels.txt", "cat\r\nbig dog\n");
  EXPECT_EQ(read_labels(folder / "labels.txt"), (std::vector<std::string>{"cat", "big dog"}));
  write_atomically(folder / "empty.txt", "");
  EXPECT_THROW(read_labels(folder / "empty.txt"), FileError);
}

// One pixel of each form by hand.
TEST(Preprocess, OrdersScalesAndSubtracts) {
  const Array pixel = pixels({255, 51, 0}, Shape{1, 1, 3});
  const auto check = [&](Manifest manifest, std::vector<double> values) {
    manifest.size = {1, 1};
    manifest.resize = "none";
    const Array input = preprocess(pixel, manifest);
    ASSERT_EQ(input.shape(), (Shape{static_cast<std::int64_t>(values.size()), 1, 1}));
    for (std::size_t c = 0; c < values.size(); ++c) EXPECT_NEAR(input.get(c), values[c], 1e-5);
    if (values.size() == 3) {
      EXPECT_EQ(undo_preprocessing(input, manifest), pixel);
    }
  };
  check({}, {1, 0.2, 0});
  check({.channel_order = "bgr", .scale = 255, .mean = {104, 117, 123}}, {-104, 51 - 117, 255 - 123});  // Caffe
  check({.mean = {0.5}, .std = {0.5}}, {1, -0.6, -1});                                                  // Inception
  check({.mean = {0.485, 0.456, 0.406}, .std = {0.229, 0.224, 0.225}},                                  // torchvision
        {(1 - 0.485) / 0.229, (0.2 - 0.456) / 0.224, -0.406 / 0.225});
  check({.channel_order = "grey", .scale = 255}, {106});  // PIL's luma: 0.299 · 255 + 0.587 · 51 = 106.18
}

TEST(Preprocess, LaysOutChannelsFirst) {
  const Array image = pixels({0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32}, Shape{2, 2, 3});
  const Array input = preprocess(image, {.size = {2, 2}, .scale = 255, .resize = "none"});
  ASSERT_EQ(input.shape(), (Shape{3, 2, 2}));
  const std::vector<double> values{0, 10, 20, 30, 1, 11, 21, 31, 2, 12, 22, 32};
  for (std::size_t i = 0; i < 12; ++i) EXPECT_NEAR(input.get(i), values[i], 1e-4);
}

TEST(Preprocess, TakesGreyAlphaAnd16Bits) {
  const Manifest manifest{.size = {8, 9}, .resize_side = 10};
  for (const char* name : {"grey", "grey_alpha8.png", "rgba8.png", "rgb16.png"}) {
    EXPECT_EQ(preprocess(expected(name), manifest).shape(), (Shape{3, 8, 9})) << name;
  }
  const Array batch[] = {expected("rgb"), expected("grey")};
  const Array inputs = preprocess(batch, manifest);
  EXPECT_EQ(inputs.shape(), (Shape{2, 3, 8, 9}));
  EXPECT_EQ(inputs.data<float>()[0], preprocess(batch[0], manifest).data<float>()[0]);
  EXPECT_EQ(inputs.data<float>()[3 * 72], preprocess(batch[1], manifest).data<float>()[0]);
  EXPECT_THROW(preprocess(std::span<const Array>{}, manifest), InvalidArgument);
}

TEST(Preprocess, ResizesAsTheManifestSays) {
  const Array image = expected("rgb");
  Manifest manifest{.size = {11, 14}, .resize = "exact"};
  EXPECT_EQ(resized_and_cropped(image, manifest), expected("resize_bilinear_11x14"));
  manifest.filter = "bicubic";
  EXPECT_EQ(resized_and_cropped(image, manifest), expected("resize_bicubic_11x14"));
  manifest.sampling = "align_corners";
  EXPECT_EQ(resized_and_cropped(image, manifest), resize_tf1(image, {11, 14}, Filter::kBicubic, TfGrid::kAlignCorners));
  manifest = {.size = {5, 40}, .resize = "none"};
  EXPECT_EQ(resized_and_cropped(image, manifest), center_crop_or_pad(image, {5, 40}));
  manifest.crop = "none";
  EXPECT_THROW(preprocess(image, manifest), InvalidArgument);
}

}  // namespace
}  // namespace ludus::vision
