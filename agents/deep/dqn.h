// Deep Q-learning: a network estimates the value of every action, and learns from a memory of transitions.
//
// Source: V. Mnih et al., "Human-level control through deep reinforcement learning" (Nature 518, 2015), algorithm 1;
// the double estimator: H. van Hasselt, A. Guez and D. Silver, "Deep Reinforcement Learning with Double Q-learning"
// (AAAI 2016).
//
// Deviations from the paper, all of them Stable-Baselines3's: Adam in place of RMSprop; gradients clipped by their norm;
// `train_freq` and `gradient_steps` are separate; rewards are not clipped; the network takes rows of numbers; an
// episode that was truncated is bootstrapped. Defaults are Stable-Baselines3's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agents/runner/agent.h"
#include "base/fields.h"

namespace ludus::agents {

class Dqn final : public Agent {
 public:
  struct Config {
    double learning_rate = 1e-4;
    std::int64_t buffer_size = 1000000;
    std::int64_t learning_starts = 100;
    std::int64_t batch_size = 32;
    double discount = 0.99;
    std::int64_t train_freq = 4;
    std::int64_t gradient_steps = 1;
    std::int64_t target_update_interval = 10000;
    double polyak_tau = 1.0;
    double exploration_initial = 1.0;
    double exploration_final = 0.05;
    double exploration_fraction = 0.1;
    std::vector<std::int64_t> hidden = {64, 64};
    double max_gradient_norm = 10.0;
    std::string loss = "huber";
    bool double_q = false;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("learning_rate", self.learning_rate, "step size of Adam");
      visit("buffer_size", self.buffer_size, "transitions that the replay memory keeps");
      visit("learning_starts", self.learning_starts, "environment steps of random actions before learning begins");
      visit("batch_size", self.batch_size, "transitions in one gradient step");
      visit("discount", self.discount, "γ, the worth of a reward one step later");
      visit("train_freq", self.train_freq, "steps of the vector environment between two rounds of learning");
      visit("gradient_steps", self.gradient_steps,
            "gradient steps in a round; -1: as many as there were environment steps");
      visit("target_update_interval", self.target_update_interval,
            "environment steps between two updates of the target network");
      visit("polyak_tau", self.polyak_tau, "share of the online network in an update of the target; 1 copies it");
      visit("exploration_initial", self.exploration_initial, "ε, the share of random actions, at the beginning");
      visit("exploration_final", self.exploration_final, "ε at the end of its fall, and from there on");
      visit("exploration_fraction", self.exploration_fraction, "part of the training over which ε falls linearly");
      visit("hidden", self.hidden, "widths of the hidden layers");
      visit("max_gradient_norm", self.max_gradient_norm, "gradients longer than this are shortened to it");
      visit("loss", self.loss, "\"huber\" or \"squared\", of the temporal difference");
      visit("double_q", self.double_q, "the online network chooses the next action, the target network values it");
    }
    void check() const;  // throws InvalidArgument
  };

  // Throws NotApplicable unless the action space is Discrete.
  Dqn(const Config& config, const EnvFacts& facts, std::uint64_t seed, const std::string& device);
  ~Dqn() override;

  std::string_view algorithm() const override { return "dqn"; }
  Dict config() const override;
  void act(std::span<const float> observations, Actions& out) override;
  void observe(const Experience& experience) override;
  void update() override;
  void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) override;
  void seed(std::uint64_t seed) override;
  double memory_bytes() const override;
  Metrics metrics() override;
  std::vector<std::string> metric_names() const override;
  void save(nn::Checkpoint& checkpoint) const override;
  void load(const nn::Checkpoint& checkpoint) override;
  void save_policy(nn::Checkpoint& checkpoint) const override;
  void load_policy(const nn::Checkpoint& checkpoint) override;

  // ε after `steps` environment steps.
  double exploration_rate(std::int64_t steps) const;

  // Q(s, ·) of the online network: (n x actions).
  std::vector<float> action_values(std::span<const float> observations, std::size_t n) const;

 private:
  struct Networks;  // torch stays in the source file
  void learn_from_batch();

  Config config_;
  std::int64_t actions_;       // how many there are
  std::int64_t first_action_;  // the smallest
  std::size_t observation_size_;
  std::size_t num_envs_;
  std::unique_ptr<Networks> networks_;
};

}  // namespace ludus::agents
