// The environment interface of Gymnasium in C++.
//
//   auto env = ludus::envs::make("CartPole-v1");
//   auto [observation, info] = env->reset(42);
//   auto [next, reward, terminated, truncated, more] = env->step(env->action_space().sample());
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/rng.h"
#include "base/value.h"
#include "envs/core/scene.h"
#include "envs/core/spec.h"
#include "envs/spaces/space.h"

namespace ludus::envs {

/// The action space does not contain the action.
class InvalidAction : public InputError {
 public:
  using InputError::InputError;
};

/// step() or render() was called before the first reset().
class ResetNeeded : public InputError {
 public:
  using InputError::InputError;
};

/// The environment does not support this operation, such as rendering or saving.
class NotSupported : public InputError {
 public:
  using InputError::InputError;
};

class TransitionModel;  // envs/core/transition_model.h

struct Reset {
  Value observation;
  Dict info;
};

struct Step {
  Value observation;
  double reward = 0;
  bool terminated = false;  // the MDP reached a terminal state: do not bootstrap
  bool truncated = false;   // the episode was truncated for a reason outside the MDP: bootstrap from `observation`
  Dict info;
};

class Env {
 public:
  virtual ~Env() = default;

  virtual Space& observation_space() = 0;
  virtual Space& action_space() = 0;

  /// Starts an episode. A seed restarts the environment's generator; without a seed the generator continues, or is
  /// seeded from the system's entropy at the first reset. Throws InvalidArgument for unknown `options`.
  virtual Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) = 0;

  /// Performs one step and overwrites all of `out`. Reuses its storage, so that small observations need no allocation.
  /// Throws InvalidAction if the action space does not contain the action.
  virtual void step_into(const Value& action, Step& out) = 0;
  Step step(const Value& action) {
    Step out;
    step_into(action, out);
    return out;
  }

  /// Returns the current frame in world units. Throws NotSupported if the environment cannot be rendered.
  virtual Scene render() const;

  /// Save and restore the complete state, including the generators: after set_state(), an environment of the same spec
  /// continues identically. Throw NotSupported if the environment has no saved form.
  virtual Value get_state() const;
  virtual void set_state(const Value& state);

  /// Returns an independent copy that continues identically.
  virtual std::unique_ptr<Env> clone() const;

  /// Returns the generator used for resets and transitions.
  virtual Generator& generator() = 0;

  /// The id, keyword arguments and wrappers (from the inside out) that make() used.
  virtual const EnvSpec& spec() const { return spec_; }
  void set_spec(EnvSpec spec) { spec_ = std::move(spec); }

  /// Returns the frame rate that shows the environment at its natural speed.
  virtual double frames_per_second() const { return 30; }

  /// Get and set attributes by name, as Gymnasium's env.unwrapped.NAME. Throw UnknownField for unknown names.
  virtual Value attribute(std::string_view name) const;
  virtual void set_attribute(std::string_view name, const Value& value);

  /// Returns the transition probabilities of a tabular environment; null for all others.
  virtual std::shared_ptr<const TransitionModel> transition_model() const { return nullptr; }

  /// Returns the innermost environment; the environment itself unless it is a wrapper.
  virtual Env& unwrapped() { return *this; }

 protected:
  Env() = default;
  Env(const Env&) = default;
  Env& operator=(const Env&) = default;

 private:
  EnvSpec spec_;
};

using EnvPtr = std::unique_ptr<Env>;

}  // namespace ludus::envs
