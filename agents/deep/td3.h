// Twin delayed deep deterministic policy gradient: DDPG with clipped double Q, delayed policy updates and target
// smoothing.
//
// Source: S. Fujimoto, H. van Hoof and D. Meger, "Addressing Function Approximation Error in Actor-Critic Methods"
// (ICML 2018, arXiv:1802.09477), algorithm 1.
//
// Deviations from the paper, all as in Stable-Baselines3: hidden layers of 400 and 300 (256 and 256), batches of 256
// (100), 100 random steps (25,000; 1,000 in easy tasks). Truncated episodes bootstrap, as in the paper's code; its
// algorithm does not mention them.
#pragma once

#include "agents/deep/deterministic_agent.h"

namespace ludus::agents {

class Td3 final : public DeterministicAgent {
 public:
  struct Config : ContinuousConfig {
    std::int64_t policy_delay = 2;
    double target_noise = 0.2;
    double target_noise_clip = 0.5;

    Config() { noise.kind = ActionNoise::Kind::kNormal; }

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      ContinuousConfig::fields(self, visit);
      visit("policy_delay", self.policy_delay, at_least(1),
            "gradient steps of the critics per update of the policy and of the target networks");
      visit("target_noise", self.target_noise, at_least(0),
            "standard deviation of the target smoothing noise, for actions scaled to [-1, 1]");
      visit("target_noise_clip", self.target_noise_clip, at_least(0),
            "bound to which the target smoothing noise is clipped, ±");
    }
  };

  /// Throws InvalidArgument, and NotApplicable unless the action space is a bounded Box of floating-point numbers.
  Td3(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const nn::TransitionBatch& batch, double learning_rate) override;

  Config config_;
};

}  // namespace ludus::agents
