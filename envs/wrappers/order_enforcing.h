/// @file
/// Throws ResetNeeded on step() and render() before the first reset().
#pragma once

#include "envs/core/wrapper.h"

namespace ludus::envs {

class OrderEnforcing final : public Wrapper {
 public:
  explicit OrderEnforcing(EnvPtr env);

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;
  Scene render() const override;

  bool has_reset() const { return has_reset_; }

 protected:
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("has_reset", self.has_reset_);
  }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  bool has_reset_ = false;
};

}  // namespace ludus::envs
