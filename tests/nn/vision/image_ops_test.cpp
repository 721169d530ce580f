#include "nn/vision/image_ops.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "nn/io/image_file.h"
#include "tests/nn/vision/vision_files.h"

namespace ludus::vision {
namespace {

using test_support::difference;
using test_support::expected;

Array floats(std::vector<float> values, ImageSize size) {
  return Array::of<float>(std::span<const float>(values), Shape{size.height, size.width, 1});
}

Array bytes(std::vector<std::uint8_t> values, ImageSize size, std::int64_t channels = 1) {
  return Array::of<std::uint8_t>(std::span<const std::uint8_t>(values), Shape{size.height, size.width, channels});
}

const std::vector<ImageSize> kSizes{{11, 14}, {40, 53}, {7, 31}, {1, 1}};

std::string suffix(ImageSize size) {
  return std::to_string(size.height) + "x" + std::to_string(size.width);
}

TEST(Resize, EqualsPilToTheLastBit) {
  for (const char* filter : kFilterNames) {
    for (const ImageSize size : kSizes) {
      const std::string name = std::string("resize_") + filter + "_" + suffix(size);
      EXPECT_EQ(difference(resize(expected("rgb"), size, filter_of(filter)), expected(name)), 0) << name;
    }
  }
}

TEST(Resize, OfFloatsEqualsPil) {
  for (const char* filter : {"bilinear", "bicubic", "area"}) {
    for (const ImageSize size : kSizes) {
      const std::string name = std::string("resize_float_") + filter + "_" + suffix(size);
      EXPECT_LE(difference(resize(to_float(expected("grey")), size, filter_of(filter)), expected(name)), 1e-6) << name;
    }
  }
}

TEST(Resize, ToTheSameSizeChangesNothing) {
  const Array image = expected("rgb16.png");
  EXPECT_EQ(resize(image, size_of(image), Filter::kBicubic), image);
}

// The cases of TensorFlow's resize_{bilinear,nearest_neighbor}_op_test.cc.
TEST(ResizeTf1, EqualsTheCasesOfTensorFlow) {
  const Array two = floats({1, 2, 3, 4}, {2, 2});
  const Array three = floats({1, 2, 3, 4, 5, 6, 7, 8, 9}, {3, 3});
  const auto check = [](const Array& image, ImageSize size, Filter filter, TfGrid grid, std::vector<float> values) {
    EXPECT_LE(difference(resize_tf1(image, size, filter, grid), floats(std::move(values), size)), 1e-5);
  };
  const float third = 1.0f / 3;
  check(two, {1, 1}, Filter::kBilinear, TfGrid::kLegacy, {1});
  check(two, {3, 3}, Filter::kBilinear, TfGrid::kLegacy,
        {1, 1 + 2 * third, 2, 2 + third, 3, 3 + third, 3, 3 + 2 * third, 4});
  check(two, {3, 3}, Filter::kBilinear, TfGrid::kAlignCorners, {1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4});
  check(two, {3, 3}, Filter::kBilinear, TfGrid::kHalfPixel, {1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4});
  check(two, {4, 4}, Filter::kBilinear, TfGrid::kLegacy, {1, 1.5, 2, 2, 2, 2.5, 3, 3, 3, 3.5, 4, 4, 3, 3.5, 4, 4});
  check(three, {2, 2}, Filter::kBilinear, TfGrid::kLegacy, {1, 2.5, 5.5, 7});
  check(three, {2, 2}, Filter::kBilinear, TfGrid::kAlignCorners, {1, 3, 7, 9});
  check(three, {2, 2}, Filter::kBilinear, TfGrid::kHalfPixel, {2, 3.5, 6.5, 8});
  check(three, {4, 4}, Filter::kBilinear, TfGrid::kHalfPixel,
        {1, 1.625, 2.375, 3, 2.875, 3.5, 4.25, 4.875, 5.125, 5.75, 6.5, 7.125, 7, 7.625, 8.375, 9});
  check(two, {3, 3}, Filter::kNearest, TfGrid::kLegacy, {1, 1, 2, 1, 1, 2, 3, 3, 4});
  check(two, {3, 3}, Filter::kNearest, TfGrid::kAlignCorners, {1, 2, 2, 3, 4, 4, 3, 4, 4});
  check(two, {3, 3}, Filter::kNearest, TfGrid::kHalfPixel, {1, 2, 2, 3, 4, 4, 3, 4, 4});
  check(three, {2, 2}, Filter::kNearest, TfGrid::kLegacy, {1, 2, 4, 5});
  check(three, {2, 2}, Filter::kNearest, TfGrid::kAlignCorners, {1, 3, 7, 9});
  check(three, {2, 2}, Filter::kNearest, TfGrid::kHalfPixel, {1, 3, 7, 9});
}

TEST(ResizeTf1, AreaAndBicubicByHand) {
  // 3 pixels to 2: the means over [0, 1.5) and [1.5, 3): (1 + 0.5 · 2) / 1.5 and (0.5 · 2 + 4) / 1.5
  EXPECT_LE(
      difference(resize_tf1(floats({1, 2, 4}, {1, 3}), {1, 2}, Filter::kArea), floats({2 / 1.5f, 5 / 1.5f}, {1, 2})),
      1e-6);
  // at 0.5 with a = -0.75 the weights are -3/32, 19/32, 19/32, -3/32; the first pixel is repeated before the border
  const Array line = floats({0, 32, 64, 0}, {1, 4});
  EXPECT_LE(difference(resize_tf1(line, {1, 8}, Filter::kBicubic),
                       floats({0, -3 * 64 / 32.0f + 19, 32, 19 * 3, 64, 19 * 2 - 3, 0, -3 * 2}, {1, 8})),
            1e-5);
  // half pixels, a = -0.5, from 2 to 1: at 0.5 the outer pixels do not exist and the weights 9/16, 9/16 become 1/2
  EXPECT_LE(
      difference(resize_tf1(floats({3, 5}, {1, 2}), {1, 1}, Filter::kBicubic, TfGrid::kHalfPixel), floats({4}, {1, 1})),
      1e-6);
  EXPECT_THROW(resize_tf1(line, {1, 2}, Filter::kArea, TfGrid::kHalfPixel), InvalidArgument);
}

TEST(ResizePart, EqualsThatPartOfTheWhole) {
  const Array image = expected("rgb");  // 23 x 31
  for (const ImageSize size : {ImageSize{40, 53}, ImageSize{11, 14}, ImageSize{23, 31}, ImageSize{23, 50}}) {
    const ImagePart part{.top = 3, .left = 2, .size = {7, 9}};
    for (const Filter filter : {Filter::kNearest, Filter::kBilinear, Filter::kBicubic, Filter::kArea}) {
      const auto cut = [&](const Array& whole) { return crop(whole, part.top, part.left, part.size); };
      EXPECT_EQ(resize_part(image, size, part, filter), cut(resize(image, size, filter)));
      EXPECT_EQ(resize_part(to_float(image), size, part, filter), cut(resize(to_float(image), size, filter)));
      EXPECT_EQ(resize_part_tf1(image, size, part, filter), cut(resize_tf1(image, size, filter)));
    }
  }
  EXPECT_THROW(resize_part(image, {11, 14}, {.top = 5, .left = 2, .size = {7, 9}}), InvalidArgument);
  EXPECT_THROW(resize_part(image, {11, 14}, {.top = 0, .left = -1, .size = {7, 9}}), InvalidArgument);
}

TEST(ResizePart, OfAVeryLongImageNeedsNoMoreMemoryThanThePart) {
  const Array line(DType::kUInt8, Shape{1, 60000, 3});
  const ImageSize whole{256, 15'360'000};  // 11 GiB
  EXPECT_THROW(resize(line, whole), InvalidArgument);
  const Array part = resize_part(line, whole, center_part(whole, {224, 224}));
  EXPECT_EQ(part.shape(), (Shape{224, 224, 3}));
}

TEST(Resize, TheLongerSideIsRoundedToTheNearest) {
  EXPECT_EQ(with_shorter_side({343, 512}, 256), (ImageSize{256, 382}));  // 256 · 512 / 343 = 382.13
  EXPECT_EQ(with_shorter_side({1280, 720}, 256), (ImageSize{455, 256}));
  EXPECT_EQ(with_shorter_side({300, 451}, 256), (ImageSize{256, 385}));  // 384.85
  EXPECT_EQ(with_shorter_side({5, 5}, 3), (ImageSize{3, 3}));
  EXPECT_THROW(with_shorter_side({5, 5}, 0), InvalidArgument);
}

TEST(CenterCropOrPad, CropsPadsAndNeverReadsOutside) {
  const Array image = bytes({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {3, 4});
  EXPECT_EQ(center_crop_or_pad(image, {1, 2}), bytes({6, 7}, {1, 2}));
  EXPECT_EQ(center_crop_or_pad(image, {2, 3}), bytes({1, 2, 3, 5, 6, 7}, {2, 3}));  // an odd rest goes at the end
  EXPECT_EQ(center_crop_or_pad(bytes({7}, {1, 1}), {2, 4}), bytes({0, 7, 0, 0, 0, 0, 0, 0}, {2, 4}));
  EXPECT_EQ(center_crop_or_pad(bytes({7}, {1, 1}), {3, 3}, 9), bytes({9, 9, 9, 9, 7, 9, 9, 9, 9}, {3, 3}));
  // wide and low: cropped in one dimension and padded in the other
  EXPECT_EQ(center_crop_or_pad(bytes({1, 2, 3, 4}, {1, 4}), {3, 2}), bytes({0, 0, 2, 3, 0, 0}, {3, 2}));
  EXPECT_EQ(center_crop_or_pad(image, {224, 224}).shape(), (Shape{224, 224, 1}));
  EXPECT_THROW(center_crop_or_pad(image, {0, 4}), InvalidArgument);
  EXPECT_THROW(center_crop_or_pad(image, {1 << 30, 1 << 30}), InvalidArgument);
}

TEST(Crop, OutsideTheImageThrows) {
  const Array image = bytes({1, 2, 3, 4, 5, 6}, {2, 3});
  EXPECT_EQ(crop(image, 1, 1, {1, 2}), bytes({5, 6}, {1, 2}));
  EXPECT_THROW(crop(image, 1, 1, {2, 2}), InvalidArgument);
  EXPECT_THROW(crop(image, -1, 0, {1, 1}), InvalidArgument);
  EXPECT_THROW(crop(image, 0, 0, {0, 1}), InvalidArgument);
  EXPECT_THROW(crop(image, INT64_MAX, 0, {1, 1}), InvalidArgument);
}

TEST(RandomCrop, EveryPositionOccursAndSmallImagesArePadded) {
  Generator random(3);
  const Array image = bytes({1, 2, 3, 4, 5, 6}, {2, 3});
  std::set<std::uint8_t> corners;
  for (int i = 0; i < 100; ++i) corners.insert(random_crop(image, {1, 2}, random).data<std::uint8_t>()[0]);
  EXPECT_EQ(corners, (std::set<std::uint8_t>{1, 2, 4, 5}));
  EXPECT_EQ(random_crop(image, {4, 5}, random).shape(), (Shape{4, 5, 1}));
}

TEST(Rearrange, FlipsAndRotationsEqualPilAndNumPy) {
  const Array image = expected("rgb");
  EXPECT_EQ(flip_horizontal(image), expected("flip_horizontal"));
  EXPECT_EQ(flip_vertical(image), expected("flip_vertical"));
  EXPECT_EQ(transpose(image), expected("transpose"));
  for (const int turns : {1, 2, 3}) EXPECT_EQ(rotate90(image, turns), expected("rotate90_" + std::to_string(turns)));
  EXPECT_EQ(rotate90(image, -1), rotate90(image, 3));
  EXPECT_EQ(rotate90(image, 4), image);
}

TEST(Color, EqualsPilToTheLastBit) {
  const Array image = expected("rgb");
  const std::vector<std::pair<std::string, double>> factors{{"0.0", 0.0}, {"0.5", 0.5}, {"1.7", 1.7}};
  for (const auto& [text, factor] : factors) {
    EXPECT_EQ(difference(adjust_brightness(image, factor), expected("brightness_" + text)), 0) << text;
    EXPECT_EQ(difference(adjust_contrast(image, factor), expected("contrast_" + text)), 0) << text;
    EXPECT_EQ(difference(adjust_saturation(image, factor), expected("saturation_" + text)), 0) << text;
  }
  EXPECT_EQ(to_grey(image), expected("luma"));
  const std::vector<std::pair<std::string, double>> shifts{{"0.1", 0.1}, {"-0.3", -0.3}, {"0.5", 0.5}};
  for (const auto& [text, shift] : shifts) {
    EXPECT_EQ(difference(adjust_hue(image, shift), expected("hue_" + text)), 0) << text;
  }
}

TEST(Color, OfFloatsFollowsTorchvision) {
  const Array pixel = Array::of<float>(std::initializer_list<float>{0.2f, 0.4f, 0.8f}).reshaped(Shape{1, 1, 3});
  const auto check = [&](const Array& image, std::vector<float> values) {
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(image.data<float>()[c], values[c], 1e-6);
  };
  const float grey = 0.2989f * 0.2f + 0.587f * 0.4f + 0.114f * 0.8f;
  check(adjust_brightness(pixel, 1.5), {0.3f, 0.6f, 1.0f});
  check(adjust_saturation(pixel, 0.5), {(0.2f + grey) / 2, (0.4f + grey) / 2, (0.8f + grey) / 2});
  check(adjust_contrast(pixel, 0), {grey, grey, grey});
  check(add_brightness(pixel, -0.5), {0, 0, 0.3f});
  // hue 220°; half the circle is 40°: (0.8, 0.6, 0.2)
  check(adjust_hue(pixel, 0.5), {0.8f, 0.6f, 0.2f});
  check(adjust_hue(pixel, 0), {0.2f, 0.4f, 0.8f});
  EXPECT_EQ(add_brightness(bytes({10, 250}, {1, 2}), 0.1), bytes({36, 255}, {1, 2}));  // 25.5 rounds up
}

TEST(Color, LeavesAlphaAndGreyAlone) {
  const Array image = expected("rgba8.png");
  for (const Array& changed :
       {adjust_brightness(image, 0.1), adjust_contrast(image, 0.1), adjust_saturation(image, 0.1),
        adjust_hue(image, 0.2), convolve(image, kEdge), add_brightness(image, 0.5)}) {
    for (std::size_t i = 3; i < image.size(); i += 4) ASSERT_EQ(changed.get(i), image.get(i));
  }
  const Array grey = expected("grey");
  EXPECT_EQ(adjust_saturation(grey, 0.3), grey);
  EXPECT_EQ(adjust_hue(grey, 0.3), grey);
  EXPECT_THROW(adjust_brightness(grey, -1), InvalidArgument);
  EXPECT_THROW(adjust_contrast(grey, std::nan("")), InvalidArgument);
  EXPECT_THROW(adjust_hue(grey, 0.6), InvalidArgument);
  EXPECT_THROW(add_brightness(grey, 2), InvalidArgument);
}

TEST(Kernels, SumToOneOrZero) {
  EXPECT_EQ(kBlur.sum(), 1.0f);
  EXPECT_EQ(kSharpen.sum(), 1.0f);
  EXPECT_EQ(kEmboss.sum(), 1.0f);
  EXPECT_EQ(kEdge.sum(), 0.0f);
  EXPECT_EQ(kSobelTop.sum(), 0.0f);
  EXPECT_EQ(kSobelLeft.sum(), 0.0f);
}

TEST(Kernels, EqualPilInsideTheBorder) {
  const Array image = expected("rgb");
  for (const Kernel& kernel : kKernels) {
    const Array filtered = convolve(image, kernel);
    const Array inside = crop(filtered, 1, 1, {image.shape()[0] - 2, image.shape()[1] - 2});
    EXPECT_EQ(difference(inside, expected("kernel_" + std::string(kernel.name))), 0) << kernel.name;
  }
}

TEST(Kernels, RepeatTheBorder) {
  // a constant image stays under every kernel that sums to 1, up to the border
  const Array flat = bytes(std::vector<std::uint8_t>(12, 77), {3, 4});
  EXPECT_EQ(convolve(flat, kBlur), flat);
  EXPECT_EQ(convolve(flat, kSharpen), flat);
  EXPECT_EQ(convolve(bytes({5}, {1, 1}), kEmboss), bytes({5}, {1, 1}));
  // an edge between 0 above and 100 below, seen by Sobel's kernel in float: 4 (0 - 1) is clipped to 0, and turned over
  const Array step = floats({1, 1, 0, 0}, {4, 1});
  EXPECT_EQ(convolve(step, kSobelTop), floats({0, 1, 1, 0}, {4, 1}));
}

TEST(Image, ConvertsTypesAndChannels) {
  const Array image = bytes({0, 128, 255}, {1, 1}, 3);
  EXPECT_EQ(to_uint8(to_float(image)), image);
  EXPECT_FLOAT_EQ(to_float(image).data<float>()[1], 128 / 255.0f);
  const Array deep = Array::of<std::uint16_t>({0, 32896, 65535}).reshaped(Shape{1, 1, 3});
  EXPECT_EQ(to_uint8(deep), image);
  const Array wild = Array::of<float>({-1.0f, std::nanf(""), 7.0f}).reshaped(Shape{1, 1, 3});
  EXPECT_EQ(to_uint8(wild), bytes({0, 0, 255}, {1, 1}, 3));

  EXPECT_EQ(with_channels(bytes({9}, {1, 1}), 3), bytes({9, 9, 9}, {1, 1}, 3));
  EXPECT_EQ(with_channels(bytes({9}, {1, 1}), 4), bytes({9, 9, 9, 255}, {1, 1}, 4));
  EXPECT_EQ(with_channels(bytes({9, 40}, {1, 1}, 2), 4), bytes({9, 9, 9, 40}, {1, 1}, 4));
  EXPECT_EQ(with_channels(bytes({1, 2, 3, 40}, {1, 1}, 4), 3), bytes({1, 2, 3}, {1, 1}, 3));
  EXPECT_EQ(with_channels(bytes({30, 30, 30, 40}, {1, 1}, 4), 2), bytes({30, 40}, {1, 1}, 2));
  EXPECT_EQ(with_channels(expected("rgb"), 1), expected("luma"));
  EXPECT_THROW(with_channels(image, 5), InvalidArgument);
  EXPECT_THROW(resize(Array(DType::kFloat64, Shape{1, 1, 1}), {1, 1}), TypeMismatch);
  EXPECT_THROW(flip_vertical(Array(DType::kUInt8, Shape{1, 1, 5})), TypeMismatch);
  EXPECT_THROW(to_grey(Array(DType::kUInt8, Shape{2, 2})), TypeMismatch);
}

// Decoding, resizing and cropping together give the crops that PIL made of the photographs.
TEST(Photographs, ResizedAndCroppedEqualThoseOfPil) {
  const auto data = test_support::data_folder();
  if (!data) GTEST_SKIP() << "skipped: no data";
  for (const char* name : {"bird.png", "cat_720p.jpg", "chelsea_cat.png", "coffee.png", "dog.png", "dragonfly.png",
                           "hotdog.png", "parrot.jpg"}) {
    const Array image = with_channels(io::read_image(*data / "photos" / name), 3);
    const Array small = resize(image, with_shorter_side(size_of(image), 256));
    const Array middle = center_crop_or_pad(small, {224, 224});
    const std::string reference = std::filesystem::path(name).stem().string() + ".png";
    EXPECT_LE(difference(middle, io::read_image(*data / "photos_224" / reference)), 1) << name;
  }
}

}  // namespace
}  // namespace ludus::vision
