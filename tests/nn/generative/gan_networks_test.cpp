#include "nn/generative/gan_networks.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "nn/generative/gan_config.h"

namespace ludus::nn {
namespace {

TEST(GanNetworks, HaveTheirPublishedNumbersOfParameters) {
  const GanNetworks simple = simple_gan({});
  EXPECT_EQ(parameter_count(simple.generator), 1'526'288);
  EXPECT_EQ(parameter_count(simple.discriminator), 201'217);
  EXPECT_EQ(parameter_count(simple.generator) + parameter_count(simple.discriminator), 1'727'505);
  const GanNetworks convolutional = dcgan({});
  EXPECT_EQ(parameter_count(convolutional.generator), 21'162'496);
  EXPECT_EQ(parameter_count(convolutional.discriminator), 14'209);
  EXPECT_EQ(parameter_count(convolutional.generator) + parameter_count(convolutional.discriminator), 21'176'705);
}

TEST(GanNetworks, GeneratorsMakeWhatDiscriminatorsTake) {
  for (const GanModel& model : gan_models()) {
    const bool conditional = model.name == "conditional" || model.name == "wgan_gp";
    for (const Shape& image : {Shape{1, 28, 28}, Shape{3, 32, 20}}) {
      SCOPED_TRACE(model.name);
      const GanNetworks networks = model.networks({.image = image, .latent = 7, .classes = conditional ? 4 : 0});
      EXPECT_EQ(output_shapes(networks.generator), std::vector<Shape>{image});
      EXPECT_EQ(networks.discriminator.inputs[0].shape, image);
      EXPECT_EQ(output_shapes(networks.discriminator), std::vector<Shape>{Shape{1}});
      EXPECT_EQ(networks.generator.inputs.size(), conditional ? 2U : 1U);
      EXPECT_EQ(networks.discriminator.inputs.size(), conditional ? 2U : 1U);
    }
  }
}

TEST(GanNetworks, RefuseWhatDoesNotFit) {
  EXPECT_THROW(dcgan({.image = {28, 28}}), InvalidArgument);
  EXPECT_THROW(dcgan({.latent = 0}), InvalidArgument);
  EXPECT_THROW(dcgan({.classes = 10}), InvalidArgument);
  EXPECT_THROW(simple_gan({.classes = 10}), InvalidArgument);
  EXPECT_THROW(conditional_gan({.image = {1, 30, 28}}), InvalidArgument);
}

TEST(GanConfig, ModelsBringTheirSettings) {
  const GanConfig config = gan_config_of("wgan_gp");
  EXPECT_EQ(config.gan.loss, GanLoss::kWasserstein);
  EXPECT_EQ(config.gan.gradient_penalty, 10);
  EXPECT_EQ(config.generator_optimizer.beta1, 0);
  EXPECT_EQ(config.generator_optimizer.beta2, 0.9);
  config.check();
  EXPECT_THROW(gan_config_of("dcgam"), InvalidArgument);
}

TEST(GanConfig, IsReadAsWritten) {
  GanConfig config = gan_config_of("simple");
  config.seed = 18'446'744'073'709'551'615U;
  config.examples = 50;
  config.image = {1, 8, 8};
  config.set("real_label", List{0.8, 1.0});
  config.set("discriminator_optimizer.momentum", 0.5);
  const GanConfig again = GanConfig::from_toml(config.to_toml(), "config.toml");
  EXPECT_EQ(again.to_toml(), config.to_toml());
  EXPECT_EQ(again.seed, config.seed);
  EXPECT_EQ(again.image, config.image);
  EXPECT_EQ(again.gan.real_label, (std::vector<double>{0.8, 1.0}));
  EXPECT_EQ(again.discriminator_optimizer.name, "sgd");
}

TEST(GanConfig, OneNumberIsAListOfOne) {
  GanConfig config;
  config.set("generated_label", 0.2);
  EXPECT_EQ(config.gan.generated_label, std::vector<double>{0.2});
}

TEST(GanOptions, RefusesWhatDoesNotFit) {
  const auto fault_of = [](GanOptions options) -> std::string {
    try {
      options.check();
    } catch (const InvalidArgument& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_EQ(fault_of({}), "none");
  EXPECT_EQ(fault_of({.real_label = {0.8, 1.0}}), "none");
  EXPECT_NE(fault_of({.real_label = {1.0, 0.8}}).find("real_label"), std::string::npos);
  EXPECT_NE(fault_of({.generated_label = {-0.1}}).find("generated_label"), std::string::npos);
  EXPECT_NE(fault_of({.loss = GanLoss::kHinge, .real_label = {0.9}}).find("hinge"), std::string::npos);
  EXPECT_NE(fault_of({.discriminator_steps = 0}).find("discriminator_steps"), std::string::npos);
  EXPECT_NE(fault_of({.generator_optimizer = {.name = "lbfgs"}}).find("lbfgs"), std::string::npos);
}

}  // namespace
}  // namespace ludus::nn
