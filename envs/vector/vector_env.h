// N environments behind one batched step: contiguous observations, rewards and flags.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "envs/core/scene.h"
#include "envs/core/spec.h"
#include "envs/spaces/space.h"

namespace ludus::envs {

// What becomes of an environment whose episode has ended (Gymnasium's three modes).
enum class AutoresetMode : std::uint8_t {
  kNextStep,  // the next step() ignores its action and resets: reward 0, flags false; a learner drops that transition
  kSameStep,  // reset inside the same step(): `observations` holds the new episode's first, `final_observations` the last
  kDisabled,  // the caller must reset it (options {"reset_mask": …}) before the next step()
};

std::string_view name_of(AutoresetMode mode);  // "next_step", "same_step", "disabled"

// What a batched reset or step gave. Rows of observations are in the space's row form (Space::to_row) as float32.
struct VectorStep {
  std::vector<float> observations;        // (N x observation_size), row-major
  std::vector<double> rewards;            // (N)
  std::vector<std::uint8_t> terminated;   // (N) of 0 and 1: ended, do not bootstrap
  std::vector<std::uint8_t> truncated;    // (N) of 0 and 1: cut, bootstrap
  std::vector<float> final_observations;  // (N x observation_size): the last of the old episode, where has_final
  std::vector<std::uint8_t> has_final;    // (N) of 0 and 1; only in kSameStep
  std::vector<std::uint8_t> was_reset;    // (N) of 0 and 1; only in kNextStep: this step reset instead of stepping
  // Gymnasium's batched info: arrays over the environments, each KEY with a bool mask "_KEY" of who has it; in
  // kSameStep also "final_info". Empty where no environment has any.
  Dict info;

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("observations", self.observations);
    visit("rewards", self.rewards);
    visit("terminated", self.terminated);
    visit("truncated", self.truncated);
    visit("final_observations", self.final_observations);
    visit("has_final", self.has_final);
    visit("was_reset", self.was_reset);
    visit("info", self.info);
  }
};

class VectorEnv {
 public:
  virtual ~VectorEnv() = default;

  std::size_t num_envs() const { return num_envs_; }
  Space& single_observation_space() { return *observation_space_; }
  Space& single_action_space() { return *action_space_; }
  std::size_t observation_size() const { return observation_size_; }  // numbers in a row
  std::size_t action_size() const { return action_size_; }            // numbers in an action's row
  AutoresetMode autoreset_mode() const { return autoreset_mode_; }
  const EnvSpec& spec() const { return spec_; }

  // Begins an episode in every environment, environment i with seed + i if a seed is given. Options go to every
  // environment; "reset_mask" (bool, N, at least one true) restricts the reset to those where it is true.
  // The result is the vector environment's own memory, overwritten by the next call.
  // What an environment throws, here and in step(), is thrown on with its number in front of the message, once the
  // others are through; the vector environment is then to be reset.
  virtual const VectorStep& reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) = 0;

  // One step of every environment. Actions are rows of integers (Discrete, MultiDiscrete, MultiBinary) or of reals
  // (Box): (N x action_size). Throws InvalidAction if they are the wrong kind or number or outside the space;
  // ResetNeeded before the first reset, and in kDisabled if an environment has ended.
  virtual const VectorStep& step(std::span<const std::int64_t> actions) = 0;
  virtual const VectorStep& step(std::span<const float> actions) = 0;

  // The result of the last reset or step.
  const VectorStep& last() const { return result_; }

  // The present scene of environment i, and frames per second; throws NotSupported where there is none.
  virtual Scene render(std::size_t i) const;
  virtual double frames_per_second() const { return 30; }

  // Steps and resets from now on by `threads` threads, the calling one included (0 counts as 1), but not more than there
  // are environments. The numbers are the same for every number of threads. Throws NotSupported where an environment
  // computes on one thread only and is asked for more, WorkError if the system gives no more threads.
  virtual void set_threads(std::size_t threads);
  virtual std::size_t threads() const { return 1; }

  // All that decides what follows, the present observations included; for exact resumption.
  virtual Value get_state() const = 0;
  virtual void set_state(const Value& state) = 0;

 protected:
  VectorEnv(std::size_t num_envs, SpacePtr observation_space, SpacePtr action_space, AutoresetMode mode, EnvSpec spec);

  std::span<float> row(std::vector<float>& rows, std::size_t i) {
    return {rows.data() + i * observation_size_, observation_size_};
  }
  // Throws InvalidAction unless `given` is num_envs x action_size.
  void check_action_count(std::size_t given) const;
  // Reads and checks options["reset_mask"]; all true without one. `rest` receives the other options.
  std::vector<std::uint8_t> reset_mask(const Dict& options, Dict& rest) const;
  [[noreturn]] void reject_action(const std::string& given) const;

  VectorStep result_;

 private:
  std::size_t num_envs_;
  SpacePtr observation_space_;
  SpacePtr action_space_;
  std::size_t observation_size_;
  std::size_t action_size_;
  AutoresetMode autoreset_mode_;
  EnvSpec spec_;
};

using VectorEnvPtr = std::unique_ptr<VectorEnv>;

}  // namespace ludus::envs
