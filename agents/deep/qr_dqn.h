// QR-DQN: deep Q-learning of the quantiles of each action's return.
//
// Source: W. Dabney et al., "Distributional Reinforcement Learning with Quantile Regression" (AAAI 2018,
// arXiv:1710.10044), algorithm 1 with κ = 1. The defaults are those of SB3-Contrib; Adam's ε is the paper's, 0.01 / 32.
#pragma once

#include "agents/deep/dqn.h"

namespace ludus::agents {

class QrDqn final : public Dqn {
 public:
  struct Config : Dqn::Config {
    Config() {
      distribution = "quantile";
      learning_rate = 5e-5;
      adam_epsilon = 0.01 / 32;
      exploration = "lin_1_0.01_0.005";
      max_gradient_norm = std::nullopt;
    }
    void check() const { Dqn::Config::check("qr_dqn"); }
  };

  // As Dqn.
  QrDqn(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)
      : Dqn("qr_dqn", config, facts, seed, device) {}
};

}  // namespace ludus::agents
