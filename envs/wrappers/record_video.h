/// @file
/// Video recording of selected episodes.
#pragma once

#include "envs/core/wrapper.h"
#include "envs/wrappers/video_recorder.h"

namespace ludus::envs {

/// Records the episodes that the options select: see VideoRecorder. A copy keeps counting but records nothing: two
/// videos of one name would overwrite each other. The spec records neither renderer nor video opener, so the stack
/// cannot be rebuilt from it.
class RecordVideo final : public Wrapper {
 public:
  /// Throws InvalidArgument if options.length < 0.
  RecordVideo(EnvPtr env, SceneRenderer renderer, VideoOpener open, VideoOptions options);

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

  /// Finishes the current video. Throws WorkError on failure.
  void close() { recorder_.close(); }
  bool recording() const { return recorder_.recording(); }

 protected:
  void write_state(StateWriter& visit) const override { VideoRecorder::state(recorder_, visit); }
  void read_state(StateReader& visit) override { VideoRecorder::state(recorder_, visit); }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  SceneRenderer renderer_;
  VideoRecorder recorder_;
};

/// Returns the options as a spec records them.
WrapperSpec record_video_spec(const std::string& name, const VideoOptions& options);

}  // namespace ludus::envs
