#include "nn/layers/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/fields.h"

namespace ludus::nn {
namespace {

// The definition of the table, in double.
double definition(Activation activation, double x) {
  switch (activation) {
#define LUDUS_ROW(enumerator, name, definition, ...) \
  case Activation::enumerator: return definition;
    LUDUS_ACTIVATIONS(LUDUS_ROW)
#undef LUDUS_ROW
  }
  return std::nan("");
}

// max(−2, 0), 0.01 · −2, e⁻² − 1, tanh −2, 1 / (1 + e²); min(max(x, 0), 6), log(1 + e⁻²), −2 / 3, −2 Φ(−2), −2 / (1 +
// e²)
TEST(Activation, DefinitionsByHand) {
  EXPECT_EQ(definition(Activation::kNone, -2), -2);
  EXPECT_EQ(definition(Activation::kRelu, -2), 0);
  EXPECT_EQ(definition(Activation::kRelu, 3), 3);
  EXPECT_EQ(definition(Activation::kLeakyRelu, -2), -0.02);
  EXPECT_EQ(definition(Activation::kLeakyRelu, 3), 3);
  EXPECT_NEAR(definition(Activation::kElu, -2), -0.864665, 1e-6);
  EXPECT_EQ(definition(Activation::kElu, 3), 3);
  EXPECT_NEAR(definition(Activation::kTanh, -2), -0.964028, 1e-6);
  EXPECT_NEAR(definition(Activation::kSigmoid, -2), 0.119203, 1e-6);
  EXPECT_EQ(definition(Activation::kRelu6, -2), 0);
  EXPECT_EQ(definition(Activation::kRelu6, 3), 3);
  EXPECT_EQ(definition(Activation::kRelu6, 7), 6);
  EXPECT_NEAR(definition(Activation::kSoftplus, -2), 0.126928, 1e-6);
  EXPECT_NEAR(definition(Activation::kSoftsign, -2), -0.666667, 1e-6);
  EXPECT_NEAR(definition(Activation::kGelu, -2), -0.045500, 1e-6);
  EXPECT_NEAR(definition(Activation::kSilu, -2), -0.238406, 1e-6);
}

// f(x), and g f'(x) against g [f(x + h) − f(x − h)] / 2h; 23 numbers are more than two vectors of eight and a rest
TEST(Activation, KernelsFollowTheDefinition) {
  constexpr double h = 1e-6;
  for (const Activation activation : kActivations) {
    const ActivationKernels& kernels = kernels_of(activation);
    std::vector<float> y, dy;
    for (int i = 0; i < 23; ++i) {
      y.push_back(0.37f * static_cast<float>(i) - 4.1f);
      dy.push_back(1.0f - 0.1f * static_cast<float>(i));
    }
    const std::vector<float> x = y;
    std::vector<float> delta(y.size(), 99.0f);
    const auto count = static_cast<std::int64_t>(y.size());
    kernels.forward(y.data(), count);
    if (kernels.backward) kernels.backward(y.data(), dy.data(), count, delta.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double at = static_cast<double>(x[i]);
      const double slope = (definition(activation, at + h) - definition(activation, at - h)) / (2 * h);
      EXPECT_NEAR(static_cast<double>(y[i]), definition(activation, at), 1e-6) << name_of(activation) << " of " << at;
      if (!kernels.backward) continue;  // f' does not follow from f(x): torch's operators differentiate it
      EXPECT_NEAR(static_cast<double>(delta[i]), static_cast<double>(dy[i]) * slope, 1e-5)
          << name_of(activation) << " of " << at;
    }
  }
}

TEST(Activation, NamesRoundTrip) {
  for (const Activation activation : kActivations) EXPECT_EQ(activation_of(name_of(activation)), activation);
  EXPECT_EQ(name_of(Activation::kLeakyRelu), "leaky_relu");
}

TEST(Activation, HelpListsEveryName) {
  const std::string help = one_of(kActivationNames).text();
  for (const Activation activation : kActivations) {
    EXPECT_NE(help.find(name_of(activation)), std::string::npos) << help;
  }
}

TEST(Activation, RejectsUnknownNamesWithTheListAndASuggestion) {
  try {
    activation_of("tahn");
    FAIL() << "no error";
  } catch (const InvalidArgument& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("Did you mean `tanh`?"), std::string::npos) << text;
    for (const Activation activation : kActivations) {
      EXPECT_NE(text.find(name_of(activation)), std::string::npos) << text;
    }
  }
}

struct Config {
  Activation activation = Activation::kRelu;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("activation", self.activation, one_of(kActivationNames), "activation of the hidden layers");
  }
};

TEST(Activation, IsAFieldOfAConfiguration) {
  Config config;
  assign_field(config, "activation", "elu", "a network");
  EXPECT_EQ(config.activation, Activation::kElu);
  EXPECT_EQ(fields_as_dict(config), (Dict{{"activation", "elu"}}));
  EXPECT_THROW(assign_field(config, "activation", "eluu", "a network"), InvalidArgument);
  EXPECT_THROW(assign_field(config, "activation", 3, "a network"), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
