/// @file
/// Rendered images as observations.
#pragma once

#include "envs/wrappers/pixels.h"
#include "envs/wrappers/transform_wrappers.h"

namespace ludus::envs {

/// Replaces observations by the rendered scene, uint8 (height, width, 3), or, unless `render_only`, by a Dict with the
/// image under `render_key` and the environment's observation under `obs_key` (a Dict observation keeps its keys). The
/// spec does not record the renderer, so the stack cannot be rebuilt from it.
class AddRenderObservation final : public ObservationWrapper {
 public:
  /// Resets the environment once, without a seed, to determine the image's size, as Gymnasium does. Throws
  /// InvalidArgument if a Dict observation already has the key, NotSupported if the environment does not render.
  AddRenderObservation(EnvPtr env, SceneRenderer renderer, bool render_only = true,
                       const std::string& render_key = "pixels", const std::string& obs_key = "state");

  Space& observation_space() override { return *space_; }

 protected:
  void observe(const Value& inside, Value& out) override;
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  AddRenderObservation(EnvPtr env, const AddRenderObservation& like);

  SceneRenderer renderer_;
  bool render_only_;
  std::string render_key_, obs_key_;
  SpacePtr space_;
};

}  // namespace ludus::envs
