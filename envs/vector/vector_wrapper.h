// The base of wrappers around a vector environment: forwards every call that a derived class does not override.
#pragma once

#include "base/state_fields.h"
#include "envs/vector/vector_env.h"

namespace ludus::envs {

class VectorWrapper : public VectorEnv {
 public:
  const VectorStep& reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  const VectorStep& step(ActionView actions) override;
  Scene render(std::size_t i) const override { return envs_->render(i); }
  double frames_per_second() const override { return envs_->frames_per_second(); }
  void set_threads(std::size_t threads) override { envs_->set_threads(threads); }
  std::size_t threads() const override { return envs_->threads(); }

  /// Return and restore {"env": state of the inner environments, "wrapper": state of the wrapper, "result": the last
  /// result}. set_state() throws InputError without changing anything.
  Value get_state() const final;
  void set_state(const Value& state) final;

  VectorEnv& inner() { return *envs_; }
  const VectorEnv& inner() const { return *envs_; }

 protected:
  /// Wraps `envs` and appends `self` to the wrappers of the spec, unless its name is empty. A null space stands for the
  /// space of `envs`.
  VectorWrapper(VectorEnvPtr&& envs, WrapperSpec self, SpacePtr observation_space = {}, SpacePtr action_space = {});

  /// Write result_ from the result of the inner environments: after a reset of those where `mask` is 1, after a step.
  virtual void after_reset(const VectorStep& inside, std::span<const std::uint8_t>) { result_ = inside; }
  virtual void after_step(const VectorStep& inside) { result_ = inside; }

  /// Write and read the wrapper's state between steps (base/state_fields.h); none by default.
  virtual void write_state(StateWriter&) const {}
  virtual void read_state(StateReader&) {}

  /// Copies all of `inside` but the two fields of observations to result_.
  void copy_all_but_observations(const VectorStep& inside);

 private:
  VectorEnvPtr envs_;
};

/// Returns the outermost wrapper of type W of `envs`, which may be `envs` itself; null if there is none.
template <class W>
W* find_wrapper(VectorEnv& envs) {
  for (VectorEnv* layer = &envs; layer;) {
    if (auto* match = dynamic_cast<W*>(layer)) return match;
    auto* wrapper = dynamic_cast<VectorWrapper*>(layer);
    layer = wrapper ? &wrapper->inner() : nullptr;
  }
  return nullptr;
}

}  // namespace ludus::envs
