// Deep Q-learning: a network estimates the value of every action, trained from a replay buffer. The six extensions that
// Rainbow combines are options, each usable alone or with any others.
//
// Sources, by switch:
//   V. Mnih et al., "Human-level control through deep reinforcement learning" (Nature 518, 2015), algorithm 1
//   double_q      H. van Hasselt, A. Guez and D. Silver, "Deep Reinforcement Learning with Double Q-learning"
//                 (AAAI 2016)
//   dueling       Z. Wang et al., "Dueling Network Architectures for Deep Reinforcement Learning" (ICML 2016)
//   prioritized   T. Schaul et al., "Prioritized Experience Replay" (ICLR 2016)
//   n_steps       R. S. Sutton, "Learning to Predict by the Methods of Temporal Differences" (1988)
//   noisy         M. Fortunato et al., "Noisy Networks for Exploration" (ICLR 2018)
//   distribution  M. G. Bellemare, W. Dabney and R. Munos, "A Distributional Perspective on Reinforcement Learning"
//                 (ICML 2017); W. Dabney et al., "Distributional Reinforcement Learning with Quantile Regression"
//                 (AAAI 2018)
//   all of them   M. Hessel et al., "Rainbow: Combining Improvements in Deep Reinforcement Learning" (AAAI 2018)
//
// Deviations from the first paper, all as in Stable-Baselines3: Adam instead of RMSprop; gradients clipped by their
// norm; separate `train_freq` and `gradient_steps`; rewards are not clipped; truncated episodes bootstrap. Defaults are
// Stable-Baselines3's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agents/deep/off_policy_agent.h"

namespace ludus::agents {

class Dqn final : public OffPolicyAgent {
 public:
  struct Config : ReplaySettings {
    double adam_epsilon = 1e-8;
    std::int64_t target_update_interval = 10000;
    runs::Schedule exploration = "lin_1_0.05_0.1";
    std::optional<double> max_gradient_norm = 10.0;
    std::string loss = "huber";
    bool double_q = false;
    bool dueling = false;
    bool prioritized = false;
    double priority_alpha = 0.6;
    runs::Schedule priority_beta = "lin_0.4_1";
    std::int64_t n_steps = 1;
    bool noisy = false;
    double noisy_sigma = 0.5;
    std::string distribution = "none";
    std::int64_t n_atoms = 51;
    double v_min = -10.0;
    double v_max = 10.0;
    std::int64_t n_quantiles = 200;

    Config() {
      learning_rate = 1e-4;
      batch_size = 32;
      polyak_tau = 1.0;
      train_freq = 4;
      hidden = {64, 64};
    }

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      ReplaySettings::fields(self, visit);
      visit("adam_epsilon", self.adam_epsilon, above(0), "Adam's ε, added to the root of the mean squared gradient");
      visit("target_update_interval", self.target_update_interval, at_least(1),
            "environment steps between two updates of the target network");
      visit("exploration", self.exploration, between(0, 1),
            "ε, the probability of a random action: a number or a schedule");
      visit("max_gradient_norm", self.max_gradient_norm, above(0).or_infinity(),
            "maximum gradient norm; null disables clipping");
      visit("loss", self.loss, one_of("huber", "squared"), "loss of the TD error; distributions have their own loss");
      visit("double_q", self.double_q, "the online network selects the next action, the target network evaluates it");
      visit("dueling", self.dueling, "two streams, for the state value and the advantages of the actions");
      visit("prioritized", self.prioritized,
            "prioritised replay: transitions are sampled in proportion to their priority");
      visit("priority_alpha", self.priority_alpha, between(0, 1),
            "priority exponent α of the TD error; 0 samples uniformly");
      visit("priority_beta", self.priority_beta, between(0, 1),
            "importance-sampling exponent β, 1 corrects fully: a number or a schedule");
      visit("n_steps", self.n_steps, at_least(1), "n-step return length");
      visit("noisy", self.noisy, "noisy layers for exploration, instead of ε");
      visit("noisy_sigma", self.noisy_sigma, above(0), "initial noise scale σ₀ of noisy layers");
      visit("distribution", self.distribution, one_of("none", "categorical", "quantile"),
            "\"none\": the network estimates the mean return of each action; \"categorical\": its distribution over "
            "n_atoms values from v_min to v_max (C51); \"quantile\": n_quantiles of its quantiles (QR-DQN)");
      visit("n_atoms", self.n_atoms, at_least(2), "number of atoms of a categorical distribution");
      visit("v_min", self.v_min, finite_number(),
            "lower bound of the support of a categorical distribution of discounted returns");
      visit("v_max", self.v_max, finite_number(), "upper bound of the support");
      visit("n_quantiles", self.n_quantiles, at_least(1), "number of quantiles of a quantile distribution");
    }
    void check() const;  // throws InvalidArgument unless v_min < v_max
  };

