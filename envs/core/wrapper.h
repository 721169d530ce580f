// Base class of wrappers, which forward every call to an inner environment unless overridden.
#pragma once

#include "base/state_fields.h"
#include "envs/core/env.h"

namespace ludus::envs {

class Wrapper : public Env {
 public:
  Space& observation_space() override { return env_->observation_space(); }
  Space& action_space() override { return env_->action_space(); }
  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override {
    return env_->reset(seed, options);
  }
  void step_into(const Value& action, Step& out) override { env_->step_into(action, out); }
  Scene render() const override { return env_->render(); }
  Generator& generator() override { return env_->generator(); }
  double frames_per_second() const override { return env_->frames_per_second(); }
  Value attribute(std::string_view name) const override { return env_->attribute(name); }
  void set_attribute(std::string_view name, const Value& value) override { env_->set_attribute(name, value); }
  Env& unwrapped() override { return env_->unwrapped(); }

  /// Return and restore {"env": state of the inner environment, "wrapper": state of the wrapper}. set_state() throws
  /// InputError without changing anything.
  Value get_state() const final;
  void set_state(const Value& state) final;
  std::unique_ptr<Env> clone() const final;

  Env& inner() { return *env_; }
  const Env& inner() const { return *env_; }

 protected:
  /// Takes ownership of `env`. `self` is appended to the wrappers of the spec, unless its name is empty.
  Wrapper(EnvPtr&& env, WrapperSpec self);

  /// Returns the inner environment from const functions that must modify it, such as rendering with random numbers.
  Env& mutable_inner() const { return *env_; }

  /// Write and read the wrapper's state between steps (base/state_fields.h); none by default.
  virtual void write_state(StateWriter&) const {}
  virtual void read_state(StateReader&) {}

  /// Returns the same wrapper, with the same arguments, around `env`. The caller copies the state afterwards.
  virtual std::unique_ptr<Wrapper> clone_around(EnvPtr env) const = 0;

 private:
  Dict wrapper_state() const;

  EnvPtr env_;
};

/// Returns the outermost wrapper of type W in the stack of `env`; null if there is none.
template <class W>
W* find_wrapper(Env& env) {
  for (Env* layer = &env; layer;) {
    if (auto* found = dynamic_cast<W*>(layer)) return found;
    auto* wrapper = dynamic_cast<Wrapper*>(layer);
    layer = wrapper ? &wrapper->inner() : nullptr;
  }
  return nullptr;
}

}  // namespace ludus::envs
