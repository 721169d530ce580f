// The picture as an observation.
#pragma once

#include "envs/wrappers/pixels.h"
#include "envs/wrappers/transform_wrappers.h"

namespace ludus::envs {

// Observations are the painted scene, uint8 (height, width, 3); or, unless `render_only`, a Dict of it under
// `render_key` and the environment's own under `obs_key` (a Dict keeps its own keys). The spec records no painter, so that
// such a stack cannot be rebuilt from it.
class AddRenderObservation final : public ObservationWrapper {
 public:
  // Resets the environment once, without a seed, to learn the picture's size, as Gymnasium does. Throws InvalidArgument
  // for a Dict that has the key already, NotSupported for an environment without pictures.
  AddRenderObservation(EnvPtr env, Painter paint, bool render_only = true, const std::string& render_key = "pixels",
                       const std::string& obs_key = "state");

  Space& observation_space() override { return *space_; }

 protected:
  void observe(const Value& inside, Value& out) override;
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  AddRenderObservation(EnvPtr env, const AddRenderObservation& like);

  Painter paint_;
  bool render_only_;
  std::string render_key_, obs_key_;
  SpacePtr space_;
};

}  // namespace ludus::envs
