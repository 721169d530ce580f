// Images and networks of the zoo on one core: photographs decoded, resized and preprocessed in a second, and inference
// beside the same networks written with libtorch's operators.
//
//   vision_bench            throughput, by Google Benchmark
//   vision_bench --ratio    SqueezeNet and MobileNetV2 against plain operators, alternately, so that other work on the
//                           machine slows both; median CPU time and its ratio
#include <ATen/ATen.h>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>

#include "nn/core/threads.h"
#include "nn/core/torch_compat.h"
#include "nn/io/image_file.h"
#include "nn/model/build.h"
#include "nn/model/fold_batch_norm.h"
#include "nn/vision/transforms.h"
#include "nn/vision/zoo/mobilenet.h"
#include "nn/vision/zoo/squeezenet.h"
#include "nn/vision/zoo/zoo.h"

namespace ludus {
namespace {

// A smooth image with noise, which compresses like a photograph.
Array photograph(std::int64_t height, std::int64_t width) {
  Generator random(1);
  Array image(DType::kUInt8, Shape{height, width, 3});
  std::size_t i = 0;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const double value = 128 + 90 * std::sin(static_cast<double>(x * (c + 1) + y) / 25) + random.uniform(-15, 15);
        image.data<std::uint8_t>()[i++] = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
      }
    }
  }
  return image;
}

