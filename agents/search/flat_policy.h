// Policies whose parameters are one flat vector of numbers: what the searches search over.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "agents/core/policy.h"
#include "base/rng.h"
#include "nn/layers/mlp_options.h"

namespace ludus::agents {

// Which numbers a policy sees: those of a Box observation, or the one-hot form of a Discrete one.
class FlatInput {
 public:
  // Throws NotApplicable, naming `algorithm`, for other spaces of observations.
  FlatInput(const EnvSignature& facts, std::string_view algorithm);

  std::size_t size() const { return size_; }
  bool one_hot() const { return one_hot_; }
  std::size_t hot(std::span<const float> observation) const;  // which number is 1, if one_hot()

 private:
  bool one_hot_ = false;
  std::int64_t first_ = 0;  // of a Discrete observation space
  std::size_t size_ = 0;
};

// What a policy's outputs mean as an action:
//   Discrete of 2 actions:  one output; the second action if it is ≥ 0, else the first
//   Discrete of n actions:  n outputs; the action whose output is the greatest, the first of equals
//   Box:                    an output for every number of the action, kept within the bounds
class FlatOutput {
 public:
  // Throws NotApplicable, naming `algorithm`, for other spaces of actions.
  FlatOutput(const EnvSignature& facts, std::string_view algorithm);

  std::size_t size() const { return size_; }
  bool is_box() const { return !low_.empty(); }
  const std::vector<float>& low() const { return low_; }  // of a Box, else empty
  const std::vector<float>& high() const { return high_; }

  // Makes room for n actions.
  void resize(std::size_t n, Actions& out) const;
  // Writes row i of `out`, the action that `outputs` (size()) stand for.
  void write(std::span<const double> outputs, std::size_t i, Actions& out) const;

 private:
  std::size_t size_ = 0;
  std::int64_t first_action_ = 0;
  std::vector<float> low_, high_;
};

class FlatPolicy {
 public:
  virtual ~FlatPolicy() = default;

  virtual std::size_t parameter_count() const = 0;

  // Parameters to begin with other than zeros: of every layer uniform in ±1/√(its inputs), as torch.nn.Linear begins.
  virtual std::vector<double> draw(Generator& generator) const = 0;

  // Makes room for n actions, to be filled by choose().
  void resize(std::size_t n, Actions& out) const { output_.resize(n, out); }
  // Writes row i of `out`, the action under `parameters` (parameter_count) for one `observation` (observation_size).
  virtual void choose(std::span<const double> parameters, std::span<const float> observation, std::size_t i,
                      Actions& out) const = 0;

  // All n rows of `observations` (n x observation_size), row i under parameters_of(i).
  template <class ParametersOf>
  void choose_each(ParametersOf parameters_of, std::span<const float> observations, std::size_t n, Actions& out) const {
    resize(n, out);
    const std::size_t size = n == 0 ? 0 : observations.size() / n;
    for (std::size_t i = 0; i < n; ++i) choose(parameters_of(i), observations.subspan(i * size, size), i, out);
  }
  // The same under one vector of parameters.
  void choose_all(std::span<const double> parameters, std::span<const float> observations, std::size_t n,
                  Actions& out) const {
    choose_each([&](std::size_t) { return parameters; }, observations, n, out);
  }

 protected:
  FlatPolicy(const EnvSignature& facts, std::string_view algorithm)
      : input_(facts, algorithm), output_(facts, algorithm) {}

  FlatInput input_;
  FlatOutput output_;
};

// What a policy looks like, as part of a configuration.
struct FlatPolicyConfig {
  std::vector<std::int64_t> hidden = {};
  nn::Activation activation = nn::Activation::kRelu;
  bool bias = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("hidden", self.hidden, "widths of hidden layers; none: a linear policy");
    visit("activation", self.activation, nn::activation_help());
    visit("bias", self.bias, "whether a linear policy has a constant term beside the weights of the observation");
  }
};

// A LinearPolicy without hidden layers, else an MlpPolicy, which always has constant terms. Throws NotApplicable, naming
// `algorithm`, for spaces that do not fit, and InvalidArgument for widths below 1.
std::shared_ptr<const FlatPolicy> make_flat_policy(const EnvSignature& facts, const FlatPolicyConfig& config,
                                                   std::string_view algorithm);

}  // namespace ludus::agents
