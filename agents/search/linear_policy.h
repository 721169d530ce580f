// Actions as a linear function of the observation.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "agents/search/flat_policy.h"

namespace ludus::agents {

/// With features f(o), the numbers of FlatInput and optionally a constant 1 at the end, output k of FlatOutput is
/// w_k·f. The parameter vector is the concatenation of the rows w_k.
class LinearPolicy final : public FlatPolicy {
 public:
  /// Throws NotApplicable, naming `algorithm`, for other observation or action spaces.
  LinearPolicy(const EnvSignature& facts, bool bias, std::string_view algorithm);

  std::size_t parameter_count() const override { return output_.size() * features_; }
  std::vector<double> draw(Generator& generator) const override;
  void choose(std::span<const double> parameters, std::span<const float> observation, std::size_t i,
              envs::ActionBatch& out) const override;
  nn::ExportedPolicy export_policy(std::span<const double> parameters) const override;

 private:
  double product(std::span<const double> weights, std::span<const float> observation) const;  // w·f

  bool bias_;
  std::size_t features_;
};

}  // namespace ludus::agents
