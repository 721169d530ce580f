#include "envs/wrappers/video_recorder.h"

#include <cmath>

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
    throw InvalidArgument("the length of a film is a number of pictures, or 0 for a whole episode, not " +
                          std::to_string(options_.length));
  }
  if (!options_.episode_trigger && !options_.step_trigger) options_.episode_trigger = capped_cubic_video_schedule;
}

VideoRecorder::~VideoRecorder() {
  try {
    close();
  } catch (const Error& error) {
    options_.warn("the last film was lost: " + std::string(error.what()));
  }
}

void VideoRecorder::begin_episode() {
  ++episode_;
  if (options_.length == 0) close();
  if (options_.episode_trigger && options_.episode_trigger(episode_)) {
    start(options_.name_prefix + "-episode-" + std::to_string(episode_));
  }
}

void VideoRecorder::begin_step() {
  ++step_;
  if (options_.step_trigger && options_.step_trigger(step_)) {
    start(options_.name_prefix + "-step-" + std::to_string(step_));
  }
}

void VideoRecorder::capture(const Picture& picture) {
  if (!film_) return;
  film_->add(picture());
  ++pictures_;
  // Gymnasium stops when there is one picture more than asked for
  if (options_.length > 0 && pictures_ > options_.length) close();
}

void VideoRecorder::start(const std::string& name) {
  close();
  if (!open_) return;
  std::error_code failure;
  std::filesystem::create_directories(options_.folder, failure);
  if (failure) {
    throw FileError("the folder for films " + options_.folder.string() + " cannot be made: " + failure.message());
  }
  film_ = open_(options_.folder / (name + options_.extension), fps_);
  pictures_ = 0;
}

void VideoRecorder::close() {
  if (!film_) return;
  const std::unique_ptr<FilmWriter> film = std::move(film_);
  if (pictures_ > 0) film->finish();
}

Value VideoRecorder::save() const {
  return List{episode_, step_};
}

void VideoRecorder::restore(const Value& saved) {
  close();
  episode_ = saved.as_list().at(0).as_int();
  step_ = saved.as_list().at(1).as_int();
}

}  // namespace ludus::envs
