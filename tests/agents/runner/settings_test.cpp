// Every setting of every algorithm, generated from the lists of fields.
#include <gtest/gtest.h>

#include "agents/algorithms.h"
#include "agents/runner/run_config.h"
#include "tests/agents/support/drive.h"
#include "tests/support/out_of_range.h"

namespace ludus::agents {
namespace {

// Returns the message of the error, or "no error".
template <class Act>
std::string error_of(Act act) {
  try {
    act();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Settings, OutOfRangeAreRefusedWithTheirNameAndTheAlgorithms) {
  const EnvSignature env = EnvSignature::of(*testing::make_envs("CartPole-v1", 1));
  int refused = 0;
  for (const Algorithm& algorithm : algorithms()) {
    for (const FieldInfo& field : algorithm.settings) {
      for (const Value& value : values_outside(field)) {
        const std::string message = error_of([&] { algorithm.make({{field.name, value}}, env, 0, "cpu"); });
        EXPECT_NE(message.find(algorithm.name), std::string::npos) << message;
        EXPECT_NE(message.find(field.name), std::string::npos) << algorithm.name << ": " << message;
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 500);
}

TEST(Settings, DefaultsAreInTheirRanges) {
  for (const Algorithm& algorithm : algorithms()) {
    for (const FieldInfo& field : algorithm.settings) {
      EXPECT_FALSE(field.help.empty()) << algorithm.name << ": " << field.name;
      EXPECT_EQ(field.default_value, algorithm.defaults.at(field.name)) << algorithm.name << ": " << field.name;
    }
    const EnvSignature env = EnvSignature::of(*testing::make_envs("CartPole-v1", 1));
    const std::string message = error_of([&] { algorithm.make(algorithm.defaults, env, 0, "cpu"); });
    // an algorithm that does not apply to CartPole has another error
    const bool is_out_of_range =
        message.starts_with(algorithm.name + ": ") && message.find(" must be ") != std::string::npos;
    EXPECT_FALSE(is_out_of_range) << message;
  }
}

TEST(Settings, OneRuleForALearningRate) {
  const std::string plain = learning_rate_range().text();
  for (const Algorithm& algorithm : algorithms()) {
    if (algorithm.name == "monte_carlo") continue;  // a lower bound of 1/N, which may be 0
    for (const FieldInfo& field : algorithm.settings) {
      if (field.name != "learning_rate") continue;
      // tables: α is the weight of the new estimate in an average
      EXPECT_TRUE(field.range_text == plain || field.range_text == learning_rate_range().at_most(1).text())
          << algorithm.name << ": " << field.range_text;
    }
  }
}

TEST(Settings, OptionsOfARunOutOfRangeAreRefused) {
  for (const FieldInfo& field : describe_fields<RunSettings>()) {
    for (const Value& value : values_outside(field)) {
      RunConfig config;
      const std::string message = error_of([&] { assign_field(config, field.name, value, "run"); });
      EXPECT_TRUE(message.starts_with("run: " + field.name + " must be ")) << message;
    }
  }
}

TEST(Settings, ARunsConfigurationIsCheckedInFull) {
  RunConfig config;
  EXPECT_EQ(error_of([&] { check_fields(config, "run"); }), "run: steps must be at least 1, got 0");
  config.total_steps = 1;
  config.min_evals = -1;
  EXPECT_EQ(error_of([&] { check_fields(config, "run"); }), "run: min_evals must be at least 0, got -1");
}

}  // namespace
}  // namespace ludus::agents
