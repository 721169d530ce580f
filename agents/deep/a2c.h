// Advantage actor-critic: policy gradient steps with advantages from a value function, after every few steps of
// parallel environments.
//
// Source: V. Mnih et al., "Asynchronous Methods for Deep Reinforcement Learning" (ICML 2016, arXiv:1602.01783), section
// 4, with synchronous environments instead of asynchronous workers; advantages: J. Schulman et al. 2016
// (arXiv:1506.02438).
//
// Deviations from the paper, all as in Stable-Baselines3: synchronous; separate MLPs for policy and value; truncated
// episodes bootstrap; orthogonal initialisation. RMSprop adds its epsilon outside the square root, as torch does;
// TensorFlow, with which later work tuned its settings, adds it inside. Defaults are Stable-Baselines3's.
#pragma once

#include "agents/deep/rollout_agent.h"

namespace ludus::agents {

class A2c final : public RolloutAgent {
 public:
  struct Config : ActorCriticConfig {
    Config() { learning_rate = 7e-4; }
    std::int64_t n_steps = 5;
    double gae_lambda = 1.0;
    std::string optimizer = "rmsprop";
    double optimizer_epsilon = 1e-5;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("n_steps", self.n_steps, at_least(1), "steps of each environment between two updates");
      visit("gae_lambda", self.gae_lambda, between(0, 1),
            "λ of generalised advantage estimation: 0 is one-step TD, 1 is Monte Carlo");
      visit("optimizer", self.optimizer, one_of("rmsprop", "adam"), "optimiser of policy and value function");
      visit("optimizer_epsilon", self.optimizer_epsilon, above(0),
            "ε of the optimiser, added to the root of the mean squared gradient");
      ActorCriticConfig::fields(self, visit);
    }
  };

  /// Throws NotApplicable unless the action space is Discrete, MultiDiscrete, MultiBinary or a Box of floating-point
  /// numbers.
  A2c(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  std::string_view algorithm() const override { return "a2c"; }
  Dict config() const override;

 private:
  void learn(const replay::Trajectory& steps) override;

  Config config_;
};

}  // namespace ludus::agents
