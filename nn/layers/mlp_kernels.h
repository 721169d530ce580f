// The arithmetic of dense layers on the processor, in float, without torch: one pass forward and one back over plain
// memory. Matrices are row-major; a batch is (rows x width).
//
// Products of many rows go to the system's BLAS where the build found one, else to Eigen. A few rows are done by a
// kernel of our own, because at these sizes preparing a BLAS's blocks costs more than the product.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nn/layers/mlp_options.h"

namespace ludus::nn {

// y = activation(W x + b)
struct DenseLayer {
  const float* weight;  // W: (outputs x inputs)
  const float* bias;    // b: (outputs)
  std::int64_t inputs;
  std::int64_t outputs;
  Activation activation;
};

// Where a layer's gradients are written; null where nobody wants them.
struct DenseGradient {
  float* weight;  // (outputs x inputs)
  float* bias;    // (outputs)
};

// output = activation(input Wᵀ + b), for every row; input (rows x inputs), output (rows x outputs).
void dense_forward(const DenseLayer& layer, const float* input, std::int64_t rows, float* output);

// Numbers that mlp_forward() keeps for mlp_backward(): the outputs of all layers but the last, rows times the sum of
// the hidden widths.
std::int64_t hidden_size(std::span<const DenseLayer> layers, std::int64_t rows);

// All layers one after another. `input` (rows x inputs of the first), `hidden` hidden_size() numbers: the outputs of
// layer 0, then those of layer 1, …; `output` (rows x outputs of the last). Needs one layer at least.
void mlp_forward(std::span<const DenseLayer> layers, const float* input, std::int64_t rows, float* hidden,
                 float* output);

// The same for inference, where nothing need be kept: `scratch` is grown as needed, and no call after the first of one
// size allocates.
void mlp_infer(std::span<const DenseLayer> layers, const float* input, std::int64_t rows, float* output,
               std::vector<float>& scratch);

// The chain rule, from the last layer to the first, given what mlp_forward() left in `hidden` and `output` and
// dL/doutput in `output_gradient` (rows x outputs of the last). For layer l, with δ = dL/dy ∘ activation'(y):
//   dL/dW = δᵀ x,   dL/db = sum of δ over the rows,   dL/dx = δ W
// Gradients are written, not added; `gradients` has one entry a layer, and `input_gradient` (rows x inputs of the
// first) may be null.
void mlp_backward(std::span<const DenseLayer> layers, const float* input, std::int64_t rows, const float* hidden,
                  const float* output, const float* output_gradient, std::span<const DenseGradient> gradients,
                  float* input_gradient);

}  // namespace ludus::nn
