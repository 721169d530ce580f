/// @file
/// The training loop: act, step, observe, update, for N environments.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agents/core/action_masks.h"
#include "agents/core/agent.h"
#include "agents/runner/trainer_callback.h"
#include "envs/vector/vector_env.h"
#include "runs/callback_list.h"
#include "runs/training.h"

namespace ludus::agents {

struct TrainerOptions {
  /// Returns the seconds of training so far, including those before a resumption; 0 if not set.
  std::function<double()> clock = {};
  /// Writes the metadata of a checkpoint or model file: algorithm, settings, environment.
  std::function<void(Checkpoint&)> describe = {};
  /// Called once everything that the first step needs is there, before the first step.
  std::function<void()> on_begun = {};
  /// Takes sentences on what a user should know, such as that an environment cannot save its state.
  std::function<void(const std::string&)> warn = {};
};

class Trainer final : public runs::Training {
 public:
  /// Both arguments must outlive the trainer. Throws InvalidArgument unless `envs` is in the mode kSameStep.
  Trainer(Agent& agent, envs::VectorEnv& envs, TrainerOptions options = {});

  /// Adds a callback. Callbacks are called in the order of adding.
  void add(std::shared_ptr<runs::Callback> callback);

  /// Trains until `total_steps` environment steps are done (over all environments, including those before a
  /// resumption) and the rollout or generation that the last of them belongs to is complete (Agent::is_collecting), or
  /// a stop is requested. The first call resets the environments: environment i with seed + i. It continues a training
  /// that was loaded; otherwise it begins a new one, with the agent's schedules and warm-up from their start, even if
  /// the agent was trained before.
  /// `interrupted` is called after every step; within a long update it ends the training by Interrupted, which leaves
  /// the agent between two states: resume it from the last checkpoint.
  /// Throws InvalidArgument if so many steps have been made already, unless the training was just loaded, and if the
  /// agent cannot make an update in so many steps: before the first step where it knows (Agent::first_update_step),
  /// else at the end. Throws WorkError if an environment returns a reward or an observation that is not finite in
  /// float32.
  runs::StopReason learn(std::int64_t total_steps, std::uint64_t seed, const std::function<bool()>& interrupted = {});

  Agent& agent() { return agent_; }
  envs::VectorEnv& envs() { return envs_; }
  std::int64_t steps() const { return steps_; }        ///< environment steps so far
  std::int64_t episodes() const { return episodes_; }  ///< finished so far

  /// Means over the last 100 episodes, NaN before the first: Stable-Baselines3's ep_rew_mean and ep_len_mean.
  double recent_return() const;
  double recent_length() const;

  runs::Progress progress() const override;
  double seconds() const override { return options_.clock ? options_.clock() : 0.0; }
  /// Returns the agent's metrics, and Stable-Baselines3's metrics of episodes and steps.
  runs::Metrics metrics() override;
  std::vector<std::string> metric_names() const override;
  std::string status() const override;
  void announce(const std::string& activity) override;
  void save(const std::filesystem::path& file) override;
  void save_model(const std::filesystem::path& file) const override;

  /// Save and load the agent, the environments, the counters and the callbacks: a trainer with equal parts that loads
  /// them continues identically. Environments without get_state() are left out: a trainer that loads the rest begins
  /// new episodes. load() throws CorruptCheckpoint naming the faulty entry, and leaves all of them
  /// unchanged.
  void save(Checkpoint& checkpoint) const;
  void load(const Checkpoint& checkpoint);

  /// Called before load() if log files may have fewer rows than the checkpoint counted; see runs::Callback.
  void accept_missing_rows() const { callbacks_.accept_missing_rows(); }

  /// Call after load() if learn() will have another total than `previous_total`, that of the training that was saved:
  /// schedules then go on from their present values to their final ones. Otherwise they are stretched over the new
  /// total, and jump back by what that changes.
  void continue_schedules(std::int64_t previous_total);

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("steps", self.steps_);
    visit("episodes", self.episodes_);
    visit("observations", self.observations_, AnyLength{});
    visit("returns", self.returns_);
    visit("lengths", self.lengths_);
    visit("recent_returns", self.recent_returns_, AnyLength{});
    visit("recent_lengths", self.recent_lengths_, AnyLength{});
    visit.check([&self] { self.check_observations(); });
  }

 private:
  // See Agent::set_schedule_start().
  struct ScheduleStart {
    std::int64_t steps = 0;
    double remaining = 1;

    template <class Self, class Visit>
    static void state(Self& self, Visit&& visit) {
      visit("steps", self.steps);
      visit("remaining", self.remaining);
    }
  };

  void make_step();
  void check_total_steps() const;
  void begin_episodes(std::uint64_t seed);
  void check_observations() const;
  void check_finite(const envs::VectorStep& step, bool after_reset) const;

  Agent& agent_;
  envs::VectorEnv& envs_;
  TrainerOptions options_;
  runs::CallbackList callbacks_;
  std::vector<TrainerCallback*> episode_callbacks_;  // those of callbacks_ that receive episodes
  bool started_ = false;
  bool loaded_ = false;  // since the last learn()
  bool envs_save_state_ = true;
  bool restart_ = false;  // loaded from a checkpoint without the environments' state
  ScheduleStart schedule_start_;
  std::int64_t steps_ = 0;
  std::int64_t total_steps_ = 0;
  std::int64_t episodes_ = 0;
  std::vector<float> observations_;       // (N x observation_size)
  std::vector<float> next_observations_;  // (N x observation_size)
  ActionMasks masks_;                     // of observations_
  std::vector<double> returns_;           // (N) of the current episodes
  std::vector<std::int64_t> lengths_;     // (N)
  std::deque<double> recent_returns_;     // of the last 100 episodes
  std::deque<std::int64_t> recent_lengths_;
  envs::ActionBatch actions_;
};

}  // namespace ludus::agents
