#include "nn/networks/network_config.h"

#include <gtest/gtest.h>

#include <string>

#include "base/fields.h"

namespace ludus::nn {
namespace {

TEST(NetworkConfig, SettingsReachTheMlp) {
  NetworkConfig config;
  assign_fields(config, {{"hidden", List{5, 3}}, {"activation", "elu"}}, "a network");
  const MlpOptions mlp = config.mlp();
  EXPECT_EQ(mlp.hidden, (std::vector<std::int64_t>{5, 3}));
  EXPECT_EQ(mlp.activation, Activation::kElu);
}

TEST(NetworkConfig, RejectsNonPositiveWidths) {
  EXPECT_NO_THROW(check_fields(NetworkConfig{.hidden = {}}, "dqn"));
  try {
    check_fields(NetworkConfig{.hidden = {64, 0}}, "dqn");
    ADD_FAILURE() << "no error";
  } catch (const InvalidArgument& error) {
    EXPECT_EQ(std::string(error.what()), "dqn: hidden[1] must be at least 1, got 0");
  }
}

}  // namespace
}  // namespace ludus::nn
