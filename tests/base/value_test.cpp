#include "base/value.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ludus {
namespace {

TEST(Dict, KeepsTheOrderOfEntry) {
  Dict dict{{"b", 1}, {"a", 2}};
  dict["c"] = 3;
  dict["b"] = 4;  // keeps its position
  std::string keys;
  for (const auto& [key, value] : dict) keys += key;
  EXPECT_EQ(keys, "bac");
  EXPECT_EQ(dict.at("b").as_int(), 4);
  EXPECT_EQ(dict.size(), 3u);

  dict.erase("a");
  dict.erase("nothing");
  EXPECT_EQ(dict.size(), 2u);
  EXPECT_FALSE(dict.contains("a"));
  EXPECT_EQ(dict.find("a"), nullptr);
  dict.clear();
  EXPECT_TRUE(dict.empty());
}

TEST(Dict, NamesTheKeysThereAre) {
  const Dict dict{{"low", 1}, {"high", 2}};
  try {
    dict.at("lo");
    FAIL() << "a missing key was found";
  } catch (const InvalidArgument& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("\"lo\""), std::string::npos) << message;
    EXPECT_NE(message.find("low, high"), std::string::npos) << message;
  }
  EXPECT_THROW(Dict().at("x"), InvalidArgument);
}

TEST(Dict, EqualityMindsOrder) {
  EXPECT_EQ((Dict{{"a", 1}, {"b", 2}}), (Dict{{"a", 1}, {"b", 2}}));
  EXPECT_NE((Dict{{"a", 1}, {"b", 2}}), (Dict{{"b", 2}, {"a", 1}}));
  EXPECT_NE((Dict{{"a", 1}}), (Dict{{"a", 1.0}}));
}

TEST(Value, KnowsWhatItHolds) {
  EXPECT_TRUE(Value().is_null());
  EXPECT_TRUE(Value(true).is_bool());
  EXPECT_TRUE(Value(1).is_int());
  EXPECT_TRUE(Value(1u).is_int());
  EXPECT_TRUE(Value(1.0f).is_double());
  EXPECT_TRUE(Value(1.0).is_number());
  EXPECT_TRUE(Value(1).is_number());
  EXPECT_FALSE(Value(true).is_number());
  EXPECT_TRUE(Value("text").is_string());  // a literal is not converted to bool
  EXPECT_TRUE(Value(std::string_view("text")).is_string());
  EXPECT_TRUE(Value(Array()).is_array());
  EXPECT_TRUE(Value(List{1, 2}).is_list());
  EXPECT_TRUE(Value(Dict{{"a", 1}}).is_dict());
}

TEST(Value, ConvertsOnlyWithoutLoss) {
  EXPECT_EQ(Value(3).as_double(), 3.0);
  EXPECT_EQ(Value(3.0).as_int(), 3);
  EXPECT_EQ(Value(-9007199254740992.0).as_int(), -9007199254740992);
  EXPECT_THROW(Value(2.5).as_int(), TypeMismatch);
  EXPECT_THROW(Value(1e300).as_int(), TypeMismatch);
  EXPECT_THROW(Value(std::nan("")).as_int(), TypeMismatch);
  EXPECT_THROW(Value(INFINITY).as_int(), TypeMismatch);
  EXPECT_THROW(Value(true).as_int(), TypeMismatch);
  EXPECT_THROW(Value("3").as_double(), TypeMismatch);
  EXPECT_THROW(Value(1).as_bool(), TypeMismatch);
}

TEST(Value, RefusesOtherTypesAndSaysWhatItIs) {
  EXPECT_THROW(Value().as_string(), TypeMismatch);
  EXPECT_THROW(Value(1).as_array(), TypeMismatch);
  EXPECT_THROW(Value(Dict()).as_list(), TypeMismatch);
  EXPECT_THROW(Value(List()).as_dict(), TypeMismatch);
  try {
    Value(Array(DType::kFloat32, Shape{4})).as_int();
    FAIL() << "an array was read as an integer";
  } catch (const TypeMismatch& error) {
    EXPECT_NE(std::string(error.what()).find("a float32 array of shape (4,)"), std::string::npos) << error.what();
  }
}

TEST(Value, DescribesItself) {
  EXPECT_EQ(Value().describe(), "nothing");
  EXPECT_EQ(Value(false).describe(), "false");
  EXPECT_EQ(Value(3).describe(), "the integer 3");
  EXPECT_EQ(Value(1e-12).describe(), "the number 1e-12");
  EXPECT_EQ(Value("a").describe(), "the string \"a\"");
  EXPECT_EQ(Value(List{1, 2}).describe(), "a list of 2");
  EXPECT_EQ(Value(Dict{{"a", 1}}).describe(), "a dictionary of 1");
}

TEST(Value, IsChangedInPlace) {
  Value value = Dict{{"list", List{1, Array::of<double>({1.0})}}};
  value.as_dict()["list"].as_list()[1].as_array().set(0, 5.0);
  EXPECT_EQ(value.as_dict().at("list").as_list()[1].as_array().get(0), 5.0);
  EXPECT_EQ(value, Value(Dict{{"list", List{1, Array::of<double>({5.0})}}}));
  EXPECT_NE(Value(1), Value(1.0));  // an integer and a double are different
}

}  // namespace
}  // namespace ludus
