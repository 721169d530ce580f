#include "nn/layers/mlp_options.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "base/fields.h"

namespace ludus::nn {
namespace {

TEST(MlpOptions, EveryActivationIsFoundUnderItsName) {
  for (const Activation activation : {Activation::kNone, Activation::kRelu, Activation::kLeakyRelu, Activation::kElu,
                                      Activation::kTanh, Activation::kSigmoid}) {
    EXPECT_EQ(activation_of(name_of(activation)), activation);
  }
  EXPECT_EQ(name_of(Activation::kLeakyRelu), "leaky_relu");
}

TEST(MlpOptions, AnUnknownActivationIsAnsweredWithASuggestion) {
  try {
    activation_of("tahn");
    FAIL() << "no error";
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("Did you mean `tanh`?"), std::string::npos) << error.what();
  }
}

struct Config {
  Activation activation = Activation::kRelu;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("activation", self.activation, "of the hidden layers");
  }
};

TEST(MlpOptions, AnActivationIsAFieldOfAConfiguration) {
  Config config;
  assign_field(config, "activation", "elu", "a network");
  EXPECT_EQ(config.activation, Activation::kElu);
  EXPECT_EQ(fields_as_dict(config), (Dict{{"activation", "elu"}}));
  EXPECT_THROW(assign_field(config, "activation", "eluu", "a network"), InvalidArgument);
  EXPECT_THROW(assign_field(config, "activation", 3, "a network"), InvalidArgument);
}

TEST(MlpOptions, WidthsMustBePositiveAndGainsFinite) {
  const MlpOptions good{.inputs = 4, .hidden = {8}, .outputs = 2};
  EXPECT_NO_THROW(good.validate());

  MlpOptions bad = good;
  bad.inputs = 0;
  EXPECT_THROW(bad.validate(), InvalidArgument);
  bad = good;
  bad.hidden = {8, -1};
  EXPECT_THROW(bad.validate(), InvalidArgument);
  bad = good;
  bad.outputs = 0;
  EXPECT_THROW(bad.validate(), InvalidArgument);
  bad = good;
  bad.hidden_gain = std::numeric_limits<double>::infinity();
  EXPECT_THROW(bad.validate(), InvalidArgument);
  bad = good;
  bad.output_gain = std::nan("");
  EXPECT_THROW(bad.validate(), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
