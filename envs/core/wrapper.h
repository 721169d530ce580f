// An environment around another: passes everything on, and changes what it overrides.
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

  /// {"env": the inner state, "wrapper": the wrapper's}. set_state() throws InputError and changes nothing.
  Value get_state() const final;
  void set_state(const Value& state) final;
  std::unique_ptr<Env> clone() const final;

  Env& inner() { return *env_; }
  const Env& inner() const { return *env_; }

 protected:
  // Takes `env`; `self` is recorded at the end of the spec's stack (leave its name empty to record nothing).
  Wrapper(EnvPtr&& env, WrapperSpec self);

  // The environment inside, for a const function that must change it: an image that draws random numbers.
  Env& mutable_inner() const { return *env_; }

  /// The wrapper's own state between steps (base/state_fields.h); none by default.
  virtual void write_state(StateWriter&) const {}
  virtual void read_state(StateReader&) {}

  // The same wrapper, with the same arguments, around `env`; the state is copied afterwards.
  virtual std::unique_ptr<Wrapper> clone_around(EnvPtr env) const = 0;

 private:
  Dict wrapper_state() const;

  EnvPtr env_;
};

// The outermost wrapper of type W around (or being) `env`; null if there is none.
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
