// Base of REINFORCE, A2C and PPO: a stochastic policy and a value function, learnt from on-policy steps.
//
// A derived algorithm defines its settings, how steps are stored, and its update; acting, prediction, normalisation and
// saving are implemented here.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/core/agent.h"
#include "agents/deep/action_layout.h"
#include "agents/deep/normalizer.h"
#include "base/fields.h"
#include "nn/networks/network_config.h"
#include "replay/trajectory.h"
#include "runs/metrics.h"
#include "runs/schedule.h"

namespace at {
class Tensor;
}

namespace ludus::nn {
class ActorCritic;
class FlatParameters;
class Optimizer;
}  // namespace ludus::nn

namespace ludus::agents {

/// Shared settings. The defaults are Stable-Baselines3's, except the learning rate, which each algorithm sets itself.
struct ActorCriticConfig : nn::NetworkConfig {
  runs::Schedule learning_rate = 3e-4;
  double discount = 0.99;
  bool normalize_advantages = false;
  runs::Schedule entropy_coefficient = 0.0;
  runs::Schedule value_coefficient = 0.5;
  double max_gradient_norm = 0.5;
  std::optional<std::vector<std::int64_t>> critic_hidden = {};
  bool orthogonal_init = true;
  double log_std_init = 0.0;
  bool use_sde = false;
  std::int64_t sde_sample_freq = -1;
  bool sde_full_std = true;
  bool normalize_observations = false;
  bool normalize_rewards = false;
  double clip_observation = 10.0;
  double clip_reward = 10.0;
  bool mask_actions = false;

  ActorCriticConfig() { activation = nn::Activation::kTanh; }

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("learning_rate", self.learning_rate, learning_rate_range(),
          "learning rate of the optimiser: a number or a schedule such as lin_0.001");
    visit("discount", self.discount, between(0, 1), "discount factor γ");
    visit("normalize_advantages", self.normalize_advantages,
          "normalises the advantages of a batch to mean 0 and standard deviation 1");
    visit("entropy_coefficient", self.entropy_coefficient, at_least(0),
          "entropy bonus coefficient: a number or a schedule");
    visit("value_coefficient", self.value_coefficient, at_least(0),
          "coefficient of the squared error of the value function: a number or a schedule");
    visit("max_gradient_norm", self.max_gradient_norm, above(0).or_infinity(), "maximum gradient norm");
    nn::NetworkConfig::fields(self, visit);
    visit("critic_hidden", self.critic_hidden, at_least(1),
          "widths of the critic's hidden layers; null: as the actor's");
    visit("orthogonal_init", self.orthogonal_init,
          "initialises weights orthogonally, with a small gain in the actor's last layer; false: uniformly, as torch "
          "does");
    visit("log_std_init", self.log_std_init, finite_number(), "initial log standard deviation of continuous actions");
    visit("use_sde", self.use_sde,
          "generalised state-dependent exploration (gSDE) of continuous actions, instead of independent noise");
    visit("sde_sample_freq", self.sde_sample_freq, at_least(1).or_value(-1),
          "steps between two samples of gSDE's exploration matrix; -1: one per rollout");
    visit("sde_full_std", self.sde_full_std,
          "gSDE has separate standard deviations for each action dimension; false: all dimensions share them");
    visit("normalize_observations", self.normalize_observations,
          "normalises observations by their running mean and standard deviation");
    visit("normalize_rewards", self.normalize_rewards,
          "divides rewards by the running standard deviation of the return");
    visit("clip_observation", self.clip_observation, above(0).or_infinity(),
          "normalised observations are clipped to ± this");
    visit("clip_reward", self.clip_reward, above(0).or_infinity(), "normalised rewards are clipped to ± this");
    visit("mask_actions", self.mask_actions, "restricts actions to those that info[\"action_mask\"] allows");
  }

  void check() const;  // throws InvalidArgument for use_sde without a hidden layer
};

/// Metrics of one update, in Stable-Baselines3's names.
struct UpdateMetrics {
  std::optional<double> loss = {}, policy_gradient_loss = {}, entropy_loss = {}, value_loss = {};
  std::optional<double> explained_variance = {}, learning_rate = {}, n_updates = {}, std = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("train/loss", self.loss, "weighted sum of the losses");
    visit("train/policy_gradient_loss", self.policy_gradient_loss, "loss of the policy");
    visit("train/entropy_loss", self.entropy_loss, "minus the mean entropy of the policy, nats");
    visit("train/value_loss", self.value_loss, "squared error of the value function");
    visit("train/explained_variance", self.explained_variance, "1 − Var(returns − values) / Var(returns)");
    visit("train/learning_rate", self.learning_rate, "learning rate of the last gradient step");
    visit("train/n_updates", self.n_updates, "updates so far");
    visit("train/std", self.std, "mean standard deviation of continuous actions");
  }
};

class ActorCriticAgent : public Agent {
 public:
  ~ActorCriticAgent() override;

