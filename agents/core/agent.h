// A learning policy: act, observe, update, save.
//
// The trainer (agents/runner/trainer.h) drives every agent in the same way, for N parallel environments:
//
//   agent.act({observations, N}, actions);   // choose exploratory actions
//   … the environments step …
//   agent.observe(experience);               // store the transitions
//   agent.update();                          // learn, if an update is due
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agents/core/policy.h"
#include "base/state_fields.h"
#include "base/value.h"
#include "runs/metrics.h"

namespace ludus::agents {

/// One step of N environments, as passed to an agent.
struct Experience {
  /// (N x observation_size): before the step.
  std::span<const float> observations;
  /// (N x action_mask_size) of 0 and 1: the allowed actions; empty unless the agent wants_action_masks().
  std::span<const std::uint8_t> masks = {};
  /// The actions taken.
  const envs::ActionBatch* actions = nullptr;
  /// (N).
  std::span<const double> rewards;
  /// (N x observation_size): after the step. At the end of an episode its last observation, never the first of the
  /// next.
  std::span<const float> next_observations;
  /// (N) of 0 and 1: do not bootstrap.
  std::span<const std::uint8_t> terminated;
  /// (N) of 0 and 1: bootstrap from next_observations.
  std::span<const std::uint8_t> truncated;
};

using runs::Metrics;

/// predict() and seed() do not affect the training state, so that a policy can be evaluated during training. predict()
/// samples from a separate generator.
class Agent : public Policy {
 public:
  /// Returns the name of the algorithm on the command line, for example "dqn".
  virtual std::string_view algorithm() const = 0;

  /// Returns every setting with its current value; make_agent() with these settings creates an equal agent.
  virtual Dict config() const = 0;

  /// Called once before the first step of a training of `total_steps` environment steps (over all environments), and
  /// again when a training is resumed. Schedules run over `total_steps`, see set_schedule_start().
  virtual void begin(std::int64_t total_steps) { total_steps_ = total_steps; }

  /// Schedules run from `start` environment steps, where the fraction `remaining` of them is left, to the end of the
  /// training; at first from 0, where all is left. For a training that is continued to another total.
  void set_schedule_start(std::int64_t start, double remaining);

  /// Called before begin() when a new training of an agent begins, which may have been trained before: its counters of
  /// steps, and with them schedules and warm-up, start at 0. What was learned stays.
  virtual void restart_training() {}

  /// Chooses the actions of a step of training, one row of `batch` for each environment, in their order.
  virtual void act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) = 0;
  virtual void observe(const Experience& experience) = 0;
  virtual void update() = 0;

  /// Returns the earliest number of environment steps, over all environments, after which update() can learn for the
  /// first time: a training with fewer steps learns nothing. Where complete episodes decide, each counts as one step.
  virtual std::int64_t first_update_step() const { return 0; }
  /// Returns what the first update still needs, such as "50 complete episodes", where first_update_step() cannot tell
  /// when it will come; empty once an update was made.
  virtual std::string missing_for_update() const { return {}; }
  /// Returns whether experience was collected from which only a complete rollout or generation can be learned. A
  /// training goes on beyond its number of steps until that is complete, as in Stable-Baselines3: nothing is thrown
  /// away.
  virtual bool is_collecting() const { return false; }
  /// Returns sentences on settings that make no sense together in this training; called after begin().
  virtual std::vector<std::string> warnings() const { return {}; }

  /// Called when a resumed training begins new episodes, because its environments cannot save their state: drops
  /// everything that belongs to the episodes which were running (incomplete rollouts, n-step windows, traces).
  virtual void restart_episodes() {}

  /// Called once when the training completes, before the last checkpoint. Imitation trains its classifier here if it
  /// has not done so yet.
  virtual void finish() {}

  /// Returns true once there is nothing left to learn, for example when a search has used all its episodes. The trainer
  /// then stops.
  virtual bool finished() const { return false; }

  /// Returns the bytes allocated when training starts (replay buffer), excluding the networks. A double, because
  /// settings may ask for more than any machine has.
  virtual double memory_bytes() const { return 0; }

  /// Returns the metrics since the last call, with tags from metric_names(); metrics without a value are omitted.
  virtual Metrics metrics() { return {}; }
  virtual std::vector<std::string> metric_names() const { return {}; }

  /// Writes the complete state: parameters, optimiser, replay buffer, counters, generators. After read_state() the
  /// training continues identically.
  virtual void write_state(StateWriter& state) const = 0;
  virtual void read_state(StateReader& state) = 0;
  /// Writes only the state that predict() needs, under the same names: the policy file. The default is the complete
  /// state.
  virtual void write_policy(StateWriter& state) const { write_state(state); }
  virtual void read_policy(StateReader& state) { read_state(state); }

  /// Saves the state under names that begin with "agent/". load() throws CorruptCheckpoint naming the faulty entry, and
  /// then leaves the agent unchanged.
  void save(Checkpoint& checkpoint) const;
  void load(const Checkpoint& checkpoint);
  void save_policy(Checkpoint& checkpoint) const;
  void load_policy(const Checkpoint& checkpoint);

 protected:
  /// Returns the fraction of the schedules that is left after `steps` environment steps.
  double progress_remaining(std::int64_t steps) const;

 private:
  std::int64_t total_steps_ = 0;
  std::int64_t schedule_start_ = 0;
  double schedule_remaining_ = 1;  // at schedule_start_
};

using AgentPtr = std::unique_ptr<Agent>;

}  // namespace ludus::agents
