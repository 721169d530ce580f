// Activation layers of a description. Dense and convolution layers have an `activation` of their own, too. This header
// does not include torch.
#pragma once

#include "nn/layers/activation.h"
#include "nn/layers/layer_parts.h"

namespace ludus::nn::layers {

/// A function of the table in nn/layers/activation.h, applied to every element.
struct ActivationLayer {
  static constexpr std::string_view kKind = "activation";

  Activation function = Activation::kRelu;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("function", self.function, one_of(kActivationNames), "function of each element");
  }

  void check() const {}
  Shape output_shape(Shapes inputs) const { return single(inputs); }
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const ActivationLayer&, const ActivationLayer&) = default;
};

/// x for x > 0, slope · x otherwise (Maas, Hannun and Ng 2013).
struct LeakyRelu {
  static constexpr std::string_view kKind = "leaky_relu";

  double slope = 0.01;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("slope", self.slope, "slope below zero");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const { return single(inputs); }
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const LeakyRelu&, const LeakyRelu&) = default;
};

/// x for x > 0, a · x otherwise, with a learned slope a (He et al. 2015, arXiv:1502.01852). Parameter: "weight", one
/// slope or one for each channel, as in torch.nn.PReLU.
struct Prelu {
  static constexpr std::string_view kKind = "prelu";

  bool per_channel = false;
  Initializer weight_init = Initializer::constant(0.25);

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("per_channel", self.per_channel, "a slope for each channel, the first axis, instead of one");
    visit("weight_init", self.weight_init, "initialiser of the slope");
  }

  void check() const {}
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes inputs) const;

  friend bool operator==(const Prelu&, const Prelu&) = default;
};

/// exp(x) / Σ exp(x) along an axis.
struct Softmax {
  static constexpr std::string_view kKind = "softmax";

  std::int64_t axis = -1;  // of an example, without the batch; negative from the end

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("axis", self.axis, "axis of an example, without the batch; negative from the end");
  }

  void check() const {}
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const Softmax&, const Softmax&) = default;
};

/// x - log Σ exp(x) along an axis.
struct LogSoftmax {
  static constexpr std::string_view kKind = "log_softmax";

  std::int64_t axis = -1;  // of an example, without the batch; negative from the end

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("axis", self.axis, "axis of an example, without the batch; negative from the end");
  }

  void check() const {}
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const LogSoftmax&, const LogSoftmax&) = default;
};

at::Tensor forward(const ActivationLayer& layer, const ForwardArguments& arguments);
at::Tensor forward(const LeakyRelu& layer, const ForwardArguments& arguments);
at::Tensor forward(const Prelu& layer, const ForwardArguments& arguments);
at::Tensor forward(const Softmax& layer, const ForwardArguments& arguments);
at::Tensor forward(const LogSoftmax& layer, const ForwardArguments& arguments);

}  // namespace ludus::nn::layers
