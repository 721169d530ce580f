// A policy and a value function over the same observations: the networks of REINFORCE, A2C and PPO.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "nn/networks/action_options.h"
#include "nn/core/distributions.h"
#include "nn/core/gsde.h"
#include "nn/networks/feature_extractor.h"
#include "nn/layers/mlp.h"

namespace ludus::nn {

struct ActorCriticOptions {
  FeatureOptions features;
  ActionOptions actions;
  std::vector<std::int64_t> actor_hidden;   // widths
  std::vector<std::int64_t> critic_hidden;  // widths
  Activation activation = Activation::kTanh;
  // Orthogonal weights with gains √2 in hidden layers, 0.01 at the head of the policy, so that it begins near uniform,
  // and 1 at the value's; false: torch's own uniform ones. The gains are Stable-Baselines3's.
  bool orthogonal = true;

  // Of reals: log σ begins here, and does not depend on the state; with `state_dependent_noise` it is the log σ of
  // generalised state-dependent exploration (nn/core/distributions.h), over the actor's last hidden layer, one for
  // each number of the action with `full_deviation`, else one for all.
  double log_deviation = 0.0;
  bool state_dependent_noise = false;
  bool full_deviation = true;

  // Throws InvalidArgument: also for state-dependent noise of actions that are not real, or of an actor without a
  // hidden layer.
  void validate() const;
};

// What looks at the observations is shared, the perceptrons behind it are apart. The parameters are called "features…",
// "actor…", "critic…" and "log_deviation"; with state-dependent noise the policy's last layer is "head…".
class ActorCritic : public torch::nn::Module {
 public:
  // Draws the weights from `generator`. Throws InvalidArgument.
  ActorCritic(const ActorCriticOptions& options, at::Generator& generator);

  const ActorCriticOptions& options() const { return options_; }

  // Of n observations (n x row_size) and actions (n x k); `masks` (n x outputs) of 0 and 1, or undefined. Each (n),
  // differentiable.
  struct ActionEvaluation {
    at::Tensor log_prob;  // log π(a|s)
    at::Tensor entropy;   // of π(·|s)
    at::Tensor value;     // V(s)
  };
  ActionEvaluation evaluate_actions(const at::Tensor& rows, const at::Tensor& actions, const at::Tensor& masks) const;

  // The following are for acting, on the processor's memory wherever the network lives, and without torch for plain
  // numbers on the processor. `rows` is (n x row_size).

  // V(s): `values` (n).
  void values(std::span<const float> rows, std::size_t n, std::span<float> values) const;

  // Actions (n x k). `noise` (n x k) draws them as draw_actions() does; empty: the most probable ones.
  void act(std::span<const float> rows, std::size_t n, std::span<const std::uint8_t> masks,
           std::span<const float> noise, std::span<float> actions) const;

  // With state-dependent noise: the mean, and the noise that the matrices Θ (n x m x k), one for each row, make.
  void explore(std::span<const float> rows, std::size_t n, std::span<const float> matrices,
               std::span<float> actions) const;
  // m, the width of the actor's last hidden layer.
  std::int64_t latent_size() const { return options_.actor_hidden.back(); }
  // n matrices Θ = σ ∘ noise from `noise` (n x m x k), which it overwrites.
  void scale_to_matrices(std::span<float> noise) const;

  // Mean of σ over all there are; without a value for actions that are not real.
  std::optional<double> mean_deviation() const;

 private:
  // The features of rows in plain memory: the rows themselves if they are plain numbers, else written to `out`.
  std::span<const float> look(std::span<const float> rows, std::size_t n, std::vector<float>& out) const;
  // The actor's last hidden layer (n x m) in `latents` if the noise asks for it; the policy's outputs in `outputs`.
  void infer(std::span<const float> rows, std::size_t n, std::vector<float>& latents,
             std::vector<float>& outputs) const;
  GsdeSizes gsde_sizes(std::size_t n) const;
  std::vector<float> deviations() const;  // σ: (k) or (m x k)

  ActorCriticOptions options_;
  std::shared_ptr<FeatureExtractor> features_;
  std::shared_ptr<Mlp> actor_;  // to the outputs; with state-dependent noise to its last hidden layer, and from there
  std::shared_ptr<Mlp> head_;   // the head goes on
  std::shared_ptr<Mlp> critic_;
  at::Tensor log_deviation_;  // (k), (m x k) or (m x 1); undefined for actions that are not real
};

}  // namespace ludus::nn
