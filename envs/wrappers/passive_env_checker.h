/// @file
/// Warnings about environments that break the contract.
#pragma once

#include "envs/core/warn.h"
#include "envs/core/wrapper.h"

namespace ludus::envs {

/// Checks the spaces on construction, and the first reset, step and render: observations in the space, a finite reward,
/// a positive frame rate. Warns with one sentence per finding and passes everything on unchanged. (check_env tests an
/// environment thoroughly.)
class PassiveEnvChecker final : public Wrapper {
 public:
  /// Throws InvalidArgument for a space without parts.
  explicit PassiveEnvChecker(EnvPtr env, Warn warn = warn_on_stderr);

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;
  Scene render() const override;

 protected:
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("checked_reset", self.checked_reset_);
    visit("checked_step", self.checked_step_);
    visit("checked_render", self.checked_render_);
  }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  void check_observation(const Value& observation, const char* function);

  Warn warn_;
  bool checked_reset_ = false, checked_step_ = false;
  mutable bool checked_render_ = false;
};

}  // namespace ludus::envs
