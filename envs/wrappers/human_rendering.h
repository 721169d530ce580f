/// @file
/// Live rendering in a window.
#pragma once

#include "envs/core/wrapper.h"
#include "envs/wrappers/pixels.h"

namespace ludus::envs {

/// Shows the rendered scene after every reset and step, at the environment's frame rate. A copy shows nothing: search
/// algorithms copy environments by the thousand. The spec records neither renderer nor screen, so the stack cannot be
/// rebuilt from it.
class HumanRendering final : public Wrapper {
 public:
  HumanRendering(EnvPtr env, SceneRenderer renderer, Screen screen)
      : Wrapper(std::move(env), {"HumanRendering", {}}), renderer_(std::move(renderer)), screen_(std::move(screen)) {}

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

 protected:
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  void show();

  SceneRenderer renderer_;
  Screen screen_;  ///< empty in copies
};

}  // namespace ludus::envs
