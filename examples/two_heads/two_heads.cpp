// One network with two softmax heads: the shape and the colour of what a small generated image shows. The losses are
// weighted, and each head has metrics of its own.
#include <ludus/base.h>
#include <ludus/data.h>
#include <ludus/nn/core/threads.h>
#include <ludus/nn/model/restore.h>
#include <ludus/nn/training/fit.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace data = ludus::data;
namespace nn = ludus::nn;
namespace layers = ludus::nn::layers;
using ludus::Array;
using ludus::DType;
using ludus::Shape;

namespace {

constexpr std::int64_t kSize = 16;  // pixels
constexpr std::int64_t kPixels = kSize * kSize;

bool is_inside(int shape, std::int64_t x, std::int64_t y) {
  switch (shape) {
    case 0: return x * x + y * y <= 25;                    // a disc
    case 1: return std::abs(x) <= 4 && std::abs(y) <= 4;   // a square
    default: return std::abs(x) <= 1 || std::abs(y) <= 1;  // a cross
  }
}

// Image i: a disc, a square or a cross in one of the three colours, somewhere in a noisy image (3, 16, 16).
data::Example image(std::uint64_t i, std::uint64_t seed) {
  ludus::Generator random(ludus::SeedSequence({static_cast<std::uint32_t>(seed)}, {static_cast<std::uint32_t>(i)}));
  const auto shape = static_cast<int>(random.integers(3));
  const std::int64_t colour = random.integers(3), column = random.integers(6, 10), row = random.integers(6, 10);
  Array pixels(DType::kFloat32, Shape{3, kSize, kSize});
  const std::span<float> values = pixels.data<float>();
  for (std::int64_t p = 0; p < 3 * kPixels; ++p) {
    const std::int64_t y = p % kPixels / kSize - row, x = p % kSize - column;
    const bool lit = p / kPixels == colour && std::max(std::abs(x), std::abs(y)) <= 5 && is_inside(shape, x, y);
    values[static_cast<std::size_t>(p)] = static_cast<float>((lit ? 0.8 : 0.0) + random.uniform(0, 0.2));
  }
  data::Example example;
  example["image"] = std::move(pixels);
  example["shape"] = std::int64_t{shape};
  example["colour"] = colour;
  return example;
}

data::Dataset images(std::uint64_t count, std::uint64_t seed) {
  return data::from_index(
      count, [seed](std::uint64_t i) { return image(i, seed); }, "images");
}

nn::Description two_heads() {
  nn::Description network{.name = "two_heads"};
  network.add_input("image", Shape{3, kSize, kSize});
  network.add(layers::Conv2d{.out_channels = 8, .padding = nn::Padding::same(), .activation = nn::Activation::kRelu});
  network.add(layers::MaxPool2d{});
  network.add(layers::Flatten{});
  const std::string features = network.add(layers::Dense{.units = 32, .activation = nn::Activation::kRelu});
  network.outputs = {network.add(layers::Dense{.units = 3}, {features}, "shape"),
                     network.add(layers::Dense{.units = 3}, {features}, "colour")};
  return network;
}

}  // namespace

int main(int argc, char** argv) {
  nn::use_single_thread();
  ludus::Generator random(1);
  nn::Model model(two_heads(), random);
  std::printf("%s\n", model.summary().to_string().c_str());

  // the shape is the harder task, so its loss counts more; "colour:f1" is a metric of one head alone
  const nn::FitOptions options{
      .epochs = 5,
      .losses = {{.weight = 2.0}, {.weight = 1.0}},
      .metrics = {"accuracy", "colour:f1"},
      .learning_rate = {.initial = 3e-3},
      .interface = {.outputs = {{.kind = nn::OutputKind::kClasses, .labels = {"disc", "square", "cross"}},
                                {.kind = nn::OutputKind::kClasses, .labels = {"red", "green", "blue"}}}}};
  nn::Fit fit(model, images(2000, 1).cache().shuffle(2000, 1).batch(32), options, images(500, 2).cache().batch(100));
  fit.run();
  for (const ludus::runs::Metrics& epoch : fit.history()) {
    std::printf("loss %.4f = 2 · %.4f + %.4f; validation: shape %.3f, colour %.3f\n", epoch.at("train/loss"),
                epoch.at("train/shape_loss"), epoch.at("train/colour_loss"), epoch.at("val/shape_accuracy"),
                epoch.at("val/colour_accuracy"));
  }
  const ludus::runs::Metrics test = nn::evaluate(model, images(500, 3).batch(100), options);
  std::printf("test: shape accuracy %.3f, colour accuracy %.3f, colour F1 %.3f\n", test.at("shape_accuracy"),
              test.at("colour_accuracy"), test.at("colour_f1"));

  // one file with the names of the classes, for `ludus predict` and `ludus model show`
  if (argc > 1) nn::write_bundle(argv[1], nn::to_bundle(model, options.interface));
}
