#include "nn/training/fit_config.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/file.h"
#include "runs/run_folder.h"
#include "tests/support/scratch.h"

namespace ludus::nn {
namespace {

using layers::Dense;
using test_support::Scratch;

Description two_heads() {
  Description d{.name = "heads"};
  d.add_input("x", Shape{2});
  d.outputs = {d.add(Dense{.units = 4}, {"x"}, "weather"), d.add(Dense{.units = 3}, {"x"}, "ground")};
  return d;
}

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

void expect_message(const std::function<void()>& call, const std::string& part) {
  const std::string message = message_of(call);
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

// Every setting, changed, returns from the text of its configuration.
TEST(FitConfig, IsReadAsItWasWritten) {
  FitConfig config;
  config.model = "heads.json";
  config.seed = 18446744073709551615U;
  config.examples = 100;
  config.set("epochs", 3);
  config.set("average_decay", 0.5);
  config.set("metrics", "accuracy");  // a text is a list of one
  config.set("restore_best", true);
  config.set("data.train", List{"a.gz", "b.gz"});
  config.set("data.scale", "1/255");
  config.set("optimizer.name", "sgd");
  config.set("learning_rate.initial", 0.25);
  config.set("loss.label_smoothing", 0.1);
  config.set("losses.ground.kind", "binary_cross_entropy");
  config.set("losses.ground.weight", 2.0);
  config.set("labels.weather", List{"sun", "rain", "fog", "snow"});
  const FitConfig read = FitConfig::from_toml(config.to_toml(), "config.toml");
  EXPECT_EQ(read.to_dict(), config.to_dict());
  EXPECT_EQ(read.seed, config.seed);
  EXPECT_EQ(read.fit.metrics, (std::vector<std::string>{"accuracy"}));
}

TEST(FitConfig, LossesOfOutputsReplaceThatOfAll) {
  FitConfig config;
  config.set_losses({"mse", "ground=binary_cross_entropy"});
  config.set("losses.ground.weight", 2.0);
  const std::vector<LossOptions> losses = config.losses_of(two_heads());
  EXPECT_EQ(losses[0].kind, LossKind::kMeanSquaredError);
  EXPECT_EQ(losses[1].kind, LossKind::kBinaryCrossEntropy);
  EXPECT_EQ(losses[1].weight, 2.0);
  EXPECT_EQ(losses[0].weight, 1.0);
  const std::vector<OutputInterface> outputs = config.outputs_of(two_heads());
  EXPECT_EQ(outputs[0].kind, OutputKind::kNumbers);
  EXPECT_EQ(outputs[1].kind, OutputKind::kLabels);
}

TEST(FitConfig, InvalidSettingsAreNamed) {
  FitConfig config;
  const auto set = [&](const std::string& key, const Value& value) {
    return [&config, key, value] { config.set(key, value); };
  };
  expect_message(set("batch_siz", 3), "Did you mean `batch_size`?");
  expect_message(set("optimizer.momentun", 3), "Did you mean `optimizer.momentum`?");
  expect_message(set("optimiser.momentum", 3), "Did you mean `optimizer.momentum`?");
  expect_message(set("batch_size", 0), "batch_size must be between 1 and 16777216, got 0");
  expect_message(set("batch_size", "many"), "batch_size");
  expect_message(set("losses.ground", 3), "losses.OUTPUT.kind");
  expect_message(set("loss.kind", "cros_entropy"), "Did you mean `cross_entropy`?");
  expect_message([&] { config.set_from_toml("[optimizer]\nmomentun = 1\n", "s.toml"); }, "s.toml, [optimizer]");
  expect_message([&] { config.set_from_toml("[optimiser]\nmomentum = 1\n", "s.toml"); }, "Did you mean `optimizer`?");
  expect_message([&] { config.set_from_toml("fit = 3\n", "s.toml"); }, "[fit] must be a table");
  EXPECT_EQ(config.to_dict(), FitConfig().to_dict());

  config.learning_rate.schedule = "cosin";
  expect_message([&] { config.check(); }, "cosin");
  FitConfig other;
  other.set("losses.groud.weight", 1.0);
  expect_message([&] { other.losses_of(two_heads()); }, "Did you mean `ground`?");
  FitConfig labels;
  labels.set("labels.wether", List{"a"});
  expect_message([&] { labels.outputs_of(two_heads()); }, "Did you mean `weather`?");
}

TEST(FitConfig, OutputsThatAreProbabilitiesAreRefused) {
  Description softmax = sequential(Shape{2}, {Dense{.units = 3}, layers::Softmax{}});
  expect_message([&] { FitConfig().outputs_of(softmax); }, "must be logits for the loss cross_entropy");
  FitConfig binary;
  binary.set_losses({"binary_cross_entropy"});
  const Description sigmoid = sequential(Shape{2}, {Dense{.units = 3, .activation = Activation::kSigmoid}});
  expect_message([&] { binary.outputs_of(sigmoid); }, "remove it from the description");
  FitConfig mse;
  mse.set_losses({"mse"});
  EXPECT_NO_THROW(mse.outputs_of(sigmoid));
}

TEST(FitConfig, FoldersOfModelsAreToldFromThoseOfAgents) {
  const Scratch scratch;
  EXPECT_FALSE(holds_fit(scratch.path()));
  write_atomically(runs::config_path(scratch.path()), FitConfig().to_toml());
  EXPECT_TRUE(holds_fit(scratch.path()));
  write_atomically(runs::config_path(scratch.path()), std::string_view("[run]\nalgorithm = 'dqn'\n"));
  EXPECT_FALSE(holds_fit(scratch.path()));
  write_atomically(runs::config_path(scratch.path()), std::string_view("[run"));
  EXPECT_FALSE(holds_fit(scratch.path()));
}

TEST(FitConfig, ErrorsAndLossesAreBetterIfLower) {
  for (const char* metric : {"val/loss", "train/weather_loss", "val/mse", "mae"})
    EXPECT_FALSE(is_higher_better(metric));
  for (const char* metric : {"val/accuracy", "val/weather_f1", "auc", "r2"}) EXPECT_TRUE(is_higher_better(metric));
}

}  // namespace
}  // namespace ludus::nn
