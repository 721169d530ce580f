// Quantile regression on the CPU, in float, without torch.
#pragma once

#include <cstdint>

namespace ludus::nn {

/// Computes, for each of `rows` rows of estimates θ (N) and samples y (M), with τ_i = (i + ½) / N and u = y_j − θ_i:
///
///   loss         = Σ_i mean_j |τ_i − 1{u < 0}| H(u),   H(u) = u² / 2 for |u| ≤ 1, else |u| − ½
///   gradient_i   = d loss / dθ_i = −mean_j |τ_i − 1{u < 0}| H'(u)
///
/// (W. Dabney et al. 2018, equation 10, κ = 1.) `quantiles` (rows x N), `samples` (rows x M), `losses` (rows),
/// `gradients` (rows x N). Computes both in one pass, without a matrix of all pairs.
void quantile_huber(const float* quantiles, const float* samples, std::int64_t rows, std::int64_t n, std::int64_t m,
                    float* losses, float* gradients);

}  // namespace ludus::nn
