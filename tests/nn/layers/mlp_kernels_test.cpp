#include "nn/layers/mlp_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace ludus::nn {
namespace {

std::vector<float> random_numbers(std::int64_t count, std::uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  std::vector<float> numbers(static_cast<std::size_t>(count));
  for (float& number : numbers) number = uniform(generator);
  return numbers;
}

// The definition of the table, in double.
double activate(Activation activation, double x) {
  switch (activation) {
#define LUDUS_ROW(enumerator, name, definition, ...) \
  case Activation::enumerator: return definition;
    LUDUS_ACTIVATIONS(LUDUS_ROW)
#undef LUDUS_ROW
  }
  return std::nan("");
}

// A network, and its reference in double by plain loops.
struct Network {
  std::vector<std::int64_t> widths;
  std::vector<std::vector<float>> weights, biases;
  std::vector<DenseLayer> layers;

  Network(std::vector<std::int64_t> w, Activation hidden, Activation last) : widths(std::move(w)) {
    const std::size_t count = widths.size() - 1;
    for (std::size_t l = 0; l < count; ++l) {
      weights.push_back(random_numbers(widths[l] * widths[l + 1], static_cast<std::uint32_t>(2 * l + 1)));
      biases.push_back(random_numbers(widths[l + 1], static_cast<std::uint32_t>(2 * l + 2)));
    }
    for (std::size_t l = 0; l < count; ++l) {
      layers.push_back({.weight = weights[l].data(),
                        .bias = biases[l].data(),
                        .inputs = widths[l],
                        .outputs = widths[l + 1],
                        .activation = l + 1 < count ? hidden : last});
    }
  }

  std::vector<double> reference(const float* row) const {
    std::vector<double> x(row, row + widths[0]);
    for (const DenseLayer& layer : layers) {
      std::vector<double> y;
      for (std::int64_t o = 0; o < layer.outputs; ++o) {
        double sum = static_cast<double>(layer.bias[o]);
        for (std::int64_t i = 0; i < layer.inputs; ++i) {
          sum += static_cast<double>(layer.weight[o * layer.inputs + i]) * x[static_cast<std::size_t>(i)];
        }
        y.push_back(activate(layer.activation, sum));
      }
      x = y;
    }
    return x;
  }

