// Rainbow: deep Q-learning with all of its six extensions at once.
//
// Source: M. Hessel et al., "Rainbow: Combining Improvements in Deep Reinforcement Learning" (AAAI 2018, arXiv:1710.02298).
// The defaults are its table 1, in steps of four frames; a task whose returns do not lie in [-10, 10] must say where they do
// (v_min, v_max). A transition's priority is the loss that is descended, as in the paper.
#pragma once

#include "agents/deep/dqn.h"

namespace ludus::agents {

class Rainbow final : public Dqn {
 public:
  struct Config : Dqn::Config {
    Config() {
      double_q = true;
      dueling = true;
      prioritized = true;
      priority_alpha = 0.5;
      n_steps = 3;
      noisy = true;
      distribution = "categorical";
      learning_rate = 6.25e-5;
      adam_epsilon = 1.5e-4;
      learning_starts = 20000;
      target_update_interval = 8000;
    }
    void check() const { Dqn::Config::check("rainbow"); }
  };

  // As Dqn.
  Rainbow(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)
      : Dqn("rainbow", config, facts, seed, device) {}
};

}  // namespace ludus::agents
