#include "nn/vision/augment.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nn/data/array_source.h"
#include "nn/data/dataset.h"
#include "tests/nn/vision/vision_files.h"

namespace ludus::vision {
namespace {

using test_support::expected;

const Augmentation kEverything{.padding = 2,
                               .min_area = 0.5,
                               .horizontal_flip = 0.5,
                               .vertical_flip = 0.5,
                               .brightness = 0.3,
                               .contrast = 0.3,
                               .saturation = 0.3,
                               .hue = 0.1};

TEST(Augment, DefaultsDoNothingAndDrawNothing) {
  Generator random(1);
  const Generator before = random;
  EXPECT_EQ(augment(expected("rgb"), {}, random), expected("rgb"));
  EXPECT_EQ(random, before);
}

TEST(Augment, KeepsSizeAndTypeAndFollowsTheSeed) {
  for (const char* name : {"rgb", "grey", "rgba8.png", "rgb16.png"}) {
    const Array image = expected(name);
    Generator a(7), b(7), c(8);
    const Array first = augment(image, kEverything, a);
    EXPECT_EQ(first.shape(), image.shape());
    EXPECT_EQ(first.dtype(), image.dtype());
    EXPECT_EQ(first, augment(image, kEverything, b));
    EXPECT_FALSE(first == augment(image, kEverything, c));
  }
}

TEST(Augment, FlipsWithTheProbability) {
  Generator random(2);
  const Array image = expected("rgb");
  int flipped = 0;
  for (int i = 0; i < 400; ++i) {
    const Array result = augment(image, {.horizontal_flip = 0.25}, random);
    if (result == flip_horizontal(image)) {
      ++flipped;
    } else {
      ASSERT_EQ(result, image);
    }
  }
  EXPECT_NEAR(flipped, 100, 30);  // 3.5 standard deviations of the binomial distribution, 8.7
}

TEST(Augment, PaddedCropsMoveByUpToThePadding) {
  // a single bright pixel in the middle of 5 x 5 reaches every place within 1
  Array image(DType::kUInt8, Shape{5, 5, 1});
  image.data<std::uint8_t>()[12] = 200;
  Generator random(3);
  std::vector<int> seen(25);
  for (int i = 0; i < 200; ++i) {
    const Array moved = augment(image, {.padding = 1}, random);
    for (std::size_t k = 0; k < 25; ++k) seen[k] += moved.data<std::uint8_t>()[k] == 200;
  }
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 5; ++x) {
      EXPECT_EQ(seen[static_cast<std::size_t>(5 * y + x)] > 0, std::abs(y - 2) <= 1 && std::abs(x - 2) <= 1);
    }
  }
}

TEST(Augment, SettingsOutOfRangeThrow) {
  Generator random(1);
  EXPECT_THROW(augment(expected("rgb"), {.horizontal_flip = 1.5}, random), InvalidArgument);
  EXPECT_THROW(augment(expected("rgb"), {.hue = 0.6}, random), InvalidArgument);
  EXPECT_THROW(random_resized_crop(expected("rgb"), {2, 2}, 0, random), InvalidArgument);
}

TEST(Augment, InAPipelineDoesNotDependOnTheNumberOfWorkers) {
  const auto pipeline = [](std::size_t workers) {
    return data::from_index(6,
                            [](std::uint64_t) {
                              data::Example example;
                              example["image"] = expected("rgb");
                              return example;
                            })
        .map(
            [](data::Example example, Generator& random) {
              example.array("image") = augment(example.array("image"), kEverything, random);
              return example;
            },
            {.workers = workers, .seed = 4});
  };
  std::vector<Array> serial, parallel;
  for (const data::Example& example : pipeline(0).epoch(1)) serial.push_back(example.array("image"));
  for (const data::Example& example : pipeline(3).epoch(1)) parallel.push_back(example.array("image"));
  EXPECT_EQ(serial, parallel);
  ASSERT_EQ(serial.size(), 6u);
  EXPECT_FALSE(serial[0] == serial[1]);
}

TEST(RandomResizedCrop, HasTheSizeForEveryImage) {
  Generator random(5);
  for (const Shape& shape : {Shape{1, 1, 3}, Shape{3, 40, 1}, Shape{40, 3, 1}, Shape{20, 20, 3}}) {
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(random_resized_crop(Array(DType::kUInt8, shape), {6, 5}, 0.1, random).shape(), (Shape{6, 5, shape[2]}));
    }
  }
}

TEST(Beta, EqualsNumPy) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    Generator small(seed), large(seed);
    EXPECT_DOUBLE_EQ(symmetric_beta(0.4, small), expected("beta_small").get(seed));
    EXPECT_DOUBLE_EQ(symmetric_beta(2.5, large), expected("beta_large").get(seed));
  }
  Generator random(1);
  EXPECT_THROW(symmetric_beta(0, random), InvalidArgument);
  EXPECT_THROW(symmetric_beta(std::nan(""), random), InvalidArgument);
}

TEST(MixUp, MixesImagesAndTargetsByOneWeight) {
  // image i is filled with i, so that image and target tell the same partner and weight
  Array images(DType::kFloat32, Shape{4, 2, 2, 1});
  for (std::size_t i = 0; i < 16; ++i) images.data<float>()[i] = static_cast<float>(i / 4);
  const Array targets = one_hot(Array::of<std::int64_t>({0, 1, 2, 3}), 4);
  Generator random(9);
  const MixedBatch batch = mix_up(images, targets, 0.4, random);
  EXPECT_EQ(batch.images.shape(), images.shape());
  for (std::size_t i = 0; i < 4; ++i) {
    float sum = 0, mean = 0;
    for (std::size_t c = 0; c < 4; ++c) {
      sum += batch.targets.data<float>()[4 * i + c];
      mean += batch.targets.data<float>()[4 * i + c] * static_cast<float>(c);
    }
    EXPECT_FLOAT_EQ(sum, 1);
    EXPECT_NEAR(batch.images.data<float>()[4 * i], mean, 1e-6);
    EXPECT_GE(batch.targets.data<float>()[5 * i], static_cast<float>(batch.weight) - 1e-6f);
  }
  EXPECT_THROW(mix_up(images, one_hot(Array::of<std::int64_t>({0}), 4), 0.4, random), TypeMismatch);
  EXPECT_THROW(mix_up(Array(DType::kUInt8, Shape{4, 1}), targets, 0.4, random), TypeMismatch);
  EXPECT_THROW(one_hot(Array::of<std::int64_t>({4}), 4), InvalidArgument);
  EXPECT_THROW(one_hot(Array::of<float>({1}), 4), TypeMismatch);
}

}  // namespace
}  // namespace ludus::vision
