// Proximal policy optimisation: several passes over each rollout, with updates kept close to the data-collecting
// policy.
//
// Source: J. Schulman et al., "Proximal Policy Optimization Algorithms" (2017, arXiv:1707.06347), algorithm 1 and
// equation 7; advantages: J. Schulman et al. 2016 (arXiv:1506.02438). Implementation details: S. Huang et al.,
// Ontañón 2022.
//
// Deviations from the paper, all common and as in Stable-Baselines3: separate MLPs for policy and value; advantages are
// normalised per minibatch; gradients are clipped by their norm; orthogonal initialisation; Adam's epsilon is 1e-5;
// optional clipping of the value function (clip_range_vf), around its old value and without the maximum of OpenAI's
// implementation; truncated episodes bootstrap. Defaults are Stable-Baselines3's.
#pragma once

#include "agents/deep/rollout_agent.h"

namespace ludus::agents {

/// Metrics of one update of PPO.
struct PpoMetrics : UpdateMetrics {
  std::optional<double> approx_kl = {}, clip_fraction = {}, clip_range = {}, clip_range_vf = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("train/approx_kl", self.approx_kl, "approximate KL divergence from the policy of the rollout, nats");
    visit("train/clip_fraction", self.clip_fraction, "fraction of probability ratios outside the clip range");
    visit("train/clip_range", self.clip_range, "current clip range");
    visit("train/clip_range_vf", self.clip_range_vf, "current clip range of the value function");
    UpdateMetrics::fields(self, visit);
  }
};

class Ppo final : public RolloutAgent {
 public:
  struct Config : ActorCriticConfig {
    Config() { normalize_advantages = true; }
    std::int64_t n_steps = 2048;
    std::int64_t batch_size = 64;
    std::int64_t n_epochs = 10;
    double gae_lambda = 0.95;
    runs::Schedule clip_range = 0.2;
    std::optional<runs::Schedule> clip_range_vf = {};
    std::optional<double> target_kl = {};
    double adam_epsilon = 1e-5;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("n_steps", self.n_steps, at_least(1), "steps of each environment between two updates");
      visit("batch_size", self.batch_size, at_least(1), "minibatch size; the last minibatch of a pass may be smaller");
      visit("n_epochs", self.n_epochs, at_least(1), "passes over the rollout in an update");
      visit("gae_lambda", self.gae_lambda, between(0, 1),
            "λ of generalised advantage estimation: 0 is one-step TD, 1 is Monte Carlo");
      visit("clip_range", self.clip_range, above(0).at_most(1).schedule_may_touch_low(),
            "clip range ε of the probability ratio: a number or a schedule");
      visit("clip_range_vf", self.clip_range_vf, above(0).schedule_may_touch_low(),
            "clip range of the value function, a number or a schedule; null: no clipping");
      visit("target_kl", self.target_kl, above(0),
            "an update stops early at an approximate KL divergence above 1.5 times this; null: never");
      visit("adam_epsilon", self.adam_epsilon, above(0), "Adam's ε, added to the root of the mean squared gradient");
      ActorCriticConfig::fields(self, visit);
    }
  };

  /// Throws NotApplicable unless the action space is Discrete, MultiDiscrete, MultiBinary or a Box of floating-point
  /// numbers.
  Ppo(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  std::string_view algorithm() const override { return "ppo"; }
  Dict config() const override;
  std::vector<std::string> metric_names() const override;

 private:
  struct Batch;
  struct Totals;

  void learn(const replay::Trajectory& steps) override;
  Batch whole_rollout(const replay::Trajectory& steps) const;
  // One gradient step; returns false if the policy has moved beyond the KL limit.
  bool learn_from(const Batch& batch, Totals& totals);

  Config config_;
};

}  // namespace ludus::agents
