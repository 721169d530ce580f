// Steps N environments in one call: contiguous observations, rewards and flags.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "envs/core/batches.h"
#include "envs/core/scene.h"
#include "envs/core/spec.h"
#include "envs/spaces/space.h"

namespace ludus::envs {

/// Decides what happens to an environment after its episode has ended (Gymnasium's three modes).
enum class AutoresetMode : std::uint8_t {
  kNextStep,  // the next step() ignores its action and resets: reward 0, flags false; not a transition to learn from
  kSameStep,  // resets inside the same step(): the new episode's first observation is in `observations`, the last of
              // the old one in `final_observations`
  kDisabled,  // the caller must reset it (options {"reset_mask": …}) before the next step()
};

/// Returns "next_step", "same_step" or "disabled".
std::string_view name_of(AutoresetMode mode);

/// The result of a batched reset or step. Observations are in the space's row form (Space::to_row), as float32.
struct VectorStep {
  std::vector<float> observations;        // (N x observation_size), row-major
  std::vector<double> rewards;            // (N)
  std::vector<std::uint8_t> terminated;   // (N) of 0 and 1: do not bootstrap
  std::vector<std::uint8_t> truncated;    // (N) of 0 and 1: bootstrap from the last observation
  std::vector<float> final_observations;  // (N x observation_size): the last ones of ended episodes, where has_final
  std::vector<std::uint8_t> has_final;    // (N) of 0 and 1; only in kSameStep
  std::vector<std::uint8_t> was_reset;    // (N) of 0 and 1; only in kNextStep: this step reset instead of stepping
  // Gymnasium's batched info: arrays over the environments, each KEY with a bool mask "_KEY" of the environments that
  // have it; in kSameStep also "final_info". Empty if no environment has an info.
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
  std::size_t observation_size() const { return observation_size_; }   // numbers per observation
  std::size_t action_size() const { return action_size_; }             // numbers per action
  bool has_continuous_actions() const { return continuous_actions_; }  // a Box of floating-point numbers
  AutoresetMode autoreset_mode() const { return autoreset_mode_; }
  const EnvSpec& spec() const { return spec_; }

  /// Starts an episode in every environment; environment i is seeded with seed + i. Each environment receives the
  /// options; "reset_mask" (bool, N, at least one true) restricts the reset to the environments where it is true.
  /// Returns a reference that the next call overwrites.
  ///
  /// If an environment throws, here or in step(), the others finish first; the exception is then rethrown with the
  /// environment index in front of its message, and the vector environment must be reset.
  virtual const VectorStep& reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) = 0;

  /// Steps every environment with (N x action_size) actions. Throws InvalidAction if their kind or number is wrong or
  /// one is outside the space, and ResetNeeded before the first reset or, in kDisabled, if an episode has ended. No
  /// environment has stepped then.
  virtual const VectorStep& step(ActionView actions) = 0;

  /// Returns the result of the last reset or step.
  const VectorStep& last() const { return result_; }

  /// Returns the current scene of environment i. Throws NotSupported if the environment cannot be rendered.
  virtual Scene render(std::size_t i) const;
  /// Returns the frame rate of render().
  virtual double frames_per_second() const { return 30; }

  /// Sets the number of threads for step() and reset(), the calling thread included: between 1 and N, other values are
  /// clamped. Results do not depend on it. Throws NotSupported if the environment supports one thread only and
  /// `threads` is larger, WorkError if the system cannot start the threads.
  virtual void set_threads(std::size_t threads);
  virtual std::size_t threads() const { return 1; }

  /// Returns the complete state, the current observations included; a restored environment continues identically.
  virtual Value get_state() const = 0;
  virtual void set_state(const Value& state) = 0;

 protected:
  VectorEnv(std::size_t num_envs, SpacePtr observation_space, SpacePtr action_space, AutoresetMode mode, EnvSpec spec);

  std::span<float> row(std::vector<float>& rows, std::size_t i) {
    return {rows.data() + i * observation_size_, observation_size_};
  }
  /// Throws InvalidAction unless the actions are num_envs x action_size numbers of the kind of the action space.
  void check_actions(ActionView actions) const;
  /// Returns options["reset_mask"], checked; all true without one. `rest` receives the other options.
  std::vector<std::uint8_t> reset_mask(const Dict& options, Dict& rest) const;
  [[noreturn]] void reject_action(const std::string& action) const;

  VectorStep result_;

 private:
  std::size_t num_envs_;
  SpacePtr observation_space_;
  SpacePtr action_space_;
  std::size_t observation_size_;
  std::size_t action_size_;
  bool continuous_actions_;
  AutoresetMode autoreset_mode_;
  EnvSpec spec_;
};

using VectorEnvPtr = std::unique_ptr<VectorEnv>;

}  // namespace ludus::envs
