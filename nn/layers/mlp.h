// The MLP module: one autograd node on the CPU, torch's operators elsewhere, with the same results.
#pragma once

#include <torch/nn/module.h>

#include <cstddef>
#include <span>
#include <vector>

#include "nn/layers/mlp_kernels.h"
#include "nn/layers/mlp_options.h"

namespace ludus::nn {

/// Applies a chain of dense layers: `parameters` are weight (outputs x inputs) and bias (outputs) of layer 0, of layer
/// 1, …, `activations` has one entry a layer. Maps (… x inputs) to (… x outputs), twice differentiable in the input and
/// the parameters. With `fused`, float tensors on the CPU run through the kernels of mlp_kernels.h as one autograd
/// node, if every activation has a backward kernel or no gradient is required; torch's operators give the same result
/// otherwise.
at::Tensor apply_dense_layers(const at::Tensor& input, at::TensorList parameters,
                              const std::vector<Activation>& activations, bool fused = true);

/// A sequence of Linear layers with activations. The parameters are those of the layers: "layers.0.weight" (outputs x
/// inputs), "layers.0.bias" (outputs), "layers.1.weight", …
class Mlp : public torch::nn::Module {
 public:
  /// Initialises the weights with `generator` (init.h creates one from a seed), layer by layer, weight before bias.
  /// Throws InvalidArgument for options that validate() rejects.
  Mlp(const MlpOptions& options, at::Generator& generator);

  const MlpOptions& options() const { return options_; }

  /// Maps (… x inputs) to (… x outputs), twice differentiable in the input and the parameters. For float tensors on the
  /// CPU, forward and backward are one node each, and the backward pass computes only the required gradients. Throws
  /// InvalidArgument if the last dimension of `input` is not the number of inputs.
  at::Tensor forward(const at::Tensor& input) const;

  /// forward() for inference, without autograd. In float on the CPU it does not use torch, and allocates only on a
  /// thread's first call of a size. `rows` is (n x inputs), `out` (n x outputs), both row-major in host memory,
  /// whatever the device of the network. Thread-safe while the weights do not change. Throws InvalidArgument for spans
  /// of other lengths.
  void act(std::span<const float> rows, std::size_t n, std::span<float> out) const;

 protected:
  /// Returns weight and bias of layer 0, of layer 1, … as used by forward(): the parameters, or tensors that a derived
  /// class computes from them and stores in `storage`.
  virtual at::TensorList weights(std::vector<at::Tensor>& storage) const;

  /// Returns weight and bias of layer 0, of layer 1, …
  const std::vector<at::Tensor>& layer_parameters() const { return parameters_; }

 private:
  bool uses_cpu_kernels() const;  // float parameters on the CPU

  MlpOptions options_;
  std::vector<Activation> activations_;  // of layer 0, of layer 1, …
  std::vector<at::Tensor> parameters_;
};

}  // namespace ludus::nn
