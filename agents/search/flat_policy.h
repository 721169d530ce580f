// Policies with a flat parameter vector, the search space of the search algorithms.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "agents/core/policy.h"
#include "base/range.h"
#include "base/rng.h"
#include "nn/layers/mlp_options.h"

namespace ludus::nn {
struct ActionDecoder;
struct FeatureOptions;
}  // namespace ludus::nn

namespace ludus::agents {

/// The input of a policy: the numbers of a Box observation, or the one-hot encoding of a Discrete one.
class FlatInput {
 public:
  /// Throws NotApplicable, naming `algorithm`, for other observation spaces.
  FlatInput(const EnvSignature& facts, std::string_view algorithm);

  std::size_t size() const { return size_; }
  bool one_hot() const { return one_hot_; }
  std::size_t hot(std::span<const float> observation) const;  // index of the 1, if one_hot()
  nn::FeatureOptions features() const;

 private:
  bool one_hot_ = false;
  std::int64_t first_ = 0;  // of a Discrete observation space
  std::size_t size_ = 0;
};

/// Conversion of a policy's outputs to an action:
///   Discrete of 2 actions:  one output; the second action if it is ≥ 0, else the first
///   Discrete of n actions:  n outputs; the action with the highest output, the first of equals
///   Box:                    one output per action dimension, clipped to the bounds
class FlatOutput {
 public:
  /// Throws NotApplicable, naming `algorithm`, for other action spaces.
  FlatOutput(const EnvSignature& facts, std::string_view algorithm);

  std::size_t size() const { return size_; }
  bool is_box() const { return !low_.empty(); }
  const std::vector<float>& low() const { return low_; }  // of a Box, else empty
  const std::vector<float>& high() const { return high_; }

  /// Returns what write() does; `squashed`: for Box actions, from outputs in [-1, 1] instead of unbounded ones.
  nn::ActionDecoder decoder(bool squashed) const;
  /// Resizes `out` to n actions.
  void resize(std::size_t n, envs::ActionBatch& out) const;
  /// Writes row i of `out`, the action for `outputs` (size()).
  void write(std::span<const double> outputs, std::size_t i, envs::ActionBatch& out) const;

 private:
  std::size_t size_ = 0;
  std::int64_t first_action_ = 0;
  std::vector<float> low_, high_;
};

class FlatPolicy {
 public:
  virtual ~FlatPolicy() = default;

  virtual std::size_t parameter_count() const = 0;

  /// Returns random initial parameters: uniform in ±1/√(inputs of the layer), as torch.nn.Linear.
  virtual std::vector<double> draw(Generator& generator) const = 0;

  /// Returns the policy with these parameters as data; weights are rounded to float.
  virtual nn::ExportedPolicy export_policy(std::span<const double> parameters) const = 0;

  /// Resizes `out` to n actions, to be filled by choose().
  void resize(std::size_t n, envs::ActionBatch& out) const { output_.resize(n, out); }
  /// Writes row i of `out`, the action under `parameters` (parameter_count) for one `observation` (observation_size).
  virtual void choose(std::span<const double> parameters, std::span<const float> observation, std::size_t i,
                      envs::ActionBatch& out) const = 0;

  /// Computes all n rows of `observations` (n x observation_size), row i with parameters_of(i).
  template <class ParametersOf>
  void choose_each(ParametersOf parameters_of, std::span<const float> observations, std::size_t n,
                   envs::ActionBatch& out) const {
    resize(n, out);
    const std::size_t size = n == 0 ? 0 : observations.size() / n;
    for (std::size_t i = 0; i < n; ++i) choose(parameters_of(i), observations.subspan(i * size, size), i, out);
  }
  /// As above, with one parameter vector for all rows.
  void choose_all(std::span<const double> parameters, std::span<const float> observations, std::size_t n,
                  envs::ActionBatch& out) const {
    choose_each([&](std::size_t) { return parameters; }, observations, n, out);
  }

 protected:
  FlatPolicy(const EnvSignature& facts, std::string_view algorithm)
      : input_(facts, algorithm), output_(facts, algorithm) {}

  FlatInput input_;
  FlatOutput output_;
};

/// The architecture of a policy, as part of a configuration.
struct FlatPolicyConfig {
  std::vector<std::int64_t> hidden = {};
  nn::Activation activation = nn::Activation::kRelu;
  bool bias = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("hidden", self.hidden, at_least(1), "widths of the hidden layers; empty: a linear policy");
    visit("activation", self.activation, one_of(nn::kActivationNames), "activation of the hidden layers");
    visit("bias", self.bias, "a linear policy has a bias term");
  }
};

/// Returns a LinearPolicy without hidden layers, otherwise an MlpPolicy, which always has biases. Throws NotApplicable,
/// naming `algorithm`, for unsupported spaces, and InvalidArgument for widths below 1.
std::shared_ptr<const FlatPolicy> make_flat_policy(const EnvSignature& facts, const FlatPolicyConfig& config,
                                                   std::string_view algorithm);

}  // namespace ludus::agents
