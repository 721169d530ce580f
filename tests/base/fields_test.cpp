#include "base/fields.h"

#include <gtest/gtest.h>

#include <cmath>

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
  EXPECT_EQ(describe_fields<Config>()[4].name, "map");
  EXPECT_EQ(describe_fields<Config>()[4].help, "name of the map");
}

// One field of each type that may have a range, and one without.
struct Ranged {
  int count = 1;
  std::int64_t batch_size = 32;
  double discount = 0.99;
  std::string loss = "huber";
  std::optional<double> max_norm = 10.0;
  std::vector<std::int64_t> hidden{64, 64};
  std::optional<std::vector<std::int64_t>> critic_hidden = {};
  std::vector<double> low = {};
  std::array<std::int64_t, 2> size{84, 84};
  bool slippery = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("count", self.count, at_least(0), "count");
    visit("batch_size", self.batch_size, at_least(1), "transitions in a minibatch");
    visit("discount", self.discount, between(0, 1), "discount factor");
    visit("loss", self.loss, one_of("huber", "squared"), "loss");
    visit("max_norm", self.max_norm, above(0), "maximum gradient norm");
    visit("hidden", self.hidden, at_least(1), "widths");
    visit("critic_hidden", self.critic_hidden, at_least(1), "widths of the critic");
    visit("low", self.low, finite_number(), "lower bounds");
    visit("size", self.size, at_least(1), "width and height");
    visit("slippery", self.slippery, "whether the ice is slippery");
  }
  void check() const {
    if (count > batch_size) throw InvalidArgument("count must be at most batch_size");
  }
};

// The message of check_fields after `change`, or "" if there is no error.
template <class Change>
std::string complaint(Change change) {
  Ranged config;
  change(config);
  try {
    check_fields(config, "dqn");
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "";
}

TEST(Fields, AreCheckedAgainstTheirRanges) {
  EXPECT_EQ(complaint([](Ranged&) {}), "");
  EXPECT_EQ(complaint([](Ranged& c) { c.count = -1; }), "dqn: count must be at least 0, got -1");
  EXPECT_EQ(complaint([](Ranged& c) { c.batch_size = 0; }), "dqn: batch_size must be at least 1, got 0");
  EXPECT_EQ(complaint([](Ranged& c) { c.discount = 1.5; }), "dqn: discount must be between 0 and 1, got 1.5");
  EXPECT_EQ(complaint([](Ranged& c) { c.discount = std::nan(""); }), "dqn: discount must be between 0 and 1, got nan");
  EXPECT_EQ(complaint([](Ranged& c) { c.loss = "l1"; }), "dqn: loss must be \"huber\" or \"squared\", got \"l1\"");
  EXPECT_EQ(complaint([](Ranged& c) { c.max_norm = 0; }), "dqn: max_norm must be above 0, or null, got 0");
  EXPECT_EQ(complaint([](Ranged& c) { c.max_norm.reset(); }), "");
  EXPECT_EQ(complaint([](Ranged& c) { c.hidden = {64, 0}; }), "dqn: hidden[1] must be at least 1, got 0");
  EXPECT_EQ(complaint([](Ranged& c) { c.hidden = {}; }), "");
  EXPECT_EQ(complaint([](Ranged& c) { c.critic_hidden = {0}; }), "dqn: critic_hidden[0] must be at least 1, got 0");
  EXPECT_EQ(complaint([](Ranged& c) { c.low = {0, INFINITY}; }), "dqn: low[1] must be a finite number, got inf");
  EXPECT_EQ(complaint([](Ranged& c) { c.size[1] = 0; }), "dqn: size[1] must be at least 1, got 0");
}

TEST(Fields, AreCheckedTogetherAfterwards) {
  EXPECT_EQ(complaint([](Ranged& c) { c.count = 33; }), "dqn: count must be at most batch_size");
  // of two faults, that of a single field is reported
  EXPECT_EQ(complaint([](Ranged& c) { c.count = 1, c.batch_size = 0; }), "dqn: batch_size must be at least 1, got 0");
}

TEST(Fields, OutOfRangeAreNotAssigned) {
  Ranged config;
  const std::string message = message_of<InvalidArgument>([&] { assign_fields(config, {{"batch_size", 0}}, "dqn"); });
  EXPECT_EQ(message, "dqn: batch_size must be at least 1, got 0");
  EXPECT_EQ(config.batch_size, 32);
  EXPECT_THROW(assign_field(config, "hidden", List{8, -1}, "dqn"), InvalidArgument);
  EXPECT_EQ(config.hidden, (std::vector<std::int64_t>{64, 64}));
  assign_field(config, "max_norm", Value(), "dqn");
  EXPECT_FALSE(config.max_norm);
}

TEST(Fields, AnArrayIsReadFromOneNumberOrAsMany) {
  Ranged config;
  assign_field(config, "size", 7, "dqn");
  EXPECT_EQ(config.size, (std::array<std::int64_t, 2>{7, 7}));
  assign_field(config, "size", List{1, 2}, "dqn");
  EXPECT_EQ(fields_as_dict(config).at("size"), Value(List{1, 2}));
  EXPECT_THROW(assign_field(config, "size", List{1, 2, 3}, "dqn"), InvalidArgument);
}

TEST(Fields, AreDescribedWithRangeAndDefault) {
  const std::vector<FieldInfo> fields = describe_fields<Ranged>();
  ASSERT_EQ(fields.size(), 10u);
  EXPECT_EQ(fields[1].name, "batch_size");
  EXPECT_EQ(fields[1].default_value, Value(32));
  EXPECT_EQ(fields[1].range_text, "at least 1");
  EXPECT_TRUE(fields[1].is_integer);
  EXPECT_FALSE(fields[2].is_integer);
  EXPECT_EQ(fields[4].range_text, "above 0, or null");
  EXPECT_TRUE(fields[4].is_nullable);
  EXPECT_EQ(fields[5].range_text, "each at least 1");
  EXPECT_TRUE(fields[5].is_integer);
  EXPECT_EQ(fields[6].range_text, "each at least 1, or null");
  EXPECT_TRUE(fields[6].is_integer);
  EXPECT_EQ(fields[9].range_text, "");
}

struct Derived : Ranged {
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("discount", self.discount, at_least(0).below(1), "another sentence");
    Ranged::fields(self, AllFieldsBut("discount", visit));
  }
};

TEST(Fields, ADerivedConfigurationMayGiveAFieldAnotherRange) {
  EXPECT_EQ(field_names<Derived>().size(), field_names<Ranged>().size());
  Derived config;
  EXPECT_THROW(assign_field(config, "discount", 1.0, "planner"), InvalidArgument);
  assign_field(config, "batch_size", 8, "planner");
  EXPECT_EQ(config.batch_size, 8);
}

struct Seeded {
  std::uint64_t seed = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("seed", self.seed, "random seed");
  }
};

TEST(Fields, AnUnsignedNumberOf64BitsIsAText) {
  Seeded config;
  assign_field(config, "seed", "18446744073709551615", "run");
  EXPECT_EQ(config.seed, 18446744073709551615ull);
  EXPECT_EQ(fields_as_dict(config).at("seed"), Value("18446744073709551615"));
  for (const Value& wrong : {Value("18446744073709551616"), Value("-1"), Value(""), Value("1x"), Value(1)}) {
    EXPECT_THROW(assign_field(config, "seed", wrong, "run"), InvalidArgument) << wrong.describe();
  }
  EXPECT_EQ(config.seed, 18446744073709551615ull);
}

}  // namespace
}  // namespace ludus
