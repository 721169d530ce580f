#include "nn/core/quantile_kernels.h"

#include <algorithm>
#include <numeric>

#include "nn/core/vector_clones.h"

namespace ludus::nn {
namespace {

// Eight partial sums, whatever the vector width of the CPU: the same rounding everywhere, and vectorisable.
constexpr std::int64_t kLanes = 8;

// For one estimate, adds the terms of Σ_j |τ − 1{u < 0}| H(u) and Σ_j |τ − 1{u < 0}| H'(u), u = y_j − θ, to the partial
// sums.
LUDUS_VECTOR_CLONES
void sum_pairs(const float* __restrict samples, std::int64_t m, float theta, float tau, float* __restrict loss,
               float* __restrict slope) {
  for (std::int64_t begin = 0; begin < m; begin += kLanes) {
    const std::int64_t lanes = std::min(kLanes, m - begin);
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      const float u = samples[begin + lane] - theta;
      const float weight = u < 0 ? 1 - tau : tau;
      const float clipped = std::min(std::max(u, -1.0f), 1.0f);  // H'(u); H(u) = H'(u) (u − H'(u) / 2)
      loss[lane] += weight * clipped * (u - 0.5f * clipped);
      slope[lane] += weight * clipped;
    }
  }
}

}  // namespace

void quantile_huber(const float* quantiles, const float* samples, std::int64_t rows, std::int64_t n, std::int64_t m,
                    float* losses, float* gradients) {
  const float share = 1.0f / static_cast<float>(m);
  for (std::int64_t row = 0; row < rows; ++row) {
    float row_loss = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      const float tau = (static_cast<float>(i) + 0.5f) / static_cast<float>(n);
      float loss[kLanes] = {}, slope[kLanes] = {};
      sum_pairs(samples + row * m, m, quantiles[row * n + i], tau, loss, slope);
      row_loss += share * std::accumulate(loss, loss + kLanes, 0.0f);
      gradients[row * n + i] = -share * std::accumulate(slope, slope + kLanes, 0.0f);
    }
    losses[row] = row_loss;
  }
}

}  // namespace ludus::nn
