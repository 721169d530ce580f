/// @file
/// Selects the episodes to record and names the files: shared by the single and the vector RecordVideo.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/value.h"
#include "envs/core/warn.h"
#include "envs/wrappers/pixels.h"

namespace ludus::envs {

/// Gymnasium's default schedule: episodes 0, 1, 8, 27, … k³ below 1000, then every 1000th.
bool capped_cubic_video_schedule(std::int64_t episode);

struct VideoOptions {
  std::filesystem::path folder;                            ///< created if missing
  std::function<bool(std::int64_t)> episode_trigger = {};  ///< episode index, from 0 → whether to record it
  std::function<bool(std::int64_t)> step_trigger = {};  ///< step index over all episodes → whether to start recording
  std::int64_t length = 0;                              ///< frames per video; 0: until the end of the episode
  std::string name_prefix = "rl-video";
  std::string extension = ".mp4";
  std::optional<double> fps = {};  ///< default: the environment's frame rate
  Warn warn = warn_on_stderr;
};

/// Writes FOLDER/PREFIX-episode-N.mp4 and PREFIX-step-N.mp4. Without triggers the capped cubic schedule selects
/// episodes.
class VideoRecorder {
 public:
  /// With an empty `open` it counts episodes and steps and records nothing. Throws InvalidArgument if length < 0.
  VideoRecorder(VideoOpener open, VideoOptions options, double fps);
  /// Finishes the current video; a failure is only warned of.
  ~VideoRecorder();

  /// Renders a frame; called only if one is recorded.
  using RenderFrame = std::function<Array()>;
  void begin_episode();
  void begin_step();
  void capture(const RenderFrame& render_frame);

  void close();  ///< finishes the current video
  bool recording() const { return video_ != nullptr; }

  /// Loading finishes the current video: another episode follows.
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("step", self.step_);
    visit.property("episode", self.episode_, [&self](auto episode) { self.continue_from(episode); });
  }

  const VideoOptions& options() const { return options_; }

 private:
  void start(const std::string& name);
  void continue_from(std::int64_t episode);

  VideoOpener open_;
  VideoOptions options_;
  double fps_;
  std::int64_t episode_ = -1, step_ = -1;
  std::unique_ptr<VideoSink> video_;
  std::int64_t frames_ = 0;  ///< of the current video
};

}  // namespace ludus::envs
