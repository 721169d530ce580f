// Normalisation layers of a description. This header does not include torch.
#pragma once

#include "nn/layers/layer_parts.h"

namespace ludus::nn::layers {

/// Batch normalisation over the channels of (channels, …) (Ioffe and Szegedy 2015, arXiv:1502.03167). Training uses the
/// statistics of the batch and updates the running ones, running ← (1 - momentum) running + momentum batch; inference
/// uses the running ones. Parameters: "weight" and "bias" (channels) if `affine`; buffers "running_mean", "running_var"
/// (channels, the unbiased variance) and "num_batches_tracked", as in torch.nn.BatchNorm2d.
struct BatchNorm {
  static constexpr std::string_view kKind = "batch_norm";

  double epsilon = 1e-5;
  double momentum = 0.1;
  bool affine = true;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("epsilon", self.epsilon, "added to the variance");
    visit("momentum", self.momentum, "weight of the batch in the running statistics");
    visit("affine", self.affine, "whether a learned scale and shift follow");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes inputs) const;

  friend bool operator==(const BatchNorm&, const BatchNorm&) = default;
};

/// Layer normalisation over the last `dimensions` axes (Ba, Kiros and Hinton 2016, arXiv:1607.06450). Parameters:
/// "weight" and "bias" (of those axes) if `affine`, as in torch.nn.LayerNorm.
struct LayerNorm {
  static constexpr std::string_view kKind = "layer_norm";

  std::int64_t dimensions = 1;
  double epsilon = 1e-5;
  bool affine = true;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("dimensions", self.dimensions, "number of axes, from the last, that are normalised together");
    visit("epsilon", self.epsilon, "added to the variance");
    visit("affine", self.affine, "whether a learned scale and shift follow");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes inputs) const;

  friend bool operator==(const LayerNorm&, const LayerNorm&) = default;
};

/// Group normalisation of (channels, …) (Wu and He 2018, arXiv:1803.08494): the channels of a group are normalised
/// together, in every example. Parameters: "weight" and "bias" (channels) if `affine`, as in torch.nn.GroupNorm.
struct GroupNorm {
  static constexpr std::string_view kKind = "group_norm";

  std::int64_t groups = 32;
  double epsilon = 1e-5;
  bool affine = true;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("groups", self.groups, "number of groups of channels");
    visit("epsilon", self.epsilon, "added to the variance");
    visit("affine", self.affine, "whether a learned scale and shift follow");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes inputs) const;

  friend bool operator==(const GroupNorm&, const GroupNorm&) = default;
};

/// x ∘ w + b with learned constants that are broadcast from the right, as in NumPy: `shape` (channels, 1, 1) for a
/// number for each channel of an image, () for one number, the shape of the input for one each. Preprocessing (x -
/// mean) / std is this layer with w = 1 / std and b = -mean / std. Parameters: "weight" if `scale` and "bias" if
/// `bias`, both of `shape`.
struct Affine {
  static constexpr std::string_view kKind = "affine";

  std::vector<std::int64_t> shape = {};
  bool scale = true;
  bool bias = true;
  Initializer weight_init = Initializer::ones();
  Initializer bias_init = Initializer::zeros();

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("shape", self.shape, "shape of the constants, broadcast from the right to that of an example");
    visit("scale", self.scale, "whether the input is multiplied by a weight");
    visit("bias", self.bias, "whether a bias is added");
    visit("weight_init", self.weight_init, "initialiser of the weight");
    visit("bias_init", self.bias_init, "initialiser of the bias");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes inputs) const;

  friend bool operator==(const Affine&, const Affine&) = default;
};

at::Tensor forward(const BatchNorm& layer, const ForwardArguments& arguments);
at::Tensor forward(const LayerNorm& layer, const ForwardArguments& arguments);
at::Tensor forward(const GroupNorm& layer, const ForwardArguments& arguments);
at::Tensor forward(const Affine& layer, const ForwardArguments& arguments);

}  // namespace ludus::nn::layers
