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
  Value save() const override { return has_reset_; }
  void restore(const Value& saved) override { has_reset_ = saved.as_bool(); }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  bool has_reset_ = false;
};

}  // namespace ludus::envs
