// The Fréchet distance between two sets of feature vectors, as a measure of generated images. This header does not
// include torch.
#pragma once

#include "base/array.h"

namespace ludus::nn {

/// Returns |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½) of two sets of vectors, (n x features) and (m x features), float32:
/// the squared Fréchet distance between normal distributions of their means and unbiased covariances (Dowson and Landau
/// 1982; Heusel et al. 2017, arXiv:1706.08500, equation 6). Computed in double. Throws ShapeMismatch for other shapes
/// and InvalidArgument for fewer than two vectors or numbers that are not finite.
double frechet_distance(const Array& first, const Array& second);

}  // namespace ludus::nn
