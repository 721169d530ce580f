// What learns: a policy with act, observe and update, and a memory that can be saved.
//
// The trainer (agents/runner/trainer.h) drives every agent in the same way, for N environments side by side:
//
//   agent.act(observations, actions);        // choose, exploring as the algorithm does
//   … the environments step …
//   agent.observe(experience);               // remember what came of it
//   agent.update();                          // learn, if it is time
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "agents/core/policy.h"
#include "base/state_fields.h"
#include "base/value.h"
#include "runs/metrics.h"

namespace ludus::agents {

// One step of N environments, as seen by a learner.
struct Experience {
  std::span<const float> observations;       // (N x observation_size): what was acted upon
  std::span<const std::uint8_t> masks = {};  // (N x action_mask_size) of 0 and 1: what was allowed; empty unless the
                                             // agent wants_action_masks()
  const Actions* actions = nullptr;          // what was done
  std::span<const double> rewards;           // (N)
  std::span<const float> next_observations;  // (N x observation_size): what it led to; of an episode that ended, its
                                             // own last observation, never the first of the next episode
  std::span<const std::uint8_t> terminated;  // (N) of 0 and 1: nothing follows, do not bootstrap
  std::span<const std::uint8_t> truncated;   // (N) of 0 and 1: cut, bootstrap from next_observations
};

using runs::Metrics;

// predict() and seed() of an agent leave the training untouched: whoever evaluates in the midst of a training changes
// nothing of it. What predict() draws comes from a generator of its own.
class Agent : public Policy {
 public:
  // "dqn": the name under which the program knows the algorithm.
  virtual std::string_view algorithm() const = 0;

  // Every setting with its present value; make_agent() with these gives an equal agent.
  virtual Dict config() const = 0;

  // Called once before the first step of a training of `total_steps` environment steps (all environments together),
  // and again when one is resumed: what schedules run over.
  virtual void begin(std::int64_t total_steps) { total_steps_ = total_steps; }

  virtual void act(std::span<const float> observations, Actions& out) = 0;
  // act() for who wants_action_masks(), as predict_masked().
  virtual void act_masked(std::span<const float> observations, std::span<const std::uint8_t>, Actions& out) {
    act(observations, out);
  }
  virtual void observe(const Experience& experience) = 0;
  virtual void update() = 0;

  // Called once when the training ends by itself, before the last checkpoint: what an algorithm does with all it has
  // gathered (imitation fits its classifier here if it has not yet).
  virtual void finish() {}

  // True once there is nothing left to learn (a search that has spent its episodes); the trainer then stops.
  virtual bool finished() const { return false; }

  // Bytes that a training takes at once when it begins, beside the networks: a replay memory. A number, for settings may
  // ask for more than any machine has.
  virtual double memory_bytes() const { return 0; }

  // The figures since the last call, named in metric_names(); absent ones are left out.
  virtual Metrics metrics() { return {}; }
  virtual std::vector<std::string> metric_names() const { return {}; }

  /// Writes everything that decides what the agent will do: parameters, optimiser, replay buffer, counters, generators.
  /// read_state() reads it, so that the training continues identically.
  virtual void write_state(StateWriter& state) const = 0;
  virtual void read_state(StateReader& state) = 0;
  /// Only what predict() needs, under the same names: the file that is shipped. By default the whole state.
  virtual void write_policy(StateWriter& state) const { write_state(state); }
  virtual void read_policy(StateReader& state) { read_state(state); }

  /// Saves the state under names that begin with "agent/". load() throws CorruptCheckpoint naming the wrong entry, and
  /// leaves the agent unchanged.
  void save(Checkpoint& checkpoint) const;
  void load(const Checkpoint& checkpoint);
  void save_policy(Checkpoint& checkpoint) const;
  void load_policy(const Checkpoint& checkpoint);

 protected:
  std::int64_t total_steps() const { return total_steps_; }

 private:
  std::int64_t total_steps_ = 0;
};

using AgentPtr = std::unique_ptr<Agent>;

}  // namespace ludus::agents
