// The loop that all learning goes through: act, step, observe, update, for N environments side by side.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agents/core/action_masks.h"
#include "agents/core/agent.h"
#include "envs/vector/vector_env.h"

namespace ludus::agents {

class Trainer;

struct EpisodeEnd {
  std::size_t env = 0;        // which of the N environments
  double episode_return = 0;  // sum of rewards, undiscounted
  std::int64_t length = 0;    // steps
};

// What happens beside the learning: records, evaluations, checkpoints, progress. Called in the order of adding.
class Callback {
 public:
  virtual ~Callback() = default;

  // Under which save() is kept; each callback of a trainer needs its own.
  virtual std::string name() const = 0;

  // Before the first step, also of a training that is resumed; false ends it there.
  virtual bool on_start(Trainer&) { return true; }
  virtual void on_episode(Trainer&, const EpisodeEnd&) {}
  // After every step of the vector environment and the update that follows it; false ends the training.
  virtual bool on_step(Trainer&) { return true; }
  virtual void on_end(Trainer&) {}

  // What must survive an interruption so that the rest is identical.
  virtual Value save() const { return {}; }
  virtual void restore(const Value&) {}
};

enum class TrainingEnd : std::uint8_t {
  kSteps,          // all steps were made
  kAgent,          // the agent has nothing left to learn
  kCallback,       // a callback ended it
  kReward,         // so did the evaluations: one reached the reward to stop at
  kNoImprovement,  // likewise: too many in a row brought no better mean
  kInterrupted,    // from outside (Ctrl-C)
};

class Trainer {
 public:
  // Both must outlive the trainer. Throws InvalidArgument unless `envs` is in the mode kSameStep.
  Trainer(Agent& agent, envs::VectorEnv& envs);

  void add(std::shared_ptr<Callback> callback) { callbacks_.push_back(std::move(callback)); }

  // Trains until `total_steps` environment steps (all environments together, those before a resumption included) are
  // made. The first call resets the environments: environment i by seed + i. `interrupted` is asked after every step.
  // Throws WorkError if an environment gives a reward or an observation that is not finite.
  TrainingEnd learn(std::int64_t total_steps, std::uint64_t seed, const std::function<bool()>& interrupted = {});

  Agent& agent() { return agent_; }
  envs::VectorEnv& envs() { return envs_; }
  std::int64_t steps() const { return steps_; }              // environment steps so far
  std::int64_t total_steps() const { return total_steps_; }  // of the present training
  std::int64_t episodes() const { return episodes_; }        // ended so far
  bool is_due(std::int64_t interval) const;                 // whether the last step reached a multiple of `interval`

  // Means over the last 100 episodes, NaN before the first: Stable-Baselines3's ep_rew_mean and ep_len_mean.
  double recent_return() const;
  double recent_length() const;

  // The agent, the environments, the counters and the callbacks: load() into a trainer of the same make goes on
  // identically.
  void save(Checkpoint& checkpoint) const;
  void load(const Checkpoint& checkpoint);

 private:
  void make_step();
  void check_finite(const envs::VectorStep& step) const;

  Agent& agent_;
  envs::VectorEnv& envs_;
  std::vector<std::shared_ptr<Callback>> callbacks_;
  bool started_ = false;
  std::int64_t steps_ = 0;
  std::int64_t total_steps_ = 0;
  std::int64_t episodes_ = 0;
  std::vector<float> observations_;       // (N x observation_size): what is acted upon
  std::vector<float> next_observations_;  // (N x observation_size)
  ActionMasks masks_;                     // of observations_
  std::vector<double> returns_;           // (N) of the present episodes
  std::vector<std::int64_t> lengths_;     // (N)
  std::deque<double> recent_returns_;     // of the last 100 episodes
  std::deque<std::int64_t> recent_lengths_;
  Actions actions_;
};

}  // namespace ludus::agents
