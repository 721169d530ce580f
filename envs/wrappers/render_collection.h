/// @file
/// Collection of all scenes of an episode.
#pragma once

#include <vector>

#include "envs/core/wrapper.h"

namespace ludus::envs {

/// Collects the scene of every reset and step. Scenes are not part of the saved state: a restored or copied environment
/// starts with an empty collection.
class RenderCollection final : public Wrapper {
 public:
  /// `pop_frames`: frames() clears the collection; `reset_clean`: reset() clears it.
  explicit RenderCollection(EnvPtr env, bool pop_frames = true, bool reset_clean = true);

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

  std::vector<Scene> frames();

 protected:
  void read_state(StateReader& state) override {
    state.at_commit([this] { frames_.clear(); });
  }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  bool pop_frames_, reset_clean_;
  std::vector<Scene> frames_;
};

}  // namespace ludus::envs
