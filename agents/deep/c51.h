// C51: deep Q-learning of the distribution of each action's return, over 51 fixed values.
//
// Source: M. G. Bellemare, W. Dabney and R. Munos, "A Distributional Perspective on Reinforcement Learning" (ICML 2017,
// arXiv:1707.06887), algorithm 1. The defaults are the paper's for Atari, in steps of four frames: the values reach from
// -10 to 10, which a task with other returns must say otherwise (v_min, v_max).
#pragma once

#include "agents/deep/dqn.h"

namespace ludus::agents {

class C51 final : public Dqn {
 public:
  struct Config : Dqn::Config {
    Config() {
      distribution = "categorical";
      learning_rate = 2.5e-4;
      adam_epsilon = 0.01 / 32;
      exploration = "lin_1_0.01_0.1";
      max_gradient_norm = std::nullopt;
    }
    void check() const { Dqn::Config::check("c51"); }
  };

  // As Dqn.
  C51(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)
      : Dqn("c51", config, facts, seed, device) {}
};

}  // namespace ludus::agents
