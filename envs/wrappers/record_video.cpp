#include "envs/wrappers/record_video.h"

namespace ludus::envs {

WrapperSpec record_video_spec(const std::string& name, const VideoOptions& options) {
  return {name,
          {{"video_folder", options.folder.string()},
           {"video_length", options.length},
           {"name_prefix", options.name_prefix},
           {"fps", options.fps ? Value(*options.fps) : Value()}}};
}

RecordVideo::RecordVideo(EnvPtr env, SceneRenderer renderer, VideoOpener open, VideoOptions options)
    : Wrapper(std::move(env), record_video_spec("RecordVideo", options)),
      renderer_(std::move(renderer)),
      recorder_(std::move(open), std::move(options), inner().frames_per_second()) {}

Reset RecordVideo::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  Reset result = inner().reset(seed, options);
  recorder_.begin_episode();
  recorder_.capture([&] { return renderer_(inner().render()); });
  return result;
}

void RecordVideo::step_into(const Value& action, Step& out) {
  inner().step_into(action, out);
  recorder_.begin_step();
  recorder_.capture([&] { return renderer_(inner().render()); });
}

std::unique_ptr<Wrapper> RecordVideo::clone_around(EnvPtr env) const {
  return std::make_unique<RecordVideo>(std::move(env), renderer_, VideoOpener(), recorder_.options());
}

}  // namespace ludus::envs
