// A network over observations: what looks at them, and a perceptron behind it.
#pragma once

#include <memory>

#include "nn/networks/feature_extractor.h"
#include "nn/layers/mlp.h"

namespace ludus::nn {

struct NetworkOptions {
  FeatureOptions features;
  std::int64_t extra_inputs = 0;  // numbers that join the features from elsewhere: the action of a critic Q(s, a)
  MlpOptions mlp;                 // its `inputs` are not read: they follow from the features
};

class Network : public torch::nn::Module {
 public:
  // Draws the weights from `generator`, features first. Throws InvalidArgument.
  Network(const NetworkOptions& options, at::Generator& generator);

  // (n x row_size), and (n x extra_inputs) where there are some, to (n x outputs); differentiable.
  at::Tensor forward(const at::Tensor& rows) const;
  at::Tensor forward(const at::Tensor& rows, const at::Tensor& extra) const;

  // The same for inference, as Mlp::act: without autograd, and for plain numbers on the processor without torch.
  // `rows` is (n x row_size), `out` (n x outputs). Throws InvalidArgument if a length is not as said, or if the network
  // has extra inputs.
  void act(std::span<const float> rows, std::size_t n, std::span<float> out) const;

 private:
  std::shared_ptr<FeatureExtractor> features_;
  std::shared_ptr<Mlp> mlp_;
  std::int64_t extra_inputs_;
};

}  // namespace ludus::nn
