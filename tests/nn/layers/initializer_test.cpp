#include "nn/layers/initializer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace ludus::nn {
namespace {

std::vector<float> sample(const Initializer& initializer, const Shape& shape, const Fans& fans,
                          std::uint64_t seed = 1) {
  std::vector<float> values(shape.elements());
  Generator random(seed);
  initialize(values, shape, initializer, fans, random);
  return values;
}

double std_of(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

double largest(const std::vector<float>& values) {
  double result = 0;
  for (const float value : values) result = std::max(result, std::fabs(static_cast<double>(value)));
  return result;
}

TEST(Initializer, NamesRoundTrip) {
  for (const char* text : {"zeros", "ones", "constant(0.25)", "uniform(0.05)", "normal(0.02)", "truncated_normal(0.1)",
                           "fan_in_uniform", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal",
                           "lecun_uniform", "lecun_normal", "orthogonal", "orthogonal(1.5)"}) {
    EXPECT_EQ(Initializer::parse(text).to_string(), text);
  }
  EXPECT_EQ(Initializer::parse("orthogonal"), Initializer::orthogonal(1.0));
}

TEST(Initializer, RejectsWhatItCannotRead) {
  for (const char* text : {"", "he", "normal", "normal()", "normal(x)", "normal(1", "normal(1)x", "normal(nan)",
                           "zeros(1)", "normal(inf)"}) {
    EXPECT_THROW(Initializer::parse(text), InvalidArgument) << text;
  }
  try {
    Initializer::parse("he_normall");
    FAIL() << "no error";
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("Did you mean `he_normal`?"), std::string::npos) << error.what();
  }
}

TEST(Initializer, Constants) {
  EXPECT_EQ(sample(Initializer::zeros(), Shape{2}, {}), (std::vector<float>{0, 0}));
  EXPECT_EQ(sample(Initializer::ones(), Shape{2}, {}), (std::vector<float>{1, 1}));
  EXPECT_EQ(sample(Initializer::constant(0.25), Shape{2}, {}), (std::vector<float>{0.25f, 0.25f}));
}

// fan_in 24, fan_out 6: bounds of sqrt(1/24), sqrt(6/30), sqrt(6/24), sqrt(3/24). Of 20000 uniform numbers the largest
// is within 0.1 % of the bound but for a probability of 2e-9; a uniform number in ±b has a standard deviation of b/√3.
TEST(Initializer, UniformBoundsByHand) {
  const Fans fans{.in = 24, .out = 6};
  const std::pair<const char*, double> bounds[] = {{"fan_in_uniform", 0.2041241},
                                                   {"glorot_uniform", 0.4472136},
                                                   {"he_uniform", 0.5},
                                                   {"lecun_uniform", 0.3535534},
                                                   {"uniform(0.05)", 0.05}};
  for (const auto& [name, bound] : bounds) {
    const std::vector<float> values = sample(Initializer::parse(name), Shape{20000}, fans);
    EXPECT_LE(largest(values), bound * (1 + 1e-6)) << name;
    EXPECT_GE(largest(values), bound * 0.999) << name;
    EXPECT_NEAR(std_of(values), bound / std::sqrt(3.0), bound * 0.02) << name;
  }
}

// sqrt(2/30), sqrt(2/24), sqrt(1/24); a normal cut at two standard deviations has 0.8796 of its standard deviation
TEST(Initializer, NormalStandardDeviationsByHand) {
  const Fans fans{.in = 24, .out = 6};
  const std::pair<const char*, double> stds[] = {{"glorot_normal", 0.2581989},
                                                 {"he_normal", 0.2886751},
                                                 {"lecun_normal", 0.2041241},
                                                 {"normal(0.02)", 0.02},
                                                 {"truncated_normal(0.1)", 0.0879626}};
  for (const auto& [name, std] : stds) {
    const std::vector<float> values = sample(Initializer::parse(name), Shape{20000}, fans);
    EXPECT_NEAR(std_of(values), std, std * 0.02) << name;
  }
  EXPECT_LE(largest(sample(Initializer::truncated_normal(0.1), Shape{20000}, fans)), 0.2);
  EXPECT_GT(largest(sample(Initializer::normal(0.1), Shape{20000}, fans)), 0.3);
}

TEST(Initializer, OrthogonalRowsOrColumns) {
  for (const Shape& shape : {Shape{5, 3}, Shape{3, 5}, Shape{4, 2, 3}, Shape{4, 4}}) {
    const std::vector<float> w = sample(Initializer::orthogonal(2.0), shape, {});
    const std::size_t rows = static_cast<std::size_t>(shape[0]), columns = w.size() / rows;
    const bool wide = rows < columns;
    const std::size_t count = std::min(rows, columns), length = std::max(rows, columns);
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = 0; b < count; ++b) {
        double product = 0;
        for (std::size_t k = 0; k < length; ++k) {
          const float x = wide ? w[a * columns + k] : w[k * columns + a],
                      y = wide ? w[b * columns + k] : w[k * columns + b];
          product += static_cast<double>(x) * static_cast<double>(y);
        }
        EXPECT_NEAR(product, a == b ? 4.0 : 0.0, 1e-5) << shape.to_string();
      }
    }
  }
  EXPECT_THROW(sample(Initializer::orthogonal(), Shape{3}, {}), InvalidArgument);
}

TEST(Initializer, ASeedGivesTheSameNumbers) {
  const Initializer initializer = Initializer::parse("he_normal");
  EXPECT_EQ(sample(initializer, Shape{7}, {}, 3), sample(initializer, Shape{7}, {}, 3));
  EXPECT_NE(sample(initializer, Shape{7}, {}, 3), sample(initializer, Shape{7}, {}, 4));
}

}  // namespace
}  // namespace ludus::nn
