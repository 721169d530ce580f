// The MLP: one autograd node on the CPU, torch's operators elsewhere. Both paths give the same
// results.
#pragma once

#include <torch/nn/module.h>

#include <cstddef>
#include <span>
#include <vector>

#include "nn/layers/mlp_kernels.h"
#include "nn/layers/mlp_options.h"

namespace ludus::nn {

/// A chain of Linear layers with activations. The parameters are those of the layers, in a list: "layers.0.weight"
/// (outputs x inputs), "layers.0.bias" (outputs), "layers.1.weight", …
class Mlp : public torch::nn::Module {
 public:
  /// Draws the weights from `generator` (init.h makes one from a seed), layer by layer, weight before bias. Throws
  /// InvalidArgument for options that validate() refuses.
  Mlp(const MlpOptions& options, at::Generator& generator);

  const MlpOptions& options() const { return options_; }

  /// Maps (… x inputs) to (… x outputs), differentiable in the input and the parameters, also twice. For float tensors
  /// on the CPU, forward and backward are one node each, whose backward computes only the gradients that are needed.
  /// Throws InvalidArgument if the last extent of `input` is not the number of inputs.
  at::Tensor forward(const at::Tensor& input) const;

  /// forward() for inference: without autograd and, in float on the CPU, without torch and (after the first call of a
  /// size on a thread) without allocation. `rows` is (n x inputs), `out` (n x outputs), both row-major in host memory,
  /// on whatever device the network is. Safe to call from several threads while the weights do not change. Throws
  /// InvalidArgument for spans of other lengths.
  void act(std::span<const float> rows, std::size_t n, std::span<float> out) const;

 protected:
  /// Returns weight and bias of layer 0, of layer 1, … as forward() applies them: the parameters, or tensors that a
  /// derived class computes from them and stores in `storage`.
  virtual at::TensorList weights(std::vector<at::Tensor>& storage) const;

  /// Weight and bias of layer 0, of layer 1, …
  const std::vector<at::Tensor>& layer_parameters() const { return parameters_; }

 private:
  bool uses_cpu_kernels() const;  // float parameters on the CPU

  MlpOptions options_;
  std::vector<at::Tensor> parameters_;
};

}  // namespace ludus::nn
