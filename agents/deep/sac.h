// Soft actor-critic: a stochastic policy that earns much while staying as random as it can.
//
// Sources: T. Haarnoja et al., "Soft Actor-Critic Algorithms and Applications" (2018, arXiv:1812.05905), algorithm 1, with
// the temperature α learnt; smooth exploration: A. Raffin, J. Kober and F. Stulp, "Smooth Exploration for Robotic
// Reinforcement Learning" (CoRL 2021, arXiv:2005.05719).
//
// Deviations from the paper, all of them Stable-Baselines3's: log α is what is learnt, and steps by the loss
// −log α · mean(log π + H̄); 100 random steps (10,000 in most of the paper's tasks); an episode that was truncated is
// bootstrapped. Ours: the target follows at every `target_update_interval`-th gradient step, counted over the whole
// training and not within one round, where an interval beside 1 would have no effect on rounds of one step.
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
      visit("entropy_coefficient", self.entropy_coefficient,
            "α, the worth of entropy: \"auto\" (learnt, from 1), \"auto_0.1\" (learnt, from 0.1), a number or a "
            "schedule");
      visit("target_entropy", self.target_entropy,
            "the entropy that a learnt α holds the policy to: \"auto\" (minus the numbers in an action), a number or a "
            "schedule");
      visit("target_update_interval", self.target_update_interval, "gradient steps between two updates of the targets");
      visit("use_sde", self.use_sde, "generalised state-dependent exploration: noise that is a function of the state");
      visit("sde_sample_freq", self.sde_sample_freq,
            "steps after which that function is drawn anew; -1: only at the start of each train_freq steps");
      visit("use_sde_at_warmup", self.use_sde_at_warmup, "explore by it, not uniformly, before learning begins");
      visit("log_std_init", self.log_std_init, "log of the deviations of that function's weights, at first");
    }
    void check() const;  // throws InvalidArgument
  };

  // Throws InvalidArgument, and NotApplicable unless the actions are a bounded Box of reals.
  Sac(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);
  ~Sac() override;

  double entropy_coefficient() const;  // α as it is now
  double target_entropy() const;       // H̄

 private:
  struct Networks;  // torch stays in the source file

  void choose(std::span<const float> observations, std::size_t n, bool deterministic, Generator& generator,
              std::span<float> actions) override;
  void explore(std::span<const float> observations, std::span<float> actions) override;
  bool warms_up_at_random() const override { return !(config_.use_sde && config_.use_sde_at_warmup); }
  void learn(const nn::TransitionBatch& batch, double learning_rate) override;
  const nn::Critics& critics() const override;
  void policy_state(StateWriter& visit) const override;
  void policy_state(StateReader& visit) override;
  void network_state(StateWriter& visit) const override;
  void network_state(StateReader& visit) override;

  Config config_;
  std::unique_ptr<Networks> networks_;
};

}  // namespace ludus::agents
