#include "nn/generative/frechet.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/format.h"
#include "nn/layers/layer_parts.h"

namespace ludus::nn {
namespace {

using Matrix = Eigen::MatrixXd;

struct Moments {
  Eigen::VectorXd mean;
  Matrix covariance;
};

Moments moments_of(const Array& vectors) {
  using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Rows> rows(vectors.data<float>().data(), vectors.shape()[0], vectors.shape()[1]);
  Matrix centered = rows.cast<double>();
  const Eigen::VectorXd mean = centered.colwise().mean();
  centered.rowwise() -= mean.transpose();
  return {.mean = mean, .covariance = centered.transpose() * centered / static_cast<double>(vectors.shape()[0] - 1)};
}

// The square root of a symmetric matrix without negative eigenvalues; those of rounding count as 0.
Matrix root(const Matrix& matrix) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(matrix);
  return solver.eigenvectors() * solver.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal() *
         solver.eigenvectors().transpose();
}

}  // namespace

double frechet_distance(const Array& first, const Array& second) {
  for (const Array* vectors : {&first, &second}) {
    if (vectors->shape().rank() != 2 || vectors->shape()[1] != first.shape()[1]) {
      throw ShapeMismatch(formatted("Fréchet distance: both sets must be (n, features), got {} and {}",
                                    first.shape().to_string(), second.shape().to_string()));
    }
    if (vectors->shape()[0] < 2) {
      throw InvalidArgument(
          formatted("Fréchet distance: a set must have at least 2 vectors, got {}", vectors->shape()[0]));
    }
    for (const float number : vectors->data<float>()) {
      if (!std::isfinite(number)) {
        throw InvalidArgument(formatted("Fréchet distance: features must be finite, got {}", number));
      }
    }
  }
  const Moments a = moments_of(first), b = moments_of(second);
  // (Σ₁ Σ₂)^½ has the trace of (Σ₁^½ Σ₂ Σ₁^½)^½, which is symmetric
  const Matrix half = root(a.covariance);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(half * b.covariance * half, Eigen::EigenvaluesOnly);
  const double cross = solver.eigenvalues().cwiseMax(0).cwiseSqrt().sum();
  // rounding may leave less than 0 for equal sets
  return std::max(0.0, (a.mean - b.mean).squaredNorm() + a.covariance.trace() + b.covariance.trace() - 2 * cross);
}

}  // namespace ludus::nn
