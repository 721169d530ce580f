// Kernels of linear layers on the CPU, in float, without torch: forward and backward passes over plain arrays. Matrices
// are row-major; a batch is (rows x width).
//
// Products of many rows use the system's BLAS if the build detected one, else Eigen. Small batches use a kernel in
// mlp_kernels.cpp, because at these sizes the overhead of a BLAS call exceeds the cost of the product.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nn/layers/mlp_options.h"

namespace ludus::nn {

/// y = activation(W x + b)
struct DenseLayer {
  const float* weight;  // W: (outputs x inputs)
  const float* bias;    // b: (outputs)
  std::int64_t inputs;
  std::int64_t outputs;
  Activation activation;
};

/// Destinations for the gradients of a layer; null if not required.
struct DenseGradient {
  float* weight;  // (outputs x inputs)
  float* bias;    // (outputs)
};

/// output = activation(input Wᵀ + b) for every row: input (rows x inputs), output (rows x outputs).
void dense_forward(const DenseLayer& layer, const float* input, std::int64_t rows, float* output);

/// Returns the size of the buffer that mlp_forward() fills for mlp_backward(): rows times the sum of the hidden widths.
std::int64_t hidden_size(std::span<const DenseLayer> layers, std::int64_t rows);

/// Applies the layers in order. `input` is (rows x inputs of the first), `output` (rows x outputs of the last).
/// `hidden`, of hidden_size() numbers, receives the outputs of layer 0, then of layer 1, … Needs at least one layer.
void mlp_forward(std::span<const DenseLayer> layers, const float* input, std::int64_t rows, float* hidden,
                 float* output);

/// mlp_forward() for inference. `scratch` replaces `hidden` and grows as needed, so that only the first call of a size
/// allocates.
void mlp_infer(std::span<const DenseLayer> layers, const float* input, std::int64_t rows, float* output,
               std::vector<float>& scratch);

/// Backpropagates from the last layer to the first. `hidden` and `output` are those of mlp_forward(), `output_gradient`
/// is dL/doutput (rows x outputs of the last). For layer l, with δ = dL/dy ∘ activation'(y):
///   dL/dW = δᵀ x,   dL/db = sum of δ over the rows,   dL/dx = δ W
/// Gradients are overwritten, not accumulated. `gradients` has one entry per layer; `input_gradient` (rows x inputs of
/// the first) may be null.
void mlp_backward(std::span<const DenseLayer> layers, const float* input, std::int64_t rows, const float* hidden,
                  const float* output, const float* output_gradient, std::span<const DenseGradient> gradients,
                  float* input_gradient);

}  // namespace ludus::nn
