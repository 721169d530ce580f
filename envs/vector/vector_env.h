// N environments behind one batched step, with contiguous observations, rewards and flags.
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

/// Handling of an environment after the end of its episode (Gymnasium's three modes).
enum class AutoresetMode : std::uint8_t {
  kNextStep,  // the next step() ignores the action and resets: reward 0, flags false; learners drop this transition
  kSameStep,  // resets in the same step(): `observations` starts the new episode, `final_observations` ends the old one
  kDisabled,  // the caller must reset the environment (options {"reset_mask": …}) before the next step()
};

std::string_view name_of(AutoresetMode mode);  // "next_step", "same_step", "disabled"

/// The result of a batched reset or step. Observations are rows in the space's row form (Space::to_row) as float32.
struct VectorStep {
  std::vector<float> observations;        // (N x observation_size), row-major
  std::vector<double> rewards;            // (N)
  std::vector<std::uint8_t> terminated;   // (N) of 0 and 1: terminal state, do not bootstrap
  std::vector<std::uint8_t> truncated;    // (N) of 0 and 1: truncated episode, bootstrap
  std::vector<float> final_observations;  // (N x observation_size): last of the old episode, if has_final
  std::vector<std::uint8_t> has_final;    // (N) of 0 and 1; only in kSameStep
  std::vector<std::uint8_t> was_reset;    // (N) of 0 and 1; only in kNextStep: reset instead of stepped
  /// Gymnasium's batched info: arrays over the environments, each KEY with a bool mask "_KEY" of the environments that
  /// provide it; in kSameStep also "final_info". Empty if no environment provides any.
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
  std::size_t observation_size() const { return observation_size_; }  // length of an observation row
  std::size_t action_size() const { return action_size_; }            // length of an action row
  AutoresetMode autoreset_mode() const { return autoreset_mode_; }
  const EnvSpec& spec() const { return spec_; }

  /// Starts an episode in every environment, environment i with seed + i if `seed` has a value. Options are passed to
  /// every environment; "reset_mask" (bool, N, at least one true) restricts the reset to the environments where it is
  /// true. The result belongs to the vector environment and is overwritten by the next call. If an environment throws,
  /// here or in step(), the exception is rethrown with the environment index in front of its message after all
  /// environments have finished; the vector environment must then be reset.
  virtual const VectorStep& reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) = 0;

  /// Steps every environment. Actions are rows (N x action_size) of integers (Discrete, MultiDiscrete, MultiBinary) or
  /// floats (Box). Throws InvalidAction if their type or number is wrong or one is outside the space; ResetNeeded
  /// before the first reset, and in kDisabled if an episode has ended and the environment was not reset.
  virtual const VectorStep& step(std::span<const std::int64_t> actions) = 0;
  virtual const VectorStep& step(std::span<const float> actions) = 0;

  /// Returns the result of the last reset or step.
  const VectorStep& last() const { return result_; }

  /// The current frame of environment i, and the frame rate. Throws NotSupported if it cannot be rendered.
  virtual Scene render(std::size_t i) const;
  virtual double frames_per_second() const { return 30; }

  /// Sets the number of threads for later steps and resets, including the calling one; 0 counts as 1, and at most one
  /// thread per environment is used. Results do not depend on the number of threads. Throws NotSupported for more than
  /// one thread if the implementation is single-threaded, WorkError if the system cannot start that many threads.
  virtual void set_threads(std::size_t threads);
  virtual std::size_t threads() const { return 1; }

  /// Save and restore the complete state, including the current observations, to resume exactly.
  virtual Value get_state() const = 0;
  virtual void set_state(const Value& state) = 0;

 protected:
  VectorEnv(std::size_t num_envs, SpacePtr observation_space, SpacePtr action_space, AutoresetMode mode, EnvSpec spec);

  std::span<float> row(std::vector<float>& rows, std::size_t i) {
    return {rows.data() + i * observation_size_, observation_size_};
  }
  /// Throws InvalidAction unless the number of values is num_envs x action_size.
  void check_action_count(std::size_t given) const;
  /// Reads and checks options["reset_mask"]; returns all true if there is none. `rest` receives the other options.
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
