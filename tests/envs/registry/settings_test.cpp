// Every keyword argument of every environment, generated from the lists of fields.
#include <gtest/gtest.h>

#include "envs/registry/registry.h"
#include "tests/support/out_of_range.h"

namespace ludus::envs {
namespace {

TEST(KeywordArguments, OutOfRangeAreRefusedWithTheirNameAndTheEnvironments) {
  int refused = 0;
  for (const EnvSpec& spec : registry().specs()) {
    for (const FieldInfo& field : registry().find(spec.id, ignore_warnings).kwargs) {
      EXPECT_FALSE(field.help.empty()) << spec.id << ": " << field.name;
      for (const Value& value : values_outside(field)) {
        std::string message = "no error";
        try {
          make(spec.id, {{field.name, value}}, {.warn = ignore_warnings});
        } catch (const InvalidArgument& error) {
          message = error.what();
        }
        EXPECT_EQ(message.find(spec.id + ": " + field.name), 0u) << message;
        EXPECT_NE(message.find(" must be "), std::string::npos) << message;
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 50);
}

TEST(KeywordArguments, AreCheckedTogether) {
  std::string message;
  try {
    make("MountainCar-v0", {{"min_position", 1.0}});
  } catch (const InvalidArgument& error) {
    message = error.what();
  }
  EXPECT_EQ(message, "MountainCar-v0: min_position must be below max_position, got 1 and 0.6");
}

TEST(KeywordArguments, OfAnAttributeAreChecked) {
  const EnvPtr env = make("Pendulum-v1");
  EXPECT_THROW(env->set_attribute("m", 0.0), InvalidArgument);
  EXPECT_EQ(env->attribute("m"), Value(1.0));
}

}  // namespace
}  // namespace ludus::envs
