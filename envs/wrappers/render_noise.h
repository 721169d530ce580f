// Pictures that are hard to see.
#pragma once

#include "envs/core/wrapper.h"
#include "envs/wrappers/pixels.h"

namespace ludus::envs {

// render() gives the painted scene with noise, as a scene that is these pixels: put AddRenderObservation around it. Noise
// is drawn from the environment's generator, as Gymnasium's is: looking at such an environment changes its future.
class RenderNoise : public Wrapper {
 public:
  Scene render() const override;

 protected:
  RenderNoise(EnvPtr env, WrapperSpec self, Painter paint, bool is_noise_grayscale)
      : Wrapper(std::move(env), std::move(self)), paint_(std::move(paint)), gray_(is_noise_grayscale) {}

  // Which pixels are noise: (height x width), row-major, drawn before or after the noise itself.
  virtual std::vector<bool> hidden(std::size_t height, std::size_t width, Generator& random) const = 0;
  virtual bool draws_mask_first() const = 0;

  const Painter& painter() const { return paint_; }
  bool is_noise_grayscale() const { return gray_; }

 private:
  Painter paint_;
  bool gray_;
};

// Every pixel is white noise with a probability.
class AddWhiteNoise final : public RenderNoise {
 public:
  // Throws InvalidArgument unless 0 <= probability < 1.
  AddWhiteNoise(EnvPtr env, Painter paint, double probability_of_noise_per_pixel, bool is_noise_grayscale = false);

 protected:
  std::vector<bool> hidden(std::size_t height, std::size_t width, Generator& random) const override;
  bool draws_mask_first() const override { return false; }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  double probability_;
};

// Square patches of white noise, as many as would cover that share of the picture if none lay over another.
class ObstructView final : public RenderNoise {
 public:
  // `obstruction_width`: side of a patch, pixels. Throws InvalidArgument unless 0 <= ratio < 1 and the width >= 1.
  ObstructView(EnvPtr env, Painter paint, double obstructed_pixels_ratio, std::int64_t obstruction_width,
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
