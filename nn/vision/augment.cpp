#include "nn/vision/augment.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"

namespace ludus::vision {
namespace {

double random_factor(double change, Generator& random) {
  return random.uniform(std::max(0.0, 1.0 - change), 1.0 + change);
}

// NumPy's standard_gamma for shape > 1: Marsaglia and Tsang (2000).
double standard_gamma(double shape, Generator& random) {
  const double b = shape - 1.0 / 3.0, c = 1.0 / std::sqrt(9 * b);
  while (true) {
    double x, v;
    do {
      x = random.standard_normal();
      v = 1.0 + c * x;
    } while (v <= 0.0);
    v = v * v * v;
    const double u = random.random();
    if (u < 1.0 - 0.0331 * (x * x) * (x * x)) return b * v;
    if (std::log(u) < 0.5 * x * x + b * (1.0 - v + std::log(v))) return b * v;
  }
}

// a ← λ a + (1 - λ) b over the rows, where b is the row of the permutation.
Array mixed(const Array& rows, const std::vector<std::int64_t>& partners, float weight) {
  Array result = rows;
  const std::size_t row = partners.empty() ? 0 : rows.size() / partners.size();
  const auto in = rows.data<float>();
  const auto out = result.data<float>();
  for (std::size_t i = 0; i < partners.size(); ++i) {
    const std::size_t partner = static_cast<std::size_t>(partners[i]) * row;
    for (std::size_t k = 0; k < row; ++k) {
      out[i * row + k] = weight * in[i * row + k] + (1.0f - weight) * in[partner + k];
    }
  }
  return result;
}

}  // namespace

Array augment(const Array& image, const Augmentation& options, Generator& random) {
  check_fields(options, "augmentation");
  check_image(image, "augment");
  const ImageSize size = size_of(image);
  Array result = image;
  if (options.padding > 0) {
    const std::int64_t p = options.padding;
    result = random_crop(pad(result, p, p, p, p), size, random);
  }
  if (options.min_area < 1) result = random_resized_crop(result, size, options.min_area, random);
  if (options.horizontal_flip > 0 && random.random() < options.horizontal_flip) result = flip_horizontal(result);
  if (options.vertical_flip > 0 && random.random() < options.vertical_flip) result = flip_vertical(result);
  if (options.brightness > 0) result = adjust_brightness(result, random_factor(options.brightness, random));
  if (options.contrast > 0) result = adjust_contrast(result, random_factor(options.contrast, random));
  if (options.saturation > 0) result = adjust_saturation(result, random_factor(options.saturation, random));
  if (options.hue > 0) result = adjust_hue(result, random.uniform(-options.hue, options.hue));
  return result;
}

Array random_resized_crop(const Array& image, ImageSize size, double min_area, Generator& random, Filter filter) {
  check_image(image, "random_resized_crop");
  if (!(min_area > 0 && min_area <= 1)) {
    throw InvalidArgument(formatted("random_resized_crop: min_area must be above 0 and at most 1, got {}", min_area));
  }
  constexpr int kAttempts = 10;
  const ImageSize whole = size_of(image);
  const double area = static_cast<double>(whole.height) * static_cast<double>(whole.width);
  const double log_ratio = std::log(4.0 / 3.0);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const double target = area * random.uniform(min_area, 1.0);
    const double ratio = std::exp(random.uniform(-log_ratio, log_ratio));
    const auto width = static_cast<std::int64_t>(std::nearbyint(std::sqrt(target * ratio)));
    const auto height = static_cast<std::int64_t>(std::nearbyint(std::sqrt(target / ratio)));
    if (width < 1 || height < 1 || width > whole.width || height > whole.height) continue;
    const std::int64_t top = random.integers(whole.height - height + 1);
    const std::int64_t left = random.integers(whole.width - width + 1);
    return resize(crop(image, top, left, {.height = height, .width = width}), size, filter);
  }
  const double ratio = static_cast<double>(whole.width) / static_cast<double>(whole.height);
  ImageSize part = whole;
  if (ratio < 3.0 / 4.0)
    part.height = static_cast<std::int64_t>(std::nearbyint(static_cast<double>(whole.width) / 0.75));
  if (ratio > 4.0 / 3.0)
    part.width = static_cast<std::int64_t>(std::nearbyint(static_cast<double>(whole.height) * 4 / 3));
  return resize(center_crop_or_pad(image, part), size, filter);
}

double symmetric_beta(double alpha, Generator& random) {
  if (!(alpha > 0) || !std::isfinite(alpha)) {
    throw InvalidArgument(formatted("symmetric_beta: alpha must be above 0, got {}", alpha));
  }
  if (alpha > 1) {
    const double a = standard_gamma(alpha, random), b = standard_gamma(alpha, random);
    return a / (a + b);
  }
  while (true) {  // Jöhnk (1964)
    const double u = random.random(), v = random.random();
    const double x = std::pow(u, 1.0 / alpha), y = std::pow(v, 1.0 / alpha);
    if (x + y > 1.0 || u + v <= 0.0) continue;
    if (x + y > 0) return x / (x + y);
    double log_x = std::log(u) / alpha, log_y = std::log(v) / alpha;
    const double log_max = std::max(log_x, log_y);
    log_x -= log_max;
    log_y -= log_max;
    return std::exp(log_x - std::log(std::exp(log_x) + std::exp(log_y)));
  }
}

MixedBatch mix_up(const Array& images, const Array& targets, double alpha, Generator& random) {
  if (images.dtype() != DType::kFloat32 || targets.dtype() != DType::kFloat32 || images.shape().rank() < 2 ||
      targets.shape().rank() != 2 || images.shape()[0] != targets.shape()[0]) {
    throw TypeMismatch(
        formatted("mix_up: images and targets must be float32 of shapes (N, …) and (N, classes), got {} {} "
                  "and {} {}; see to_float() and one_hot()",
                  ludus::name_of(images.dtype()), images.shape().to_string(), ludus::name_of(targets.dtype()),
                  targets.shape().to_string()));
  }
  const double weight = symmetric_beta(alpha, random);
  const std::vector<std::int64_t> partners = random.permutation(images.shape()[0]);
  const auto lambda = static_cast<float>(weight);
  return {.images = mixed(images, partners, lambda), .targets = mixed(targets, partners, lambda), .weight = weight};
}

Array one_hot(const Array& labels, std::int64_t classes) {
  if (labels.dtype() != DType::kInt64 || labels.shape().rank() != 1) {
    throw TypeMismatch(formatted("one_hot: labels must be int64 of shape (N), got {} of shape {}",
                                 ludus::name_of(labels.dtype()), labels.shape().to_string()));
  }
  Array result(DType::kFloat32, Shape{labels.shape()[0], classes});
  const auto out = result.data<float>();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::int64_t label = labels.data<std::int64_t>()[i];
    if (label < 0 || label >= classes) {
      throw InvalidArgument(formatted("one_hot: labels must be at least 0 and below {}, got {}", classes, label));
    }
    out[i * static_cast<std::size_t>(classes) + static_cast<std::size_t>(label)] = 1.0f;
  }
  return result;
}

}  // namespace ludus::vision
