// Shows an environment while it runs.
#pragma once

#include "envs/core/wrapper.h"
#include "envs/wrappers/pixels.h"

namespace ludus::envs {

// Shows the painted scene after every reset and step, at the environment's own speed. A copy of such an environment shows
// nothing: searching agents copy by the thousand. The spec records no painter and no screen, so that such a stack cannot
// be rebuilt from it.
class HumanRendering final : public Wrapper {
 public:
  HumanRendering(EnvPtr env, Painter paint, Screen screen)
      : Wrapper(std::move(env), {"HumanRendering", {}}), paint_(std::move(paint)), screen_(std::move(screen)) {}

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

 protected:
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  void show();

  Painter paint_;
  Screen screen_;  // may be empty
};

}  // namespace ludus::envs
