// The multi-layer perceptron: on the processor one autograd node, elsewhere torch's operators. Callers never notice.
#pragma once

#include <torch/nn/module.h>

#include <cstddef>
#include <span>
#include <vector>

#include "nn/layers/mlp_kernels.h"
#include "nn/layers/mlp_options.h"

namespace ludus::nn {

// Dense layers with activations. Its parameters are named, shaped and initialised as those of torch.nn.Linear layers
// in a list: "layers.0.weight" (outputs x inputs), "layers.0.bias" (outputs), "layers.1.weight", …
class Mlp : public torch::nn::Module {
 public:
  // Draws the weights from `generator` (init.h makes one from a seed), layer by layer, weight before bias. Throws
  // InvalidArgument for options that validate() refuses.
  Mlp(const MlpOptions& options, at::Generator& generator);

  const MlpOptions& options() const { return options_; }

  // (… x inputs) to (… x outputs), differentiable in the input and the parameters, also twice. Where everything is
  // float on the processor, forward and backward are one node each, whose backward computes only the gradients that
  // are wanted. Throws InvalidArgument if the last extent of `input` is not the number of inputs.
  at::Tensor forward(const at::Tensor& input) const;

  // The same for inference, without autograd and, on the processor in float, without torch and (after the first call
  // of a size on a thread) without allocation. `rows` is (n x inputs), `out` (n x outputs), both row-major in the
  // processor's memory wherever the network lives. Any number of threads may call it at once, as long as nobody
  // changes the weights. Throws InvalidArgument if a length is not as said.
  void act(std::span<const float> rows, std::size_t n, std::span<float> out) const;

 protected:
  // Weight and bias of layer 0, of layer 1, … as the layers apply them: the parameters, or what a derived network makes of
  // them, in `room`.
  virtual at::TensorList weights(std::vector<at::Tensor>& room) const;

  const std::vector<at::Tensor>& own_parameters() const { return parameters_; }

 private:
  bool uses_cpu_kernels() const;  // float parameters on the processor

  MlpOptions options_;
  std::vector<at::Tensor> parameters_;  // weight and bias of layer 0, of layer 1, …: the registered ones
};

}  // namespace ludus::nn
