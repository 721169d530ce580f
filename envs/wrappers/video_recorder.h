// When to film, and into which files: what the single and the vector RecordVideo share.
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

// Gymnasium's default: episodes 0, 1, 8, 27, … k³ below 1000, and then every 1000th.
bool capped_cubic_video_schedule(std::int64_t episode);

struct VideoOptions {
  std::filesystem::path folder;                            // made if it is not there
  std::function<bool(std::int64_t)> episode_trigger = {};  // of an episode's number, from 0: whether to film it
  std::function<bool(std::int64_t)> step_trigger = {};     // of a step's number over all episodes: film from here on
  std::int64_t length = 0;                                 // pictures of a film; 0: to the end of the episode
  std::string name_prefix = "rl-video";
  std::string extension = ".mp4";
  std::optional<double> fps = {};  // by default the environment's own
  Warn warn = warn_on_stderr;
};

// Films go to <folder>/<prefix>-episode-<n>.mp4 and <prefix>-step-<n>.mp4. Without any trigger, the capped cubic schedule
// decides.
class VideoRecorder {
 public:
  // `open` may be empty: counts, and films nothing. Throws InvalidArgument if length < 0.
  VideoRecorder(VideoOpener open, VideoOptions options, double fps);
  // Finishes the film under way; what goes wrong then is only warned of.
  ~VideoRecorder();

  // Ask for a picture only where one is needed: painting costs.
  using Picture = std::function<Array()>;
  void begin_episode();
  void begin_step();
  void capture(const Picture& picture);

  void close();  // finishes the film under way
  bool recording() const { return film_ != nullptr; }

  Value save() const;
  // Finishes the film under way: another episode follows.
  void restore(const Value& saved);

  const VideoOptions& options() const { return options_; }

 private:
  void start(const std::string& name);

  VideoOpener open_;
  VideoOptions options_;
  double fps_;
  std::int64_t episode_ = -1, step_ = -1;
  std::unique_ptr<FilmWriter> film_;
  std::int64_t pictures_ = 0;  // of the film under way
};

}  // namespace ludus::envs
