// Trains a multi-layer network on MNIST, or on any data set of the same form, and prints its accuracy on the test set.
//
//   mnist_mlp FOLDER [SEED] [EPOCHS]
//
// FOLDER holds train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and
// t10k-labels-idx1-ubyte.gz. Of the training images the last 5,000 are kept apart for validation; the test set is used
// once, at the end.
#include <ludus/base.h>
#include <ludus/data.h>
#include <ludus/nn/model/restore.h>
#include <ludus/nn/training/fit.h>
#include <ludus/runs.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace {

namespace data = ludus::data;
namespace nn = ludus::nn;
namespace layers = ludus::nn::layers;

constexpr std::uint64_t kValidation = 5000;

// Pixels from 0 to 255 as a vector of numbers from 0 to 1.
data::Example scaled(data::Example example) {
  const ludus::Array& pixels = example.array("image");
  ludus::Array numbers(ludus::DType::kFloat32, ludus::Shape{static_cast<std::int64_t>(pixels.size())});
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    numbers.data<float>()[i] = static_cast<float>(pixels.data<std::uint8_t>()[i]) / 255.0F;
  }
  example["image"] = std::move(numbers);
  return example;
}

data::Dataset images(const std::filesystem::path& folder, const std::string& name) {
  return data::from_idx(folder / (name + "-images-idx3-ubyte.gz"), folder / (name + "-labels-idx1-ubyte.gz"))
      .map(scaled, {.key = "scaled to 1"})
      .cache();
}

// 784-256-256-C with an L2 penalty on the weights.
nn::Description network(std::int64_t pixels, std::int64_t classes) {
  nn::Description description =
      nn::sequential(ludus::Shape{pixels}, {layers::Dense{.units = 256, .activation = nn::Activation::kRelu},
                                            layers::Dense{.units = 256, .activation = nn::Activation::kRelu},
                                            layers::Dense{.units = classes}});
  for (nn::Node& node : description.nodes) node.l2 = 1e-5;
  return description;
}

int train(const std::filesystem::path& folder, std::uint64_t seed, std::int64_t epochs) {
  const data::Dataset all = images(folder, "train"), test = images(folder, "t10k");
  const std::uint64_t training = all.size().value() - kValidation;
  const data::Dataset batches = all.take(training).shuffle(training, seed).batch(128).prefetch(4);
  const data::Dataset validation = all.skip(training).batch(1000);

  ludus::Generator random(seed);
  nn::Model model(network(784, 10), random);
  std::fputs(model.summary().to_string().c_str(), stdout);

  const nn::FitOptions options{
      .epochs = epochs,
      .inputs = {"image"},
      .targets = {"label"},
      .metrics = {"accuracy"},
      .learning_rate = {.schedule = "cosine", .initial = 1e-3, .warmup_steps = 200},
      .average_decay = 0.999,
  };
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  nn::Fit fit(model, batches, options, validation, seconds);
  fit.add(std::make_shared<ludus::runs::ProgressBar>(
      /*terminal=*/false, [](const std::string& text) { std::fputs(text.c_str(), stdout); }));
  fit.run();

  for (std::size_t epoch = 0; epoch < fit.history().size(); ++epoch) {
    const ludus::runs::Metrics& metrics = fit.history()[epoch];
    std::printf("epoch %zu: loss %.4f, accuracy %.4f, validation accuracy %.4f\n", epoch + 1, metrics.at("train/loss"),
                metrics.at("train/accuracy"), metrics.at("val/accuracy"));
  }
  fit.save_model("mnist_mlp.safetensors");
  const nn::LoadedModel averaged = nn::load_model("mnist_mlp.safetensors");
  const double accuracy = nn::evaluate(*averaged.model, test.batch(1000), options).at("accuracy");
  std::printf("seed %llu: test accuracy %.4f after %.0f s\n", static_cast<unsigned long long>(seed), accuracy,
              seconds());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: mnist_mlp FOLDER [SEED] [EPOCHS]\n", stderr);
    return 2;
  }
  try {
    return train(argv[1], argc > 2 ? std::stoull(argv[2]) : 0, argc > 3 ? std::stoll(argv[3]) : 15);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mnist_mlp: %s\n", error.what());
    return 2;
  }
}
