// The network Q(s, ·) of value-based agents, with what the years after 2015 added to it: two streams, noisy layers, and
// several numbers for each action in place of one.
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "nn/networks/feature_options.h"

namespace ludus::nn {

class FeatureExtractor;
class Mlp;
class NoisyMlp;

struct QNetworkOptions {
  FeatureOptions features;
  std::vector<std::int64_t> hidden;  // widths of the hidden layers behind the features, each with a rectifier
  std::int64_t actions = 0;
  std::int64_t atoms = 1;  // numbers for each action: 1, its value; else the logits or the quantiles of its return
  // Z. Wang et al., "Dueling Network Architectures for Deep Reinforcement Learning" (ICML 2016, arXiv:1511.06581),
  // equation 9: Q(s, a) = V(s) + A(s, a) − mean_a' A(s, a'), each atom for itself. The last hidden layer is there twice,
  // once for V and once for A; those before it are shared.
  bool dueling = false;
  std::optional<double> noise = {};  // σ₀: every dense layer behind the features is a noisy one (nn/layers/noisy_mlp.h)

  // Throws InvalidArgument.
  void validate() const;
};

// The parameters are called "features…" and "mlp…"; with two streams "torso…", "value…" and "advantage…".
class QNetwork : public torch::nn::Module {
 public:
  // Draws the weights from `generator`. Throws InvalidArgument.
  QNetwork(const QNetworkOptions& options, at::Generator& generator);

  const QNetworkOptions& options() const { return options_; }

  // (n x row_size) to (n x actions x atoms), differentiable.
  at::Tensor forward(const at::Tensor& rows) const;

  // The same for inference, as Mlp::act: `rows` is (n x row_size), `out` (n x actions x atoms).
  void act(std::span<const float> rows, std::size_t n, std::span<float> out) const;

  // Of the noisy layers, as NoisyMlp; 0 and nothing where there are none.
  std::int64_t noise_size() const;
  void set_noise(std::span<const float> normals);

 private:
  std::shared_ptr<Mlp> add(const std::string& name, std::int64_t inputs, std::vector<std::int64_t> hidden,
                           std::int64_t outputs, bool rectified, at::Generator& generator);

  QNetworkOptions options_;
  std::shared_ptr<FeatureExtractor> features_;
  std::shared_ptr<Mlp> mlp_;                // without streams
  std::shared_ptr<Mlp> torso_;              // none where the streams begin at the features
  std::shared_ptr<Mlp> value_, advantage_;  // the streams
  std::vector<NoisyMlp*> noisy_;            // those of the above that are
};

}  // namespace ludus::nn