  /// `algorithm`: the name of this configuration, used in error messages. Throws InvalidArgument, and NotApplicable
  /// unless the action space is Discrete.
  Dqn(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device,
      std::string_view algorithm = "dqn");
  ~Dqn() override;

  void act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) override;
  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) override;
  nn::ExportedPolicy export_policy() const override;

  /// Returns ε after `steps` environment steps; 0 with noisy layers, which replace ε-greedy exploration.
  double exploration_rate(std::int64_t steps) const;
  /// Returns the probability of a random action in the present step: 1 during the warm-up.
  double present_exploration() const;
  std::vector<std::string> warnings() const override;

  /// Returns Q(s, ·) of the online network without noise, (n x actions); the mean of a distributional network.
  std::vector<float> action_values(std::span<const float> observations, std::size_t n);

 private:
  struct Networks;  // keeps torch out of this header
  struct Losses;

  void encode_actions(const envs::ActionBatch& actions, std::vector<float>& rows) const override;
  void after_observe(const Experience& experience) override;
  void learn(const nn::TransitionBatch& batch, double learning_rate) override;
  Metrics current_metrics() const override;
  void policy_state(StateWriter& visit) const override;
  void policy_state(StateReader& visit) override;
  void learning_state(StateWriter& visit) const override;
  void learning_state(StateReader& visit) override;

  Losses losses(const nn::TransitionBatch& batch) const;
  at::Tensor expected_values(const at::Tensor& outputs) const;
  at::Tensor next_outputs(const at::Tensor& next_observations) const;
  std::span<const float> q_values(std::span<const float> observations, std::size_t n) const;
  void act_greedily(std::span<const float> observations, std::size_t n, envs::ActionBatch& out) const;

  Config config_;
  std::int64_t num_actions_;
  std::int64_t first_action_;  // the smallest
  std::unique_ptr<Networks> networks_;
};

/// Configurations of three extensions of DQN that are known by separate names.
///
/// C51: the distribution of each action's return over 51 fixed values. M. G. Bellemare, W. Dabney and R. Munos, "A
/// Distributional Perspective on Reinforcement Learning" (ICML 2017, arXiv:1707.06887), algorithm 1. The defaults are
/// the paper's for Atari, in steps of four frames; a task with returns outside [-10, 10] must set v_min and v_max.
Dqn::Config c51_config();

/// QR-DQN: the quantiles of each action's return. W. Dabney et al., "Distributional Reinforcement Learning with
/// Quantile Regression" (AAAI 2018, arXiv:1710.10044), algorithm 1 with κ = 1. The defaults are those of SB3-Contrib;
/// Adam's ε is the paper's, 0.01 / 32.
Dqn::Config qr_dqn_config();

/// Rainbow: all six extensions at once. M. Hessel et al., "Rainbow: Combining Improvements in Deep Reinforcement
/// Learning" (AAAI 2018, arXiv:1710.02298). The defaults are its table 1, in steps of four frames; a task with returns
/// outside [-10, 10] must set v_min and v_max. A transition's priority is its loss, as in the paper.
Dqn::Config rainbow_config();

}  // namespace ludus::agents