void DecodeJpeg(benchmark::State& state) {
  const std::string file = io::encode_jpeg(photograph(200, 300), 90);
  for (auto _ : state) benchmark::DoNotOptimize(io::decode_image(file));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(DecodeJpeg)->Unit(benchmark::kMillisecond);

void DecodePng(benchmark::State& state) {
  const std::string file = io::encode_png(photograph(200, 300));
  for (auto _ : state) benchmark::DoNotOptimize(io::decode_image(file));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(DecodePng)->Unit(benchmark::kMillisecond);

// Decoding, resizing and cropping to the input of MobileNetV2.
void DecodeAndPreprocess(benchmark::State& state) {
  const std::string file = io::encode_jpeg(photograph(200, 300), 90);
  const vision::Manifest manifest = vision::zoo::zoo_entry("mobilenet_v2_folded").manifest();
  for (auto _ : state) benchmark::DoNotOptimize(vision::preprocess(io::decode_image(file), manifest));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(DecodeAndPreprocess)->Unit(benchmark::kMillisecond);

// ---- the networks written with libtorch's operators ----

at::Tensor conv(const nn::Model& model, const std::string& name, const at::Tensor& x, std::int64_t stride,
                std::int64_t padding, std::int64_t groups = 1) {
  return at::conv2d(x, model.parameter(name + ".weight"), model.parameter(name + ".bias"), {stride, stride},
                    {padding, padding}, {1, 1}, groups);
}

at::Tensor plain_squeezenet(const nn::Model& model, at::Tensor x) {
  const auto pool = [](const at::Tensor& y) { return at::max_pool2d(y, {3, 3}, {2, 2}, {0, 0}, {1, 1}, true); };
  x = pool(conv(model, "conv1", x, 2, 0).relu_());
  for (int fire = 2; fire <= 9; ++fire) {
    const std::string name = "fire" + std::to_string(fire);
    const at::Tensor squeezed = conv(model, name + ".squeeze1x1", x, 1, 0).relu_();
    x = at::cat({conv(model, name + ".expand1x1", squeezed, 1, 0).relu_(),
                 conv(model, name + ".expand3x3", squeezed, 1, 1).relu_()},
                1);
    if (fire == 3 || fire == 5) x = pool(x);
  }
  return conv(model, "conv10", x, 1, 0).relu_().mean({2, 3});
}

at::Tensor plain_mobilenet(const nn::Model& model, const at::Tensor& image) {
  const auto relu6 = [](at::Tensor y) { return y.clamp_(0, 6); };
  // TensorFlow's padding at stride 2: nothing before, one after
  const auto padded = [](const at::Tensor& y) { return at::constant_pad_nd(y, {0, 1, 0, 1}); };
  at::Tensor x = relu6(conv(model, "stem", padded(image), 2, 0));
  for (int block = 0; block < 17; ++block) {
    const std::string name = "block" + std::to_string(block);
    const bool halves = block == 1 || block == 3 || block == 6 || block == 13;
    at::Tensor y = block == 0 ? x : relu6(conv(model, name + ".expand", x, 1, 0));
    const std::int64_t channels = y.size(1);
    y = relu6(halves ? conv(model, name + ".depthwise", padded(y), 2, 0, channels)
                     : conv(model, name + ".depthwise", y, 1, 1, channels));
    y = conv(model, name + ".project", y, 1, 0);
    x = y.sizes() == x.sizes() ? x + y : y;
  }
  x = relu6(conv(model, "head", x, 1, 0)).mean({2, 3}, true);
  return conv(model, "classifier", x, 1, 0).flatten(1);
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

// Prints the median CPU time of both for one image, after a check that they compute the same.
void compare(const char* name, const std::function<at::Tensor()>& ours, const std::function<at::Tensor()>& plain) {
  constexpr int kRounds = 41;
  const at::Tensor expected = plain();
  const double error = (ours() - expected).abs().max().item<double>() / expected.abs().max().item<double>();
  std::vector<double> times[2], ratios;
  for (int round = 0; round < kRounds; ++round) {
    const double begin = cpu_seconds();
    ours();
    const double middle = cpu_seconds();
    plain();
    const double end = cpu_seconds();
    times[0].push_back(middle - begin);
    times[1].push_back(end - middle);
    ratios.push_back((end - middle) / (middle - begin));
  }
  const auto median = [](std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + kRounds / 2, values.end());
    return values[kRounds / 2];
  };
  std::printf("%-34s ludus %6.1f ms, operators %6.1f ms, speed-up %.2f, largest difference %.1g\n", name,
              1e3 * median(times[0]), 1e3 * median(times[1]), median(ratios), error);
}

// Scales the weights of convolutions to He's variance, 2 / fan in from 1 / (3 fan in): with vanishing activations the
// outputs would agree whatever is computed.
nn::Model scaled_model(const nn::Description& network, Generator& random) {
  nn::Model model(network, random);
  for (const nn::NetworkParameter& parameter : nn::network_parameters(network)) {
    if (parameter.spec.shape.rank() == 4) model.parameter(parameter.name).mul_(std::sqrt(6.0));
  }
  return model;
}

int compare_networks() {
  nn::use_single_thread();
  const at::NoGradGuard no_gradient;
  Generator random(1);
  const at::Tensor image = at::linspace(-1, 1, 3 * 224 * 224).sin().reshape({1, 3, 224, 224});
  nn::Model squeezenet = scaled_model(vision::zoo::squeezenet1_1_caffe(), random);
  nn::Model mobilenet = scaled_model(vision::zoo::mobilenet_v2_folded(), random);
  compare(
      "SqueezeNet 1.1", [&] { return squeezenet.predict(image); }, [&] { return plain_squeezenet(squeezenet, image); });
  compare(
      "MobileNetV2, TensorFlow", [&] { return mobilenet.predict(image); },
      [&] { return plain_mobilenet(mobilenet, image); });

  nn::Model whole = scaled_model(vision::zoo::mobilenet_v2(), random);
  const nn::FoldedNetwork parts = nn::fold_batch_norm(whole.description(), whole.state());
  nn::Model folded(parts.description, random);
  folded.load_state(parts.parameters);
  compare(
      "MobileNetV2, folded against whole", [&] { return folded.predict(image); }, [&] { return whole.predict(image); });
  return 0;
}

}  // namespace
}  // namespace ludus

int main(int count, char** arguments) {
  if (count == 2 && std::strcmp(arguments[1], "--ratio") == 0) return ludus::compare_networks();
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
}
