// Soft actor-critic: a maximum-entropy off-policy actor-critic.
//
// Sources: T. Haarnoja et al., "Soft Actor-Critic Algorithms and Applications" (2018, arXiv:1812.05905), algorithm 1,
// with the temperature α learnt; smooth exploration: A. Raffin, J. Kober and F. Stulp, "Smooth Exploration for Robotic
// Reinforcement Learning" (CoRL 2021, arXiv:2005.05719).
//
// Deviations from the paper, all as in Stable-Baselines3: log α is learnt, with the loss −log α · mean(log π + H̄); 100
// random steps (10,000 in most of the paper's tasks); truncated episodes bootstrap. Different from Stable-Baselines3:
// the target networks are updated at every `target_update_interval`-th gradient step of the whole training, not of one
// round, where an interval other than 1 would have no effect on rounds of one step.
#pragma once

#include <memory>

#include "agents/deep/auto_schedule.h"
#include "agents/deep/continuous_agent.h"

namespace ludus::agents {

class Sac final : public ContinuousAgent {
 public:
  struct Config : ContinuousConfig {
    AutoSchedule entropy_coefficient = {};
    AutoSchedule target_entropy = {};
    std::int64_t target_update_interval = 1;
    bool use_sde = false;
    std::int64_t sde_sample_freq = -1;
    bool use_sde_at_warmup = false;
    double log_std_init = -3;

    Config() {
      learning_rate = 3e-4;
      hidden = {256, 256};
    }

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      ContinuousConfig::fields(self, visit);
      visit(
          "entropy_coefficient", self.entropy_coefficient, at_least(0),
          "entropy coefficient α: \"auto\" (learnt, from 1), \"auto_0.1\" (learnt, from 0.1), a number or a schedule");
      visit("target_entropy", self.target_entropy, finite_number(),
            "target entropy of a learnt α: \"auto\" (minus the number of action dimensions), a number or a schedule");
      visit("target_update_interval", self.target_update_interval, at_least(1),
            "gradient steps between two updates of the target networks");
      visit("use_sde", self.use_sde,
            "generalised state-dependent exploration (gSDE): the noise is a function of the state");
      visit("sde_sample_freq", self.sde_sample_freq, at_least(1).or_value(-1),
            "steps between two samples of gSDE's exploration matrix; -1: one per train_freq steps");
      visit("use_sde_at_warmup", self.use_sde_at_warmup,
            "gSDE instead of uniformly random actions before training starts");
      visit("log_std_init", self.log_std_init, finite_number(),
            "initial log standard deviation of gSDE's exploration matrix");
    }
    /// Throws InvalidArgument for values of "auto" that have no meaning, and for use_sde without a hidden layer.
    void check() const;
  };

  /// Throws InvalidArgument, and NotApplicable unless the action space is a bounded Box of floating-point numbers.
  Sac(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);
  ~Sac() override;

  double entropy_coefficient() const;  // the current α
  double target_entropy() const;       // H̄

 private:
  struct Networks;  // keeps torch out of this header

  void choose(std::span<const float> observations, std::size_t n, std::span<const float> noise,
              std::span<float> actions) const override;
  std::size_t noise_size() const override { return action_size(); }
  void explore(std::span<const float> observations, std::span<float> actions) override;
  bool warms_up_at_random() const override { return !(config_.use_sde && config_.use_sde_at_warmup); }
  void learn(const nn::TransitionBatch& batch, double learning_rate) override;
  std::string add_actor(nn::PolicyGraph& graph) const override;
  NamedArrays actor_parameters() const override;
  const nn::Critics& critics() const override;
  void policy_state(StateWriter& visit) const override;
  void policy_state(StateReader& visit) override;
  void network_state(StateWriter& visit) const override;
  void network_state(StateReader& visit) override;

  Config config_;
  std::unique_ptr<Networks> networks_;
};

}  // namespace ludus::agents
