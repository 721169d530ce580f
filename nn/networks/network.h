// A feature extractor followed by an MLP.
#pragma once

#include <memory>

#include "nn/layers/mlp.h"
#include "nn/networks/feature_extractor.h"

namespace ludus::nn {

struct NetworkOptions {
  FeatureOptions features = {};
  std::int64_t extra_inputs = 0;  // columns appended to the features, such as the action of a critic Q(s, a)
  MlpOptions mlp = {};            // `inputs` is ignored, because it follows from the features
};

/// The parameters are "features…" and "mlp…".
class Network : public torch::nn::Module {
 public:
  /// Initialises the weights with `generator`, features first. Throws InvalidArgument.
  Network(const NetworkOptions& options, at::Generator& generator);

  /// Maps (n x row_size), and (n x extra_inputs) if there are any, to (n x outputs), differentiable.
  at::Tensor forward(const at::Tensor& rows) const;
  at::Tensor forward(const at::Tensor& rows, const at::Tensor& extra) const;

  /// forward() for inference, as Mlp::act: without autograd, and without torch for plain numbers on the CPU. `rows` is
  /// (n x row_size), `out` (n x outputs). Throws InvalidArgument for spans of other lengths, or if the network has
  /// extra inputs.
  void act(std::span<const float> rows, std::size_t n, std::span<float> out) const;

 private:
  std::shared_ptr<FeatureExtractor> features_;
  std::shared_ptr<Mlp> mlp_;
  std::int64_t extra_inputs_;
};

}  // namespace ludus::nn
