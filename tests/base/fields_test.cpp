#include "base/fields.h"

#include <gtest/gtest.h>

namespace ludus {
namespace {

struct Config {
  bool slippery = true;
  int steps = 10;
  std::int64_t seed = 0;
  double gravity = 9.8;
  std::string map = "4x4";
  std::vector<std::int64_t> layers{64, 64};
  std::vector<double> weights;
  std::vector<std::string> names{"a"};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("slippery", self.slippery, "whether the ice is slippery");
    visit("steps", self.steps, "number of steps");
    visit("seed", self.seed, "seed");
    visit("gravity", self.gravity, "acceleration of free fall, m/s²");
    visit("map", self.map, "name of the map");
    visit("layers", self.layers, "units of each layer");
    visit("weights", self.weights, "weights");
    visit("names", self.names, "names");
  }
};

// Returns the message of the exception that `act` throws.
template <class Expected, class Act>
std::string message_of(Act act) {
  try {
    act();
  } catch (const Expected& error) {
    return error.what();
  }
  ADD_FAILURE() << "no error, or another one";
  return "";
}

TEST(Fields, AreSetFromADictionaryAndShownAsOne) {
  Config config;
  const Dict values{{"slippery", false},
                    {"steps", -3},
                    {"seed", std::int64_t{1} << 40},
                    {"gravity", 1.5},
                    {"map", "8x8"},
                    {"layers", List{1, 2, 3}},
                    {"weights", List{0.5, 2.0}},
                    {"names", List{"x", "y"}}};
  assign_fields(config, values, "Lake");
  EXPECT_EQ(config.steps, -3);
  EXPECT_EQ(config.layers, (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(fields_as_dict(config), values);

  // fields that are not named stay unchanged
  Config other;
  assign_field(other, "map", "8x8", "Lake");
  EXPECT_EQ(other.gravity, 9.8);
  EXPECT_EQ(other.map, "8x8");
}

TEST(Fields, TakeNumbersOfTheOtherKindWithoutLoss) {
  Config config;
  assign_fields(config, {{"gravity", 10}, {"steps", 4.0}, {"weights", Array::of<float>({0.5f, 1.0f})}, {"layers", 32}},
                "Lake");
  EXPECT_EQ(config.gravity, 10.0);
  EXPECT_EQ(config.steps, 4);
  EXPECT_EQ(config.weights, (std::vector<double>{0.5, 1.0}));
  EXPECT_EQ(config.layers, (std::vector<std::int64_t>{32}));  // a single value is accepted as a list
}

struct Optional {
  std::optional<std::string> map = "4x4";
  std::optional<std::vector<std::string>> rows;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("map", self.map, "name of the map");
    visit("rows", self.rows, "the map itself");
  }
};

TEST(Fields, OptionalOnesMayBeNull) {
  Optional config;
  EXPECT_EQ(fields_as_dict(config), (Dict{{"map", "4x4"}, {"rows", Value()}}));
  const Dict values{{"map", Value()}, {"rows", List{"SF", "FG"}}};
  assign_fields(config, values, "Lake");
  EXPECT_FALSE(config.map);
  EXPECT_EQ(config.rows, (std::vector<std::string>{"SF", "FG"}));
  EXPECT_EQ(fields_as_dict(config), values);
  EXPECT_THROW(assign_field(config, "map", 3, "Lake"), InvalidArgument);
  EXPECT_FALSE(config.map);
}

TEST(Fields, SuggestANameForAMistypedOne) {
  Config config;
  const std::string message = message_of<UnknownField>([&] {
    assign_fields(config, {{"gravty", 1.0}}, "FrozenLake-v1");
  });
  EXPECT_NE(message.find("FrozenLake-v1"), std::string::npos) << message;
  EXPECT_NE(message.find("`gravity`"), std::string::npos) << message;
}

TEST(Fields, NameTheFieldWhoseValueIsWrong) {
  Config config;
  const std::vector<std::pair<std::string, Value>> wrong{
      {"slippery", 1},   {"steps", 2.5}, {"steps", std::int64_t{1} << 31}, {"seed", "one"},
      {"gravity", true}, {"map", 4},     {"layers", List{1, "two"}}};
  for (const auto& [name, value] : wrong) {
    const std::string message =
        message_of<InputError>([&, &key = name, &given = value] { assign_field(config, key, given, "Lake"); });
    EXPECT_NE(message.find("Lake"), std::string::npos) << message;
    EXPECT_NE(message.find(name), std::string::npos) << message;
  }
  EXPECT_EQ(fields_as_dict(config), fields_as_dict(Config()));  // no field is partly set
}

TEST(Fields, ListTheirNamesAndHelp) {
  EXPECT_EQ(field_names<Config>().front(), "slippery");
  EXPECT_EQ(field_names<Config>().size(), 8u);
  EXPECT_EQ(field_help<Config>().at("map").as_string(), "name of the map");
}

}  // namespace
}  // namespace ludus
