/// @file
/// Noise in rendered images.
#pragma once

#include "envs/core/wrapper.h"
#include "envs/wrappers/pixels.h"

namespace ludus::envs {

/// Adds noise to the image that render() returns; combine it with AddRenderObservation to have noisy observations. The
/// noise is drawn from the environment's generator, as in Gymnasium, so rendering affects later steps.
class RenderNoise : public Wrapper {
 public:
  Scene render() const override;

 protected:
  RenderNoise(EnvPtr env, WrapperSpec self, SceneRenderer renderer, bool is_noise_grayscale)
      : Wrapper(std::move(env), std::move(self)), renderer_(std::move(renderer)), gray_(is_noise_grayscale) {}

  /// Selects the noisy pixels, (height x width), row-major; drawn before or after the noise itself.
  virtual std::vector<bool> hidden(std::size_t height, std::size_t width, Generator& random) const = 0;
  virtual bool draws_mask_first() const = 0;

  const SceneRenderer& scene_renderer() const { return renderer_; }
  bool is_noise_grayscale() const { return gray_; }

 private:
  SceneRenderer renderer_;
  bool gray_;
};

/// Replaces each pixel by white noise with the configured probability.
class AddWhiteNoise final : public RenderNoise {
 public:
  /// Throws InvalidArgument unless 0 <= probability < 1.
  AddWhiteNoise(EnvPtr env, SceneRenderer renderer, double probability_of_noise_per_pixel,
                bool is_noise_grayscale = false);

 protected:
  std::vector<bool> hidden(std::size_t height, std::size_t width, Generator& random) const override;
  bool draws_mask_first() const override { return false; }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  double probability_;
};

/// Covers the image with square patches of white noise, as many as would cover `obstructed_pixels_ratio` of it without
/// overlap.
class ObstructView final : public RenderNoise {
 public:
  /// `obstruction_width`: side of a patch, pixels. Throws InvalidArgument unless 0 <= ratio < 1 and the width >= 1.
  ObstructView(EnvPtr env, SceneRenderer renderer, double obstructed_pixels_ratio, std::int64_t obstruction_width,
               bool is_noise_grayscale = false);

 protected:
  std::vector<bool> hidden(std::size_t height, std::size_t width, Generator& random) const override;
  bool draws_mask_first() const override { return true; }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  double ratio_;
  std::int64_t side_;
};

}  // namespace ludus::envs
