#include "envs/wrappers/render_noise.h"

#include <algorithm>
#include <cmath>

#include "base/fields.h"
#include "base/format.h"

namespace ludus::envs {
namespace {

// White noise of `pixels` times red, green and blue, from 0 to 254; gray noise is the sum of three weighted draws.
std::vector<std::uint8_t> white_noise(std::size_t pixels, bool gray, Generator& random) {
  if (!gray) {
    const Array drawn = random.integers_array(0, 254, Shape{static_cast<std::int64_t>(3 * pixels)}, DType::kUInt8);
    const auto numbers = drawn.data<std::uint8_t>();
    return {numbers.begin(), numbers.end()};
  }
  // 255 times the weights 0.2989, 0.5870, 0.1140, cut to integers, which are just not reached
  constexpr std::uint8_t kHighest[] = {75, 148, 28};
  const std::vector<std::uint8_t> parts = random.integers_uint8(kHighest, pixels);
  std::vector<std::uint8_t> noise;
  noise.reserve(3 * pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    const auto sum = static_cast<std::uint8_t>(parts[3 * i] + parts[3 * i + 1] + parts[3 * i + 2]);
    noise.insert(noise.end(), 3, sum);
  }
  return noise;
}

}  // namespace

Scene RenderNoise::render() const {
  Array pixels = renderer_(inner().render());
  const auto height = static_cast<std::size_t>(pixels.shape()[0]), width = static_cast<std::size_t>(pixels.shape()[1]);
  Generator& random = mutable_inner().generator();

  // the order of the draws is Gymnasium's
  std::vector<bool> mask;
  if (draws_mask_first()) mask = hidden(height, width, random);
  const std::vector<std::uint8_t> noise = white_noise(height * width, gray_, random);
  if (!draws_mask_first()) mask = hidden(height, width, random);

  const auto out = pixels.data<std::uint8_t>();
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (mask[i / 3]) out[i] = noise[i];
  }
  return scene_of(std::move(pixels));
}

AddWhiteNoise::AddWhiteNoise(EnvPtr env, SceneRenderer renderer, double probability, bool is_noise_grayscale)
    : RenderNoise(std::move(env),
                  {"AddWhiteNoise",
                   {{"probability_of_noise_per_pixel", probability}, {"is_noise_grayscale", is_noise_grayscale}}},
                  std::move(renderer), is_noise_grayscale),
      probability_(probability) {
  check_field(probability, at_least(0).below(1), "AddWhiteNoise", "probability_of_noise_per_pixel");
}

std::vector<bool> AddWhiteNoise::hidden(std::size_t height, std::size_t width, Generator& random) const {
  std::vector<bool> mask(height * width);
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = random.random() < probability_;
  return mask;
}

std::unique_ptr<Wrapper> AddWhiteNoise::clone_around(EnvPtr env) const {
  return std::make_unique<AddWhiteNoise>(std::move(env), scene_renderer(), probability_, is_noise_grayscale());
}

ObstructView::ObstructView(EnvPtr env, SceneRenderer renderer, double ratio, std::int64_t side, bool is_noise_grayscale)
    : RenderNoise(std::move(env),
                  {"ObstructView",
                   {{"obstructed_pixels_ratio", ratio},
                    {"obstruction_width", side},
                    {"is_noise_grayscale", is_noise_grayscale}}},
                  std::move(renderer), is_noise_grayscale),
      ratio_(ratio),
      side_(side) {
  check_field(ratio, at_least(0).below(1), "ObstructView", "obstructed_pixels_ratio");
  check_field(side, at_least(1), "ObstructView", "obstruction_width");
}

std::vector<bool> ObstructView::hidden(std::size_t height, std::size_t width, Generator& random) const {
  const auto rows = static_cast<std::int64_t>(height), columns = static_cast<std::int64_t>(width);
  const double centers_ratio = ratio_ / static_cast<double>(side_ * side_);
  const auto patches = static_cast<std::int64_t>(static_cast<double>(rows * columns) * centers_ratio);
  std::vector<bool> mask(height * width);
  for (std::int64_t patch = 0; patch < patches; ++patch) {
    const std::int64_t center = random.integers(0, rows * columns);
    const std::int64_t top = center / columns - side_ / 2, left = center % columns - side_ / 2;
    for (std::int64_t y = std::max<std::int64_t>(top, 0); y < std::min(top + side_, rows); ++y) {
      for (std::int64_t x = std::max<std::int64_t>(left, 0); x < std::min(left + side_, columns); ++x) {
        mask[static_cast<std::size_t>(y * columns + x)] = true;
      }
    }
  }
  return mask;
}

std::unique_ptr<Wrapper> ObstructView::clone_around(EnvPtr env) const {
  return std::make_unique<ObstructView>(std::move(env), scene_renderer(), ratio_, side_, is_noise_grayscale());
}

}  // namespace ludus::envs