  bool wants_action_masks() const override { return shared_.mask_actions; }
  void act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) override;
  void observe(const Experience& experience) override;
  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) override;
  /// Throws NotApplicable with mask_actions: the masks are not part of the observation.
  nn::ExportedPolicy export_policy() const override;
  void seed(std::uint64_t seed) override;
  void restart_episodes() override;
  void restart_training() override { steps_ = 0; }
  Metrics metrics() override;
  std::vector<std::string> metric_names() const override;
  void write_state(StateWriter& visit) const override;
  void read_state(StateReader& visit) override;
  void write_policy(StateWriter& visit) const override;
  void read_policy(StateReader& visit) override;

  /// Returns V of n unnormalised observations.
  std::vector<float> state_values(std::span<const float> observations, std::size_t n) const;

 protected:
  /// `config`: already checked. Throws NotApplicable. Derived classes must set optimizer_.
  ActorCriticAgent(std::string_view algorithm, const ActorCriticConfig& config, const EnvSignature& facts,
                   std::uint64_t seed, const std::string& device);

  /// Called with each step, with observations and rewards normalised if the settings say so.
  virtual void remember(const replay::StepRows& step) = 0;

  /// Returns the current value of a schedule.
  double now(const runs::Schedule& schedule) const { return schedule.at(progress_remaining(steps_)); }

  /// Returns the numbers as a tensor on the networks' device: (n), or (n x width). On the CPU it is a view of the span.
  at::Tensor tensor(std::span<const float> numbers) const;
  at::Tensor tensor(std::span<const float> numbers, std::size_t width) const;
  /// Returns (n x mask_size), undefined if there are no masks.
  at::Tensor mask_tensor(std::span<const std::uint8_t> masks) const;

  replay::StepSizes step_sizes() const;

  /// Computes advantages and returns of the steps with the current value function.
  void estimate(replay::Trajectory& steps, std::size_t stride, double gae_lambda) const;

  /// One optimiser step with the current learning rate and max_gradient_norm, see nn/core/gradient_step.h.
  double gradient_step(const at::Tensor& loss);

  /// One gradient step on L = −E[w log π(a|s)] − c_H E[H(π(·|s))] + c_V E[(R − V(s))²] over all steps, with `weights` w
  /// (n), their returns R, and c_H and c_V the coefficients of entropy and value. Returns the metrics of the losses.
  UpdateMetrics policy_gradient_step(const replay::Trajectory& steps, std::span<const float> weights);

  /// Must be called at the end of an update from `steps`: metrics() reports `metrics`, completed by those that every
  /// update has, and gSDE's matrices are resampled. M: UpdateMetrics, or derived from it.
  template <class M>
  void end_update(M metrics, const replay::Trajectory& steps) {
    complete(metrics, steps);
    last_metrics_ = runs::metrics_of(metrics);
  }

  ActorCriticConfig shared_;
  ActionLayout actions_;
  std::size_t observation_size_;
  std::size_t action_size_;
  std::size_t mask_size_;  // 0 unless actions are masked
  std::size_t num_envs_;
  Generator generator_;  // for initialisation, exploration and batches
  std::unique_ptr<nn::ActorCritic> networks_;
  std::unique_ptr<nn::FlatParameters> parameters_;
  std::unique_ptr<nn::Optimizer> optimizer_;
  std::int64_t steps_ = 0;    // environment steps, over all environments
  std::int64_t updates_ = 0;  // gradient updates, as in train/n_updates

 private:
  template <class Self, class Visit>
  static void policy_state(Self& self, Visit&& visit);
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit);

  void complete(UpdateMetrics& metrics, const replay::Trajectory& steps);
  std::vector<float> values_of(std::span<const float> rows) const;  // V of normalised rows
  void draw_noise(Generator& generator, std::span<float> noise) const;
  void explore(std::span<float> actions);
  std::span<const float> sampled_actions(const envs::ActionBatch& taken);
  std::size_t matrix_numbers() const;  // N m k

  std::string algorithm_;
  Generator eval_generator_;  // for predict(), which must not affect the training
  std::mutex eval_mutex_;     // guards eval_generator_
  std::unique_ptr<ObservationNormalizer> observations_;
  std::unique_ptr<RewardNormalizer> rewards_;
  Metrics last_metrics_;                     // of the last update, until metrics() has returned them
  std::vector<float> exploration_matrices_;  // gSDE's Θ of every environment: (N x m x k)
  std::int64_t steps_since_resample_ = 0;    // since the matrices were sampled; 0: sample them at the next step

  // the current step, from act() to observe()
  std::vector<float> rows_;         // (N x observation_size): the normalised observations
  std::vector<float> action_rows_;  // (N x action_size): before clipping to the bounds
  envs::ActionBatch last_actions_;  // (N x action_size): action_rows_ as the environments take them
  std::vector<float> noise_, next_rows_, step_rewards_;
};

/// Returns (x − mean) / (std + 1e-8), with the sample standard deviation (n − 1); a single number is returned
/// unchanged.
at::Tensor standardised(const at::Tensor& numbers);

/// Returns 1 − Var(returns − values) / Var(returns): 1 for a perfect value function, 0 for a constant one; nullopt if
/// all returns are equal.
std::optional<double> explained_variance(std::span<const float> values, std::span<const float> returns);

}  // namespace ludus::agents
