// Latent vectors, and the images that a generator makes of them. This header does not include torch.
#pragma once

#include <cstdint>
#include <vector>

#include "base/array.h"
#include "base/rng.h"
#include "nn/generative/gan_options.h"

namespace ludus::nn {

/// Draws `count` latent vectors: float32 (count x size).
Array latent_vectors(std::int64_t count, std::int64_t size, Latent distribution, Generator& random);

/// Returns `steps` vectors from the first to the second of `ends`, float32 (2 x size), both included: along the
/// straight line (uniform), or along the great circle, with lengths in between (normal), where straight lines pass
/// through vectors that are too short (White 2016, arXiv:1609.04468). Throws InvalidArgument unless steps >= 2.
Array interpolated(const Array& ends, std::int64_t steps, Latent distribution);

/// Returns the images of a batch, (n, channels, height, width) in [-1, 1], as uint8 (height, width, channels), for
/// files and sheets. Numbers beyond are clipped. Throws ShapeMismatch for another shape, with 1 to 4 channels.
std::vector<Array> to_images(const Array& batch);

}  // namespace ludus::nn
