// Base of all algorithms that learn from a replay buffer: the buffer, n-step returns, the schedule of gradient steps,
// metrics and checkpoints. An algorithm defines how it acts and how it learns from one batch.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agents/core/agent.h"
#include "agents/deep/replay_settings.h"
#include "base/rng.h"
#include "nn/core/device.h"
#include "nn/networks/feature_options.h"
#include "replay/n_step.h"
#include "replay/replay_buffer.h"
#include "runs/metrics.h"

namespace at {
class Tensor;
}

namespace ludus::nn {
struct TransitionBatch;
}

namespace ludus::agents {

/// Tags under which learn() calls record().
inline constexpr const char* kLoss = "train/loss";
inline constexpr const char* kActorLoss = "train/actor_loss";
inline constexpr const char* kCriticLoss = "train/critic_loss";

class OffPolicyAgent : public Agent {
 public:
  std::string_view algorithm() const final { return algorithm_; }
  Dict config() const final { return config_; }
  double memory_bytes() const final;

  void observe(const Experience& experience) final;
  void update() final;
  std::int64_t first_update_step() const final { return settings_.first_update_step(num_envs_); }
  void restart_episodes() override;
  void restart_training() final { steps_ = calls_ = 0; }
  void seed(std::uint64_t seed) final { eval_generator_ = Generator(seed); }

  Metrics metrics() final;
  std::vector<std::string> metric_names() const final;

  void write_state(StateWriter& visit) const final;
  void read_state(StateReader& visit) final;
  void write_policy(StateWriter& visit) const final { policy_state(visit); }
  void read_policy(StateReader& visit) final { policy_state(visit); }

 protected:
  struct Options {
    std::string algorithm;                                   // name of the algorithm, used in error messages
    Dict config;                                             // every field of the algorithm's configuration
    std::vector<std::string> recorded;                       // tags under which learn() calls record()
    std::size_t action_size = 1;                             // numbers in a stored action
    std::size_t n_steps = 1;                                 // n-step return length
    std::optional<replay::PriorityOptions> priorities = {};  // none: uniform sampling
    std::optional<runs::Schedule> priority_beta = {};        // β; with priorities
  };
  /// `settings`: already checked. Throws NotApplicable if no network supports the observation space.
  OffPolicyAgent(Options options, const ReplaySettings& settings, const EnvSignature& facts, std::uint64_t seed,
                 const std::string& device);

  /// Encodes the actions of a step in the form of the replay buffer: (num_envs x action_size).
  virtual void encode_actions(const envs::ActionBatch& actions, std::vector<float>& rows) const = 0;

  /// Called after each step of the environments has been stored.
  virtual void after_observe(const Experience&) {}

  /// Performs one gradient step of all networks, number updates(), counted from 1.
  virtual void learn(const nn::TransitionBatch& batch, double learning_rate) = 0;

  /// Returns metrics that are instantaneous values, as opposed to the means over gradient steps of record(). The
  /// "train/" metrics are logged from the first update on.
  virtual Metrics current_metrics() const { return {}; }

  /// The parameters that predict() needs (base/state_fields.h).
  virtual void policy_state(StateWriter& visit) const = 0;
  virtual void policy_state(StateReader& visit) = 0;
  /// All networks, their optimisers, and the exploration state.
  virtual void learning_state(StateWriter& visit) const = 0;
  virtual void learning_state(StateReader& visit) = 0;

  /// Returns standard normal samples as a tensor of these sizes, valid until the next call.
  at::Tensor normals(std::span<const std::int64_t> sizes);

  /// Sets the priorities of the current batch of learn() from its TD errors |δ|: (n).
  void update_priorities(const at::Tensor& td_errors);

  /// Records a metric of a gradient step; the mean since the last metrics() is logged.
  void record(const std::string& tag, double value);

  /// Returns the current value of a schedule.
  double now(const runs::Schedule& schedule) const { return schedule.at(remaining()); }
  double remaining() const { return progress_remaining(steps_); }

  bool is_warming_up() const { return steps_ < settings_.learning_starts; }
  const ReplaySettings& settings() const { return settings_; }
  std::size_t observation_size() const { return observation_size_; }
  std::size_t num_envs() const { return num_envs_; }
  const nn::FeatureOptions& features() const { return features_; }
  const nn::Device& device() const { return device_; }
  Generator& generator() { return generator_; }  // for initialisation, exploration, batches and noise in learning
  /// Calls draw(generator) with the generator of predict(), which does not affect the training, one thread at a time.
  template <class Draw>
  void draw_for_prediction(Draw&& draw) {
    const std::lock_guard lock(eval_mutex_);
    draw(eval_generator_);
  }
  std::int64_t steps() const { return steps_; }      // environment steps, over all environments
  std::int64_t calls() const { return calls_; }      // steps of the vector environment
  std::int64_t updates() const { return updates_; }  // gradient steps

 private:
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit);

  replay::ReplayOptions replay_options() const;
  std::unique_ptr<replay::NStep> make_n_step() const;
  void ensure_replay();
  void store(std::size_t env, const Experience& experience);
  void learn_from_batch();
  Metrics progress_metrics() const;

  std::string algorithm_;
  Dict config_;
  ReplaySettings settings_;
  std::optional<replay::PriorityOptions> priorities_;
  std::optional<runs::Schedule> priority_beta_;
  nn::Device device_;
  nn::FeatureOptions features_;
  std::size_t observation_size_, action_size_, num_envs_, n_steps_;

  Generator generator_, eval_generator_;
  std::mutex eval_mutex_;  // guards eval_generator_
  // Allocated on the first transition: inference needs neither.
  std::unique_ptr<replay::ReplayBuffer> replay_;
  std::unique_ptr<replay::NStep> n_step_;  // null if n_steps is 1

  std::int64_t steps_ = 0;
  std::int64_t calls_ = 0;
  std::int64_t updates_ = 0;

  runs::MeanMetrics recorded_;  // since the last metrics()

  replay::Batch batch_;                       // reused
  std::vector<float> action_rows_, normals_;  // reused
};

}  // namespace ludus::agents
