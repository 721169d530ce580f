// The network Q(s, ·) of value-based agents, with optional dueling streams, noisy layers and distributional outputs.
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nn/layers/mlp_options.h"
#include "nn/networks/feature_options.h"

namespace ludus::nn {

class FeatureExtractor;
class Mlp;
class NoisyMlp;

struct QNetworkOptions {
  FeatureOptions features = {};
  MlpOptions mlp = {};       // the layers after the features; inputs and outputs are ignored
  std::int64_t actions = 0;  // number of actions
  std::int64_t atoms = 1;    // outputs per action: 1, its value; else logits or quantiles of its return
  /// Z. Wang et al., "Dueling Network Architectures for Deep Reinforcement Learning" (ICML 2016, arXiv:1511.06581),
  /// equation 9: Q(s, a) = V(s) + A(s, a) − mean_a' A(s, a'), for each atom. V and A have separate copies of the last
  /// hidden layer; the layers before it are shared.
  bool dueling = false;
  std::optional<double> noise = {};  // σ₀: makes every layer after the features noisy (nn/layers/noisy_mlp.h)

  /// Throws InvalidArgument unless actions and atoms are positive.
  void validate() const;
};

/// The parameters are "features…" and "mlp…"; of a dueling network "features…", "torso…", "value…" and "advantage…".
class QNetwork : public torch::nn::Module {
 public:
  /// Draws the weights from `generator`. Throws InvalidArgument.
  QNetwork(const QNetworkOptions& options, at::Generator& generator);

  const QNetworkOptions& options() const { return options_; }

  /// Maps (n x row_size) to (n x actions x atoms), differentiable.
  at::Tensor forward(const at::Tensor& rows) const;

  /// forward() for inference, as Mlp::act: `rows` is (n x row_size), `out` (n x actions x atoms).
  void act(std::span<const float> rows, std::size_t n, std::span<float> out) const;

  /// Size and values of the noise of all layers, as in NoisyMlp; the size is 0 if the layers are not noisy.
  std::int64_t noise_size() const;
  void set_noise(std::span<const float> normals);

 private:
  // Registers an MLP, noisy if the options say so, with the layers of options_.mlp except for these arguments.
  std::shared_ptr<Mlp> add(const std::string& name, std::int64_t inputs, std::vector<std::int64_t> hidden,
                           std::int64_t outputs, Activation output_activation, at::Generator& generator);

  QNetworkOptions options_;
  std::shared_ptr<FeatureExtractor> features_;
  std::shared_ptr<Mlp> mlp_;                // null if dueling
  std::shared_ptr<Mlp> torso_;              // null if the streams start at the features
  std::shared_ptr<Mlp> value_, advantage_;  // the streams; null unless dueling
  std::vector<NoisyMlp*> noisy_;            // the noisy ones of these modules
};

}  // namespace ludus::nn
