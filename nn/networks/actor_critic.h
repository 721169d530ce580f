// A policy and a value function of the same observations: the networks of REINFORCE, A2C and PPO.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "nn/core/distributions.h"
#include "nn/core/gsde.h"
#include "nn/layers/mlp.h"
#include "nn/networks/action_options.h"
#include "nn/networks/feature_extractor.h"

namespace ludus::nn {

struct ActorCriticOptions {
  FeatureOptions features = {};
  /// The layers after the features; inputs, outputs and output_gain are ignored, `hidden` holds the actor's widths. The
  /// default initialisation is orthogonal with gain √2 in hidden layers, 0.01 in the actor's last layer, for a nearly
  /// uniform initial policy, and 1 in the critic's last layer, as in Stable-Baselines3.
  MlpOptions mlp = {.activation = Activation::kTanh, .initialisation = Initialisation::kOrthogonal};
  std::vector<std::int64_t> critic_hidden = {};  // widths of the critic's hidden layers
  ActionOptions actions = {};

  /// For continuous actions, the initial log σ, a parameter independent of the state. With `state_dependent_noise` it
  /// is the log σ of generalised state-dependent exploration (nn/core/gsde.h) over the actor's last hidden layer, one
  /// per action dimension with `full_std`, else shared by all.
  double log_std = 0.0;
  bool state_dependent_noise = false;
  bool full_std = true;

  /// Throws InvalidArgument for invalid options, including state-dependent noise for actions that are not continuous or
  /// for an actor without a hidden layer.
  void validate() const;
};

/// Shared feature extractor; separate actor and critic MLPs. The parameters are "features…", "actor…", "critic…" and
/// "log_std"; with state-dependent noise the policy's last layer is "head…".
class ActorCritic : public torch::nn::Module {
 public:
  /// Draws the weights from `generator`. Throws InvalidArgument.
  ActorCritic(const ActorCriticOptions& options, at::Generator& generator);

  const ActorCriticOptions& options() const { return options_; }

  /// Each (n), differentiable.
  struct ActionEvaluation {
    at::Tensor log_prob;  // log π(a|s)
    at::Tensor entropy;   // of π(·|s)
    at::Tensor value;     // V(s)
  };
  /// Evaluates n actions (n x k) in observations (n x row_size); `masks` (n x outputs) of 0 and 1, or undefined.
  ActionEvaluation evaluate_actions(const at::Tensor& rows, const at::Tensor& actions, const at::Tensor& masks) const;

  // For inference. Data are in host memory, whatever the device of the network; plain numbers on the CPU are evaluated
  // without torch. `rows` is (n x row_size).

  /// Writes V(s): `values` (n).
  void values(std::span<const float> rows, std::size_t n, std::span<float> values) const;

  /// Writes actions (n x k): sampled with `noise` (n x k) as in sample_actions(), or deterministic if `noise` is empty.
  void act(std::span<const float> rows, std::size_t n, std::span<const std::uint8_t> masks,
           std::span<const float> noise, std::span<float> actions) const;

  /// With state-dependent noise: writes mean + zᵀ Θ_i, with matrix Θ_i of `matrices` (n x m x k) for row i.
  void act_with_exploration(std::span<const float> rows, std::size_t n, std::span<const float> matrices,
                            std::span<float> actions) const;
  /// Returns m, the width of the actor's last hidden layer.
  std::int64_t latent_size() const { return options_.mlp.hidden.back(); }
  /// Θ = σ ∘ noise, in place, for any number of matrices (m x k).
  void scale_to_matrices(std::span<float> noise) const;

  /// Returns the mean of σ over all its elements; nullopt for actions that are not continuous.
  std::optional<double> mean_std() const;

 private:
  // Returns the features of `rows`: the rows themselves if they are plain numbers, else written to `out`.
  std::span<const float> extract_features(std::span<const float> rows, std::size_t n, std::vector<float>& out) const;
  // Writes the policy's outputs and, with state-dependent noise, the actor's last hidden layer (n x m) to `latents`.
  void infer(std::span<const float> rows, std::size_t n, std::vector<float>& latents,
             std::vector<float>& outputs) const;
  GsdeSizes gsde_sizes(std::size_t n) const;
  std::vector<float> sigma() const;  // σ: (k) or (m x k)

  ActorCriticOptions options_;
  std::shared_ptr<FeatureExtractor> features_;
  std::shared_ptr<Mlp> actor_;  // to the outputs; with state-dependent noise to the last hidden layer
  std::shared_ptr<Mlp> head_;   // with state-dependent noise, from the last hidden layer to the outputs; else null
  std::shared_ptr<Mlp> critic_;
  at::Tensor log_std_;  // (k), (m x k) or (m x 1); undefined for actions that are not continuous
};

}  // namespace ludus::nn
