#include "nn/generative/gan_networks.h"

#include "base/error.h"
#include "base/format.h"

namespace ludus::nn {
namespace {

constexpr double kSlope = 0.2;  // of leaky ReLU: Radford et al. 2016, section 3
// Of the first convolution of conditional and wgan_gp, and half of the second. Half of the usual 64: a quarter of the
// multiply-adds.
constexpr std::int64_t kChannels = 32;

// Checked here, since the layers would name themselves and not the image.
void check(const GanShape& shape) {
  const auto require = [](bool holds, std::string_view subject, std::string_view range, const auto& value) {
    if (!holds) throw InvalidArgument(formatted("gan: {} must be {}, got {}", subject, range, value));
  };
  require(shape.image.rank() == 3, "an image", "(channels, height, width)", shape.image.to_string());
  for (const std::int64_t extent : shape.image) {
    require(extent > 0 && extent <= 4096, "every extent of an image", "1 to 4096", shape.image.to_string());
  }
  require(shape.latent > 0 && shape.latent <= 1 << 20, "latent", "1 to 1048576", shape.latent);
  require(shape.classes >= 0 && shape.classes <= 1 << 20, "classes", "0 to 1048576", shape.classes);
}

void require_no_classes(const GanShape& shape, std::string_view name) {
  if (shape.classes == 0) return;
  throw InvalidArgument(formatted("gan: the networks of {} take no class, got {} classes; conditional and wgan_gp do",
                                  name, shape.classes));
}

Layer leaky_relu() {
  return layers::LeakyRelu{.slope = kSlope};
}

Description generator_of(const GanShape& shape) {
  Description generator{.name = "generator"};
  generator.add_input("latent", Shape{shape.latent});
  if (shape.classes > 0) generator.add_input("label", Shape{}, DType::kInt64);
  return generator;
}

Description discriminator_of(const GanShape& shape) {
  Description discriminator{.name = "discriminator"};
  discriminator.add_input("image", shape.image);
  if (shape.classes > 0) discriminator.add_input("label", Shape{}, DType::kInt64);
  return discriminator;
}

// The last layers of a generator: pixels by a dense layer.
void add_dense_image(Description& generator, const Shape& image) {
  generator.add(layers::Dense{.units = image[0] * image[1] * image[2], .activation = Activation::kTanh});
  generator.outputs = {generator.add(layers::Reshape{.shape = {image[0], image[1], image[2]}}, {}, "image")};
}

// The generator of Radford et al.: weights normal with a standard deviation of 0.02 (section 3).
Description convolutional_generator(const GanShape& shape) {
  const std::int64_t height = shape.image[1], width = shape.image[2];
  if (height % 4 != 0 || width % 4 != 0) {
    throw InvalidArgument(
        formatted("gan: height and width must be multiples of 4 for these networks, got {} x {}", height, width));
  }
  const Initializer normal = Initializer::normal(0.02);
  Description generator = generator_of(shape);
  std::string seed = "latent";
  if (shape.classes > 0) {
    const std::string label = generator.add(
        layers::Embedding{.vocabulary = shape.classes, .features = 50, .weight_init = normal}, {"label"}, "embedding");
    seed = generator.add(layers::Concatenate{}, {"latent", label});
  }
  generator.add(
      layers::Dense{.units = 2 * kChannels * (height / 4) * (width / 4), .bias = false, .weight_init = normal}, {seed});
  generator.add(layers::Reshape{.shape = {2 * kChannels, height / 4, width / 4}});
  generator.add(layers::BatchNorm{});
  generator.add(layers::ActivationLayer{.function = Activation::kRelu});
  generator.add(layers::ConvTranspose2d{.out_channels = kChannels,
                                        .kernel_size = {4},
                                        .stride = {2},
                                        .padding = Padding::of({1}),
                                        .bias = false,
                                        .weight_init = normal});
  generator.add(layers::BatchNorm{});
  generator.add(layers::ActivationLayer{.function = Activation::kRelu});
  generator.outputs = {generator.add(layers::ConvTranspose2d{.out_channels = shape.image[0],
                                                             .kernel_size = {4},
                                                             .stride = {2},
                                                             .padding = Padding::of({1}),
                                                             .activation = Activation::kTanh,
                                                             .weight_init = normal},
                                     {}, "image")};
  return generator;
}

Description convolutional_discriminator(const GanShape& shape, bool normalize) {
  const Initializer normal = Initializer::normal(0.02);
  Description discriminator = discriminator_of(shape);
  std::string image = "image";
  if (shape.classes > 0) {
    const std::int64_t height = shape.image[1], width = shape.image[2];
    discriminator.add(layers::Embedding{.vocabulary = shape.classes, .features = height * width, .weight_init = normal},
                      {"label"}, "embedding");
    const std::string plane = discriminator.add(layers::Reshape{.shape = {1, height, width}});
    image = discriminator.add(layers::Concatenate{}, {"image", plane});
  }
  discriminator.add(layers::Conv2d{.out_channels = kChannels,
                                   .kernel_size = {4},
                                   .stride = {2},
                                   .padding = Padding::of({1}),
                                   .weight_init = normal},
                    {image});
  discriminator.add(leaky_relu());
  discriminator.add(layers::Conv2d{.out_channels = 2 * kChannels,
                                   .kernel_size = {4},
                                   .stride = {2},
                                   .padding = Padding::of({1}),
                                   .bias = !normalize,
                                   .weight_init = normal});
  if (normalize) discriminator.add(layers::BatchNorm{});
  discriminator.add(leaky_relu());
  discriminator.add(layers::Flatten{});
  discriminator.outputs = {discriminator.add(layers::Dense{.units = 1, .weight_init = normal}, {}, "logit")};
  return discriminator;
}

}  // namespace

GanNetworks simple_gan(const GanShape& shape) {
  check(shape);
  require_no_classes(shape, "simple");
  Description generator = generator_of(shape);
  for (const std::int64_t units : {256, 512, 1024}) {
    generator.add(layers::Dense{.units = units});
    generator.add(leaky_relu());
  }
  add_dense_image(generator, shape.image);

  Description discriminator = discriminator_of(shape);
  discriminator.add(layers::Flatten{});
  discriminator.add(layers::Dense{.units = 256});
  discriminator.add(leaky_relu());
  discriminator.add(layers::Dropout{.rate = 0.3});
  discriminator.outputs = {discriminator.add(layers::Dense{.units = 1}, {}, "logit")};
  return {.generator = std::move(generator), .discriminator = std::move(discriminator)};
}

GanNetworks dcgan(const GanShape& shape) {
  check(shape);
  require_no_classes(shape, "dcgan");
  Description generator = generator_of(shape);
  generator.add(layers::Dense{.units = 128 * 5 * 5, .activation = Activation::kRelu});
  generator.add(layers::Reshape{.shape = {128, 5, 5}});
  for (const std::int64_t channels : {64, 32, 16}) {
    generator.add(layers::Upsample{});
    generator.add(layers::Conv2d{
        .out_channels = channels, .kernel_size = {5}, .padding = Padding::same(), .activation = Activation::kRelu});
  }
  generator.add(layers::Flatten{});
  add_dense_image(generator, shape.image);

  Description discriminator = discriminator_of(shape);
  discriminator.add(layers::Conv2d{.out_channels = 64, .kernel_size = {5}, .padding = Padding::same()});
  discriminator.add(leaky_relu());
  discriminator.add(layers::MaxPool2d{});
  discriminator.add(layers::Flatten{});
  discriminator.outputs = {discriminator.add(layers::Dense{.units = 1}, {}, "logit")};
  return {.generator = std::move(generator), .discriminator = std::move(discriminator)};
}

GanNetworks conditional_gan(const GanShape& shape) {
  check(shape);
  return {.generator = convolutional_generator(shape),
          .discriminator = convolutional_discriminator(shape, /*normalize=*/true)};
}

GanNetworks wasserstein_gan(const GanShape& shape) {
  check(shape);
  return {.generator = convolutional_generator(shape),
          .discriminator = convolutional_discriminator(shape, /*normalize=*/false)};
}

}  // namespace ludus::nn
