// Settings shared by all off-policy algorithms: replay buffer, update frequency and target networks.
#pragma once

#include <cstdint>

#include "base/fields.h"
#include "nn/networks/network_config.h"
#include "runs/schedule.h"

namespace ludus::agents {

/// The defaults are those of Stable-Baselines3's algorithms for continuous actions.
struct ReplaySettings : nn::NetworkConfig {
  runs::Schedule learning_rate = 1e-3;
  std::int64_t buffer_size = 1000000;
  std::int64_t learning_starts = 100;
  std::int64_t batch_size = 256;
  double discount = 0.99;
  double polyak_tau = 0.005;
  std::int64_t train_freq = 1;
  std::int64_t gradient_steps = 1;

  ReplaySettings() { hidden = {400, 300}; }

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("learning_rate", self.learning_rate, learning_rate_range(),
          "learning rate of Adam, for every network: a number or a schedule");
    visit("buffer_size", self.buffer_size, at_least(1), "capacity of the replay buffer, in transitions");
    visit("learning_starts", self.learning_starts, at_least(0),
          "environment steps with random actions before training starts");
    visit("batch_size", self.batch_size, at_least(1), "minibatch size, in transitions");
    visit("discount", self.discount, between(0, 1), "discount factor γ");
    visit("polyak_tau", self.polyak_tau, above(0).at_most(1),
          "τ, the weight of the online network in an update of its target; 1 copies it");
    visit("train_freq", self.train_freq, at_least(1), "steps of the vector environment between two rounds of training");
    visit("gradient_steps", self.gradient_steps, at_least(1).or_value(-1),
          "gradient steps in a round; -1: as many as environment steps");
    nn::NetworkConfig::fields(self, visit);
  }

  /// Returns the number of gradient steps due after `calls` steps of a vector of `num_envs` environments and `steps`
  /// environment steps in total: 0 except every train_freq calls, and 0 during the warm-up.
  std::int64_t gradient_steps_due(std::int64_t calls, std::int64_t steps, std::size_t num_envs) const;
  /// Returns the number of environment steps after which gradient steps are due for the first time.
  std::int64_t first_update_step(std::size_t num_envs) const;
};

}  // namespace ludus::agents
