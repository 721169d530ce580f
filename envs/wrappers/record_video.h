// Films of some episodes.
#pragma once

#include "envs/core/wrapper.h"
#include "envs/wrappers/video_recorder.h"

namespace ludus::envs {

// Films the episodes that the options choose: see VideoRecorder. A copy of such an environment counts on and films
// nothing, for two films of one name would overwrite each other. The spec records no painter and no film writer, so that
// such a stack cannot be rebuilt from it.
class RecordVideo final : public Wrapper {
 public:
  // Throws InvalidArgument if options.length < 0.
  RecordVideo(EnvPtr env, Painter paint, VideoOpener open, VideoOptions options);

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

  // Finishes the film under way; throws a WorkError if that fails.
  void close() { recorder_.close(); }
  bool recording() const { return recorder_.recording(); }

 protected:
  Value save() const override { return recorder_.save(); }
  void restore(const Value& saved) override { recorder_.restore(saved); }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  Painter paint_;
  VideoRecorder recorder_;
};

// What a spec tells of it.
WrapperSpec record_video_spec(const std::string& name, const VideoOptions& options);

}  // namespace ludus::envs
