#include "nn/generative/latents.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/format.h"
#include "nn/layers/layer_parts.h"

namespace ludus::nn {

Array latent_vectors(std::int64_t count, std::int64_t size, Latent distribution, Generator& random) {
  Array vectors(DType::kFloat32, Shape{count, size});
  for (float& number : vectors.data<float>()) {
    number =
        distribution == Latent::kUniform ? static_cast<float>(random.uniform(-1, 1)) : random.standard_normal_float32();
  }
  return vectors;
}

Array interpolated(const Array& ends, std::int64_t steps, Latent distribution) {
  if (steps < 2) throw InvalidArgument(formatted("interpolation: steps must be at least 2, got {}", steps));
  if (ends.shape().rank() != 2 || ends.shape()[0] != 2) {
    throw ShapeMismatch(
        formatted("interpolation: ends must be two vectors, (2, size), got {}", ends.shape().to_string()));
  }
  const auto size = static_cast<std::size_t>(ends.shape()[1]);
  const std::span<const float> from = ends.data<float>().first(size), to = ends.data<float>().last(size);
  double dot = 0, from_square = 0, to_square = 0;
  for (std::size_t k = 0; k < size; ++k) {
    dot += static_cast<double>(from[k]) * to[k];
    from_square += static_cast<double>(from[k]) * from[k];
    to_square += static_cast<double>(to[k]) * to[k];
  }
  const double lengths = std::sqrt(from_square * to_square);
  const double angle = lengths > 0 ? std::acos(std::clamp(dot / lengths, -1.0, 1.0)) : 0.0;
  // parallel vectors have no great circle of their own
  const bool straight = distribution == Latent::kUniform || std::sin(angle) < 1e-6;

  Array path(DType::kFloat32, Shape{steps, ends.shape()[1]});
  const std::span<float> numbers = path.data<float>();
  for (std::int64_t i = 0; i < steps; ++i) {
    const double t = static_cast<double>(i) / static_cast<double>(steps - 1);
    const double a = straight ? 1 - t : std::sin((1 - t) * angle) / std::sin(angle);
    const double b = straight ? t : std::sin(t * angle) / std::sin(angle);
    for (std::size_t k = 0; k < size; ++k) {
      numbers[static_cast<std::size_t>(i) * size + k] = static_cast<float>(a * from[k] + b * to[k]);
    }
  }
  return path;
}

std::vector<Array> to_images(const Array& batch) {
  const Shape& shape = batch.shape();
  if (shape.rank() != 4 || shape[1] < 1 || shape[1] > 4) {
    throw ShapeMismatch(formatted("images must be (n, 1 to 4 channels, height, width), got {}", shape.to_string()));
  }
  const auto channels = static_cast<std::size_t>(shape[1]), pixels = static_cast<std::size_t>(shape[2] * shape[3]);
  std::vector<Array> images;
  std::span<const float> rest = batch.data<float>();
  for (std::int64_t i = 0; i < shape[0]; ++i) {
    Array image(DType::kUInt8, Shape{shape[2], shape[3], shape[1]});
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t p = 0; p < pixels; ++p) {
        const double level = (static_cast<double>(rest[c * pixels + p]) + 1) * 127.5;
        // NaN becomes 0
        image.data<std::uint8_t>()[p * channels + c] =
            static_cast<std::uint8_t>(level > 0 ? std::lround(std::min(level, 255.0)) : 0);
      }
    }
    images.push_back(std::move(image));
    rest = rest.subspan(channels * pixels);
  }
  return images;
}

}  // namespace ludus::nn
