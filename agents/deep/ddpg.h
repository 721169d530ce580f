// Deep deterministic policy gradient: a policy a = μ(s) ascends the gradient of a critic trained from a replay buffer.
//
// Source: T. P. Lillicrap et al., "Continuous control with deep reinforcement learning" (ICLR 2016, arXiv:1509.02971),
// algorithm 1; the gradient: D. Silver et al., "Deterministic Policy Gradient Algorithms" (ICML 2014).
//
// Deviations from the paper, all as in Stable-Baselines3: one learning rate for actor and critic (1e-3), no L2 penalty
// on the critic, τ 0.005 (0.001), batches of 256 (64), the action enters the critic at its first layer, the last layers
// are initialised like all others; truncated episodes bootstrap. Different from Stable-Baselines3: the noise is the
// paper's process with Stable-Baselines3's time step, or, by default, normal noise with standard deviation 0.1.
#pragma once

#include "agents/deep/deterministic_agent.h"

namespace ludus::agents {

class Ddpg final : public DeterministicAgent {
 public:
  struct Config : ContinuousConfig {
    Config() { noise.kind = ActionNoise::Kind::kNormal; }
  };

  /// Throws InvalidArgument, and NotApplicable unless the action space is a bounded Box of floating-point numbers.
  Ddpg(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const nn::TransitionBatch& batch, double learning_rate) override;

  Config config_;
};

}  // namespace ludus::agents
