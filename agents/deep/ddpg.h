// Deep deterministic policy gradient: a policy a = μ(s) follows the slope of a critic that learns from a replay memory.
//
// Source: T. P. Lillicrap et al., "Continuous control with deep reinforcement learning" (ICLR 2016, arXiv:1509.02971),
// algorithm 1; the gradient: D. Silver et al., "Deterministic Policy Gradient Algorithms" (ICML 2014).
//
// Deviations from the paper, all of them Stable-Baselines3's: one learning rate for actor and critic (1e-3), no L2 penalty
// on the critic, τ 0.005 (0.001), batches of 256 (64), the action joins the critic at its first layer, the last layers
// begin like all others; an episode that was truncated is bootstrapped. Ours: the noise is the paper's process with
// Stable-Baselines3's time step, or normal noise of deviation 0.1, which is the default.
#pragma once

#include "agents/deep/deterministic_agent.h"

namespace ludus::agents {

class Ddpg final : public DeterministicAgent {
 public:
  struct Config : ContinuousConfig {
    Config() { noise.kind = ActionNoise::Kind::kNormal; }

    void check() const { ContinuousConfig::check("ddpg"); }  // throws InvalidArgument
  };

  // Throws InvalidArgument, and NotApplicable unless the actions are a bounded Box of reals.
  Ddpg(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const nn::TransitionBatch& batch, double learning_rate) override;

  Config config_;
};

}  // namespace ludus::agents
