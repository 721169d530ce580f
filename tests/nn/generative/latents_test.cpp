#include "nn/generative/latents.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nn/generative/frechet.h"
#include "nn/layers/layer_parts.h"
#include "nn/vision/sheet.h"

namespace ludus::nn {
namespace {

template <class T>
Array array_of(const std::vector<T>& numbers, const Shape& shape) {
  return Array::of(std::span<const T>(numbers), shape);
}

TEST(Latents, FollowTheirDistribution) {
  constexpr std::int64_t kCount = 20'000;
  Generator random(1);
  for (const Latent latent : {Latent::kUniform, Latent::kNormal}) {
    const Array vectors = latent_vectors(kCount, 2, latent, random);
    double sum = 0, squares = 0, low = 0, high = 0;
    for (const float number : vectors.data<float>()) {
      sum += number, squares += static_cast<double>(number) * number;
      low = std::min<double>(low, number), high = std::max<double>(high, number);
    }
    const double n = 2 * kCount;
    const double variance = latent == Latent::kUniform ? 1.0 / 3 : 1;
    EXPECT_NEAR(sum / n, 0, 5 * std::sqrt(variance / n));
    // the variance of x² is 4/45 for the uniform and 2 for the normal distribution
    EXPECT_NEAR(squares / n, variance, 5 * std::sqrt((latent == Latent::kUniform ? 4.0 / 45 : 2) / n));
    if (latent == Latent::kUniform) {
      EXPECT_GE(low, -1);
      EXPECT_LT(high, 1);
    } else {
      EXPECT_GT(high, 3);
    }
  }
}

TEST(Latents, InterpolationKeepsTheEnds) {
  const Array ends = array_of<float>({1, 0, 0, 2}, Shape{2, 2});
  const Array line = interpolated(ends, 3, Latent::kUniform);
  EXPECT_EQ(line, array_of<float>({1, 0, 0.5F, 1, 0, 2}, Shape{3, 2}));
  // the middle of a right angle: sin 45° / sin 90° of both
  const Array arc = interpolated(ends, 3, Latent::kNormal);
  EXPECT_FLOAT_EQ(arc.data<float>()[0], 1);
  EXPECT_FLOAT_EQ(arc.data<float>()[2], std::sqrt(0.5F));
  EXPECT_FLOAT_EQ(arc.data<float>()[3], 2 * std::sqrt(0.5F));
  EXPECT_FLOAT_EQ(arc.data<float>()[5], 2);
  // parallel vectors have no arc
  const Array parallel = array_of<float>({1, 0, 3, 0}, Shape{2, 2});
  EXPECT_EQ(interpolated(parallel, 3, Latent::kNormal), array_of<float>({1, 0, 2, 0, 3, 0}, Shape{3, 2}));
  EXPECT_THROW(interpolated(ends, 1, Latent::kUniform), InvalidArgument);
}

TEST(Latents, ImagesAreBytesWithChannelsLast) {
  // two channels of 1 x 2 pixels
  const Array batch = array_of<float>({-1, 1, 0, 7}, Shape{1, 2, 1, 2});
  const std::vector<Array> images = to_images(batch);
  ASSERT_EQ(images.size(), 1U);
  EXPECT_EQ(images[0], array_of<std::uint8_t>({0, 128, 255, 255}, Shape{1, 2, 2}));
  EXPECT_THROW(to_images(Array(DType::kFloat32, Shape{1, 5, 2, 2})), ShapeMismatch);
}

TEST(Sheet, PlacesImagesInRows) {
  const Array dark(DType::kUInt8, Shape{1, 2, 1});
  const std::vector<Array> images(3, dark);
  const Array sheet = vision::sheet_of(images, 2, 1);
  EXPECT_EQ(sheet, array_of<std::uint8_t>({0, 0, 255, 0, 0,          //
                                           255, 255, 255, 255, 255,  //
                                           0, 0, 255, 255, 255},
                                          Shape{3, 5, 1}));
  EXPECT_THROW(vision::sheet_of({}, 2), InvalidArgument);
  EXPECT_THROW(vision::sheet_of(images, 0), InvalidArgument);
}

Array rows(std::vector<float> numbers, std::int64_t width) {
  const auto count = static_cast<std::int64_t>(numbers.size()) / width;
  return Array::of(std::span<const float>(numbers), Shape{count, width});
}

TEST(FrechetDistance, OfOneFeatureIsThatOfMeansAndStandardDeviations) {
  // means 1 and 4, variances 2 and 8 (of n - 1)
  EXPECT_NEAR(frechet_distance(rows({0, 2}, 1), rows({2, 6}, 1)), 9 + std::pow(std::sqrt(2) - std::sqrt(8), 2), 1e-12);
}

TEST(FrechetDistance, IsZeroForOneSetAndTheSquaredShiftForAShiftedOne) {
  Generator random(3);
  std::vector<float> numbers(300), shifted(300);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = std::round(random.standard_normal_float32() * 256) / 256;  // shifting them is exact
    shifted[i] = numbers[i] + static_cast<float>(i % 3);
  }
  EXPECT_NEAR(frechet_distance(rows(numbers, 3), rows(numbers, 3)), 0, 1e-9);
  EXPECT_GE(frechet_distance(rows(numbers, 3), rows(numbers, 3)), 0);
  EXPECT_NEAR(frechet_distance(rows(numbers, 3), rows(shifted, 3)), 0 + 1 + 4, 1e-9);
}

TEST(FrechetDistance, OfCovariancesThatDoNotCommute) {
  // tr (AB)^½ = √(tr AB + 2 √det AB) for 2 x 2 matrices
  Generator random(4);
  std::vector<float> first, second;
  for (int i = 0; i < 400; ++i) {
    const float x = random.standard_normal_float32(), y = random.standard_normal_float32();
    first.insert(first.end(), {x, x + 0.5F * y});
    second.insert(second.end(), {2 * y, x - y});
  }
  struct Moments {
    double mean[2] = {0, 0}, a = 0, b = 0, c = 0;  // covariance (a b; b c)
    explicit Moments(const std::vector<float>& numbers) {
      const double n = static_cast<double>(numbers.size()) / 2;
      for (std::size_t i = 0; i < numbers.size(); ++i) mean[i % 2] += numbers[i] / n;
      for (std::size_t i = 0; i < numbers.size(); i += 2) {
        const double x = numbers[i] - mean[0], y = numbers[i + 1] - mean[1];
        a += x * x / (n - 1), b += x * y / (n - 1), c += y * y / (n - 1);
      }
    }
  };
  const Moments p(first), q(second);
  const double trace = p.a * q.a + 2 * p.b * q.b + p.c * q.c;
  const double determinant = (p.a * p.c - p.b * p.b) * (q.a * q.c - q.b * q.b);
  const double expected = std::pow(p.mean[0] - q.mean[0], 2) + std::pow(p.mean[1] - q.mean[1], 2) + p.a + p.c + q.a +
                          q.c - 2 * std::sqrt(trace + 2 * std::sqrt(determinant));
  EXPECT_NEAR(frechet_distance(rows(first, 2), rows(second, 2)), expected, 1e-9 * expected + 1e-9);
}

TEST(FrechetDistance, RefusesWhatDoesNotFit) {
  EXPECT_THROW(frechet_distance(rows({1, 2}, 1), rows({1, 2, 3, 4}, 2)), ShapeMismatch);
  EXPECT_THROW(frechet_distance(rows({1, 2}, 1), rows({1}, 1)), InvalidArgument);
  EXPECT_THROW(frechet_distance(rows({1, 2}, 1), rows({1, std::nanf("")}, 1)), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
