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

#include "agents/deep/actor_critic.h"
#include "replay/rollout.h"

namespace ludus::agents {

class Ppo final : public ActorCriticAgent {
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
      visit("n_steps", self.n_steps, "steps of each environment between two updates");
      visit("batch_size", self.batch_size, "minibatch size; the last minibatch of a pass may be smaller");
      visit("n_epochs", self.n_epochs, "passes over the rollout in an update");
      visit("gae_lambda", self.gae_lambda, "λ of generalised advantage estimation: 0 is one-step TD, 1 is Monte Carlo");
      visit("clip_range", self.clip_range, "clip range ε of the probability ratio: a number or a schedule");
      visit("clip_range_vf", self.clip_range_vf,
            "clip range of the value function, a number or a schedule; null: no clipping");
      visit("target_kl", self.target_kl,
            "an update stops early at an approximate KL divergence above 1.5 times this; null: never");
      visit("adam_epsilon", self.adam_epsilon, "Adam's ε, added to the root of the mean squared gradient");
      shared_fields(self, visit);
    }
    void check() const;  // throws InvalidArgument
  };

  /// Throws NotApplicable unless the action space is Discrete, MultiDiscrete, MultiBinary or a Box of floating-point
  /// numbers.
  Ppo(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  std::string_view algorithm() const override { return "ppo"; }
  Dict config() const override;
  void update() override;
  std::int64_t first_update_step() const override { return config_.n_steps * static_cast<std::int64_t>(num_envs_); }
  void restart_episodes() override {
    ActorCriticAgent::restart_episodes();
    rollout_.clear();
  }
  std::vector<std::string> metric_names() const override;
  void write_state(StateWriter& visit) const override {
    ActorCriticAgent::write_state(visit);
    visit("rollout", rollout_);
  }
  void read_state(StateReader& visit) override {
    ActorCriticAgent::read_state(visit);
    visit("rollout", rollout_);
  }

 private:
  struct Batch;
  struct Totals;

  void remember(const replay::StepRows& step) override { rollout_.add(step); }
  Batch whole_rollout() const;
  // One gradient step; returns false if the policy has moved beyond the KL limit.
  bool learn_from(const Batch& batch, Totals& totals);

  Config config_;
  replay::Rollout rollout_;
};

}  // namespace ludus::agents
