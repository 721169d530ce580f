#include "envs/wrappers/video_recorder.h"

#include <cmath>

#include "base/format.h"

namespace ludus::envs {

bool capped_cubic_video_schedule(std::int64_t episode) {
  constexpr std::int64_t kCap = 1000;
  if (episode >= kCap) return episode % kCap == 0;
  const auto root = static_cast<std::int64_t>(std::lround(std::cbrt(static_cast<double>(episode))));
  return root * root * root == episode;
}

VideoRecorder::VideoRecorder(VideoOpener open, VideoOptions options, double fps)
    : open_(std::move(open)), options_(std::move(options)), fps_(options_.fps.value_or(fps)) {
  if (options_.length < 0) {
    throw InvalidArgument(
        formatted("RecordVideo: length must be a number of frames, or 0 for a whole episode, got {}", options_.length));
  }
  if (!options_.episode_trigger && !options_.step_trigger) options_.episode_trigger = capped_cubic_video_schedule;
}

VideoRecorder::~VideoRecorder() {
  try {
    close();
  } catch (const Error& error) {
    options_.warn(formatted("the last video was lost: {}", error.what()));
  }
}

void VideoRecorder::begin_episode() {
  ++episode_;
  if (options_.length == 0) close();
  if (options_.episode_trigger && options_.episode_trigger(episode_)) {
    start(formatted("{}-episode-{}", options_.name_prefix, episode_));
  }
}

void VideoRecorder::begin_step() {
  ++step_;
  if (options_.step_trigger && options_.step_trigger(step_)) {
    start(formatted("{}-step-{}", options_.name_prefix, step_));
  }
}

void VideoRecorder::capture(const RenderFrame& render_frame) {
  if (!video_) return;
  video_->add(render_frame());
  ++frames_;
  // as Gymnasium, which records one frame more than `length`
  if (options_.length > 0 && frames_ > options_.length) close();
}

void VideoRecorder::start(const std::string& name) {
  close();
  if (!open_) return;
  std::error_code failure;
  std::filesystem::create_directories(options_.folder, failure);
  if (failure) {
    throw FileError(
        formatted("cannot create the folder for videos {}: {}", options_.folder.string(), failure.message()));
  }
  video_ = open_(options_.folder / (name + options_.extension), fps_);
  frames_ = 0;
}

void VideoRecorder::close() {
  if (!video_) return;
  const std::unique_ptr<VideoSink> video = std::move(video_);
  if (frames_ > 0) video->finish();
}

void VideoRecorder::continue_from(std::int64_t episode) {
  close();
  episode_ = episode;
}

}  // namespace ludus::envs
