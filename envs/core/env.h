// The environment interface: Gymnasium's, in C++.
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

// An action that the action space does not contain.
class InvalidAction : public InputError {
 public:
  using InputError::InputError;
};

// step() or render() before the first reset().
class ResetNeeded : public InputError {
 public:
  using InputError::InputError;
};

// What this environment cannot do: be drawn, be saved.
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
  bool terminated = false;  // the task ended in this state: nothing is to be earned beyond it, do not bootstrap
  bool truncated = false;   // the episode was cut for a reason outside the task: bootstrap from `observation`
  Dict info;
};

class Env {
 public:
  virtual ~Env() = default;

  virtual Space& observation_space() = 0;
  virtual Space& action_space() = 0;

  // Begins an episode. A seed restarts the environment's generator; none goes on with it (and one never seeded takes
  // the system's entropy). `options` are the environment's own; unknown ones throw InvalidArgument.
  virtual Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) = 0;

  // Advances by one action, writing all of `out`, whose memory is used again: nothing is allocated for small
  // observations. Throws InvalidAction if the action is not one.
  virtual void step_into(const Value& action, Step& out) = 0;
  Step step(const Value& action) {
    Step out;
    step_into(action, out);
    return out;
  }

  // The present scene, in world units; throws NotSupported where there is none.
  virtual Scene render() const;

  // Everything that decides the rest of the episode and those after it, generators included: set_state() on an
  // environment of the same spec goes on identically. Throw NotSupported where an environment has no such form.
  virtual Value get_state() const;
  virtual void set_state(const Value& state);

  // An independent copy that goes on identically.
  virtual std::unique_ptr<Env> clone() const;

  // The generator that decides resets and transitions.
  virtual Generator& generator() = 0;

  // What make() made: id, keyword arguments, and every wrapper from the inside out.
  virtual const EnvSpec& spec() const { return spec_; }
  void set_spec(EnvSpec spec) { spec_ = std::move(spec); }

  // Frames per second that show the environment at its own speed.
  virtual double frames_per_second() const { return 30; }

  // Attributes by name, as Gymnasium's env.unwrapped.NAME; unknown names throw UnknownField.
  virtual Value attribute(std::string_view name) const;
  virtual void set_attribute(std::string_view name, const Value& value);

  // The probability of every transition, where the environment is a table of them; null for all others.
  virtual std::shared_ptr<const TransitionModel> transition_model() const { return nullptr; }

  // The innermost environment; itself unless wrapped.
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
