// A small MLP with a flat parameter vector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "agents/search/flat_policy.h"
#include "nn/layers/mlp_options.h"

namespace ludus::agents {

/// Linear layers x ← f(W x + b) with the activation f, except on the last layer. Parameters: for every layer W (outputs
/// x inputs), then b, in the order of torch.nn.Linear. Box actions are squashed into their bounds, low + (high - low)
/// (1 + tanh(output)) / 2. Computed in float by the kernels of nn/core.
class MlpPolicy final : public FlatPolicy {
 public:
  /// Throws NotApplicable, naming `algorithm`, for other observation or action spaces, or actions without finite
  /// bounds; InvalidArgument unless every width of `hidden` is at least 1.
  MlpPolicy(const EnvSignature& facts, const std::vector<std::int64_t>& hidden, nn::Activation activation,
            std::string_view algorithm);

  std::size_t parameter_count() const override { return parameter_count_; }
  std::vector<double> draw(Generator& generator) const override;
  void choose(std::span<const double> parameters, std::span<const float> observation, std::size_t i,
              envs::ActionBatch& out) const override;
  nn::ExportedPolicy export_policy(std::span<const double> parameters) const override;

 private:
  nn::Activation activation_;
  std::vector<std::int64_t> widths_;  // inputs, hidden widths, outputs
  std::size_t parameter_count_ = 0;
};

}  // namespace ludus::agents