  // L = Σ c y over the batch
  double loss(const std::vector<float>& input, std::int64_t rows, const std::vector<float>& c) const {
    double sum = 0;
    const std::int64_t outputs = widths.back();
    for (std::int64_t n = 0; n < rows; ++n) {
      const std::vector<double> y = reference(input.data() + n * widths[0]);
      for (std::int64_t o = 0; o < outputs; ++o) {
        sum += y[static_cast<std::size_t>(o)] * static_cast<double>(c[static_cast<std::size_t>(n * outputs + o)]);
      }
    }
    return sum;
  }
};

// W = [[1, -2], [3, 4]], b = (0.5, -20), x = (2, 1):
//   W x + b = (2 - 2 + 0.5, 6 + 4 - 20) = (0.5, -10), after ReLU (0.5, 0).
// With dL/dy = (3, 5): δ = (3, 0), as the second output is negative before ReLU;
//   dL/dW = δᵀ x = [[6, 3], [0, 0]], dL/db = (3, 0), dL/dx = δ W = (3, -6).
TEST(MlpKernels, OneLayerByHand) {
  const std::vector<float> weight{1, -2, 3, 4}, bias{0.5, -20}, x{2, 1};
  const std::vector<DenseLayer> layers{{weight.data(), bias.data(), 2, 2, Activation::kRelu}};
  std::vector<float> y(2);
  mlp_forward(layers, x.data(), 1, nullptr, y.data());
  EXPECT_EQ(y, (std::vector<float>{0.5, 0}));

  std::vector<float> dw(4, 99.0f), db(2, 99.0f), dx(2, 99.0f);
  const std::vector<float> dy{3, 5};
  const std::vector<DenseGradient> places{{dw.data(), db.data()}};
  mlp_backward(layers, x.data(), 1, nullptr, y.data(), dy.data(), places, dx.data());
  EXPECT_EQ(dw, (std::vector<float>{6, 3, 0, 0}));
  EXPECT_EQ(db, (std::vector<float>{3, 0}));
  EXPECT_EQ(dx, (std::vector<float>{3, -6}));
}

TEST(MlpKernels, ForwardMatchesPlainLoops) {
  // widths around the kernels' blocks of 4 and 8, rows around the limit of one_row()
  const std::vector<std::vector<std::int64_t>> shapes{{1, 1}, {3, 2},      {4, 128, 128, 2}, {5, 7, 9, 3},
                                                      {8, 4}, {13, 6, 17}, {12, 5, 1}};
  for (const auto& widths : shapes) {
    for (const Activation activation : kActivations) {
      const Network network(widths, activation, activation);
      for (const std::int64_t rows : {1, 2, 3, 8, 64}) {
        const std::vector<float> input = random_numbers(rows * widths[0], 7);
        std::vector<float> output(static_cast<std::size_t>(rows * widths.back()), 99.0f), scratch;
        mlp_infer(network.layers, input.data(), rows, output.data(), scratch);
        for (std::int64_t n = 0; n < rows; ++n) {
          const std::vector<double> expected = network.reference(input.data() + n * widths[0]);
          for (std::int64_t o = 0; o < widths.back(); ++o) {
            const double y = expected[static_cast<std::size_t>(o)];
            EXPECT_NEAR(static_cast<double>(output[static_cast<std::size_t>(n * widths.back() + o)]), y,
                        2e-5 * (1 + std::abs(y)))
                << name_of(activation) << ", " << rows << " rows";
          }
        }
      }
    }
  }
}

// dL/dθ against [L(θ + h) - L(θ - h)] / 2h, computed in double
TEST(MlpKernels, BackwardMatchesDifferenceQuotients) {
  for (const Activation activation : kActivations) {
    if (!kernels_of(activation).backward) continue;
    for (const std::int64_t rows : {1, 5}) {
      Network network({3, 5, 4, 2}, activation, Activation::kTanh);
      std::vector<float> input = random_numbers(rows * 3, 11);
      const std::vector<float> c = random_numbers(rows * 2, 12);

      std::vector<float> hidden(static_cast<std::size_t>(hidden_size(network.layers, rows)));
      std::vector<float> output(static_cast<std::size_t>(rows * 2)), dx(input.size());
      std::vector<std::vector<float>> dw, db;
      std::vector<DenseGradient> places;
      for (std::size_t l = 0; l < network.layers.size(); ++l) {
        dw.emplace_back(network.weights[l].size());
        db.emplace_back(network.biases[l].size());
      }
      for (std::size_t l = 0; l < network.layers.size(); ++l) places.push_back({dw[l].data(), db[l].data()});
      mlp_forward(network.layers, input.data(), rows, hidden.data(), output.data());
      mlp_backward(network.layers, input.data(), rows, hidden.data(), output.data(), c.data(), places, dx.data());

      const auto check = [&](std::vector<float>& numbers, const std::vector<float>& gradient, const char* what) {
        for (std::size_t i = 0; i < numbers.size(); ++i) {
          const float original = numbers[i];
          const float up = original + 1e-3f, down = original - 1e-3f;
          numbers[i] = up;
          const double above = network.loss(input, rows, c);
          numbers[i] = down;
          const double below = network.loss(input, rows, c);
          numbers[i] = original;
          const double slope = (above - below) / (static_cast<double>(up) - static_cast<double>(down));
          EXPECT_NEAR(static_cast<double>(gradient[i]), slope, 1e-4 * (1 + std::abs(slope)))
              << what << " " << i << " with " << name_of(activation) << ", " << rows << " rows";
        }
      };
      for (std::size_t l = 0; l < network.layers.size(); ++l) {
        check(network.weights[l], dw[l], "weight");
        check(network.biases[l], db[l], "bias");
      }
      check(input, dx, "input");
    }
  }
}

TEST(MlpKernels, SkipsUnneededGradients) {
  const Network network({3, 5, 4, 2}, Activation::kTanh, Activation::kNone);
  const std::int64_t rows = 6;
  const std::vector<float> input = random_numbers(rows * 3, 21), dy = random_numbers(rows * 2, 22);
  std::vector<float> hidden(static_cast<std::size_t>(hidden_size(network.layers, rows))), output(12);
  mlp_forward(network.layers, input.data(), rows, hidden.data(), output.data());

  const auto run = [&](bool needs_input, std::vector<bool> needs_layer) {
    std::vector<std::vector<float>> gradients(7);
    std::vector<DenseGradient> places;
    for (std::size_t l = 0; l < 3; ++l) {
      gradients[2 * l].assign(network.weights[l].size(), 77.0f);
      gradients[2 * l + 1].assign(network.biases[l].size(), 77.0f);
      places.push_back(needs_layer[l] ? DenseGradient{gradients[2 * l].data(), gradients[2 * l + 1].data()}
                                      : DenseGradient{nullptr, nullptr});
    }
    gradients[6].assign(input.size(), 77.0f);
    mlp_backward(network.layers, input.data(), rows, hidden.data(), output.data(), dy.data(), places,
                 needs_input ? gradients[6].data() : nullptr);
    return gradients;
  };

  const auto all = run(true, {true, true, true});
  const auto only_input = run(true, {false, false, false});
  EXPECT_EQ(only_input[6], all[6]);
  EXPECT_EQ(only_input[0], std::vector<float>(15, 77.0f));

  const auto only_middle = run(false, {false, true, false});
  EXPECT_EQ(only_middle[2], all[2]);
  EXPECT_EQ(only_middle[3], all[3]);
  EXPECT_EQ(only_middle[4], std::vector<float>(8, 77.0f));
  EXPECT_EQ(only_middle[6], std::vector<float>(18, 77.0f));
}

TEST(MlpKernels, ReluPropagatesNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> weight{1, 0}, bias{0}, input{nan, 1, 1, 1, nan, 1};
  const std::vector<DenseLayer> layers{{weight.data(), bias.data(), 2, 1, Activation::kRelu}};
  for (const std::int64_t rows : {1, 3}) {
    std::vector<float> output(static_cast<std::size_t>(rows)), scratch;
    mlp_infer(layers, input.data(), rows, output.data(), scratch);
    EXPECT_TRUE(std::isnan(output[0]));
  }
}

TEST(MlpKernels, EmptyBatchGivesZeroGradients) {
  const Network network({3, 4, 2}, Activation::kRelu, Activation::kNone);
  std::vector<float> dw0(12, 5.0f), db0(4, 5.0f), dw1(8, 5.0f), db1(2, 5.0f);
  const std::vector<DenseGradient> places{{dw0.data(), db0.data()}, {dw1.data(), db1.data()}};
  mlp_forward(network.layers, nullptr, 0, nullptr, nullptr);
  mlp_backward(network.layers, nullptr, 0, nullptr, nullptr, nullptr, places, nullptr);
  EXPECT_EQ(dw0, std::vector<float>(12));
  EXPECT_EQ(db0, std::vector<float>(4));
  EXPECT_EQ(dw1, std::vector<float>(8));
  EXPECT_EQ(db1, std::vector<float>(2));
}

}  // namespace
}  // namespace ludus::nn
