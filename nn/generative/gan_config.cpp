#include "nn/generative/gan_config.h"

#include <algorithm>

#include "base/file.h"
#include "base/format.h"
#include "nn/training/config_tables.h"
#include "runs/run_folder.h"
#include "runs/toml_values.h"

namespace ludus::nn {
namespace {

constexpr const char* kGan = "gan";

// [run]: what is recorded beside the settings.
struct RunFields {
  std::uint64_t seed = 0;
  std::int64_t examples = 0;
  std::vector<std::int64_t> image = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("seed", self.seed, "random seed; text, since it may need 64 bits");
    visit("examples", self.examples, at_least(0), "images of the training");
    visit("image", self.image, "channels, height and width of an image");
  }
};

// The settings of Radford, Metz and Chintala 2016, section 3.
const Dict kRadford{{"batch_size", 64},
                    {"latent", 100},
                    {"latent_distribution", "normal"},
                    {"generator_optimizer.beta1", 0.5},
                    {"discriminator_optimizer.beta1", 0.5},
                    {"generator_learning_rate.initial", 2e-4},
                    {"discriminator_learning_rate.initial", 2e-4}};

Dict with(Dict settings, const Dict& others) {
  for (const auto& [name, value] : others) settings[name] = value;
  return settings;
}

}  // namespace

std::span<const GanModel> gan_models() {
  static const std::vector<GanModel> models{
      {.name = "simple",
       .summary = "two MLPs, labels 0.9 and 0.1, SGD for the discriminator and Adam for the generator",
       .networks = simple_gan,
       .settings = {{"epochs", 400},
                    {"batch_size", 100},
                    {"real_label", List{0.9}},
                    {"generated_label", List{0.1}},
                    {"sample_every", 50},
                    {"samples", 8},
                    {"discriminator_optimizer.name", "sgd"},
                    {"discriminator_learning_rate.initial", 0.01},
                    {"generator_learning_rate.initial", 1e-5}}},
      {.name = "dcgan",
       .summary = "upsampling and convolutions against one convolution",
       .networks = dcgan,
       .settings = {{"epochs", 20},
                    {"real_label", List{0.9}},
                    {"generator_optimizer.beta1", 0.5},
                    {"discriminator_optimizer.beta1", 0.5},
                    {"generator_learning_rate.initial", 2e-4},
                    {"discriminator_learning_rate.initial", 1e-3}}},
      {.name = "conditional",
       .summary = "images of a class, with transposed convolutions and batch normalisation",
       .networks = conditional_gan,
       .settings = with(kRadford, {{"epochs", 20},
                                   {"real_label", List{0.9}},
                                   {"generator_learning_rate.initial", 4e-4},
                                   {"discriminator_learning_rate.initial", 4e-4}})},
      {.name = "wgan_gp",
       .summary = "a critic with a gradient penalty",
       .networks = wasserstein_gan,
       .settings = with(kRadford, {{"epochs", 40},
                                   {"loss", "wasserstein"},
                                   {"gradient_penalty", 10},
                                   {"discriminator_steps", 5},
                                   {"generator_optimizer.beta1", 0},
                                   {"generator_optimizer.beta2", 0.9},
                                   {"discriminator_optimizer.beta1", 0},
                                   {"discriminator_optimizer.beta2", 0.9},
                                   {"generator_learning_rate.initial", 1e-4},
                                   {"discriminator_learning_rate.initial", 1e-4}})}};
  return models;
}

const GanModel& gan_model(std::string_view name) {
  std::vector<std::string> names;
  for (const GanModel& model : gan_models()) {
    if (model.name == name) return model;
    names.emplace_back(model.name);
  }
  throw InvalidArgument(
      formatted("gan: model must be one of {}, got \"{}\".{}", joined(names), name, did_you_mean(name, names)));
}

GanConfig gan_config_of(std::string_view name) {
  const GanModel& model = gan_model(name);
  GanConfig config;
  config.gan.model = std::string(model.name);
  for (const auto& [key, value] : model.settings) config.set(key, value);
  return config;
}

void GanConfig::set(std::string_view key, const Value& value) {
  set_setting(*this, key, value);
}

void GanConfig::set_from_toml(std::string_view text, const std::string& name) {
  RunFields run{.seed = seed, .examples = examples, .image = {image.begin(), image.end()}};
  set_from_config_text(*this, run, text, name);
  if (run.image.size() > Shape::kMaxRank) {
    throw InvalidArgument(formatted("{}, [run]: image must be channels, height and width", name));
  }
  seed = run.seed, examples = run.examples;
  image = Shape(std::span<const std::int64_t>(run.image));
}

std::vector<std::string> GanConfig::setting_names() {
  return nn::setting_names(GanConfig());
}

void GanConfig::check() const {
  check_tables(*this);
  options();
}

GanOptions GanConfig::options() const {
  GanOptions options{.epochs = gan.epochs,
                     .loss = gan.loss,
                     .latent = gan.latent_distribution,
                     .real_label = gan.real_label,
                     .generated_label = gan.generated_label,
                     .gradient_penalty = gan.gradient_penalty,
                     .discriminator_steps = gan.discriminator_steps,
                     .average_decay = gan.average_decay,
                     .generator_optimizer = generator_optimizer,
                     .discriminator_optimizer = discriminator_optimizer,
                     .generator_learning_rate = generator_learning_rate,
                     .discriminator_learning_rate = discriminator_learning_rate};
  options.check();
  return options;
}

GanNetworks GanConfig::networks() const {
  const bool both_described = !gan.generator.empty() && !gan.discriminator.empty();
  GanNetworks networks;
  if (!both_described) {
    networks = gan_model(gan.model).networks({.image = image, .latent = gan.latent, .classes = gan.classes});
  }
  if (!gan.generator.empty()) networks.generator = load_description(gan.generator);
  if (!gan.discriminator.empty()) networks.discriminator = load_description(gan.discriminator);
  return networks;
}

std::string GanConfig::to_toml() const {
  return config_text(*this, RunFields{.seed = seed, .examples = examples, .image = {image.begin(), image.end()}},
                     "an adversarial training by ludus; resume it with `ludus gan --resume` and this folder");
}

GanConfig GanConfig::from_toml(std::string_view text, const std::string& name) {
  return read_config<GanConfig>(text, name);
}

bool holds_gan(const std::filesystem::path& run) {
  return runs::holds_run_with(run, kGan);
}

}  // namespace ludus::nn
