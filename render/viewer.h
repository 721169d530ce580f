/// @file
/// Playback control: step timing, speed, text on the frame. Independent of window and clock:
///
///   Viewer viewer({.fps = 50}, clock());
///   while (!viewer.closed()) {
///     for (const Event& event : window.poll()) viewer.handle(event);
///     if (viewer.take_restart()) …  if (viewer.take_next_seed()) …
///     viewer.begin_frame(clock());
///     while (viewer.take_step(clock())) …step the environment…
///     …draw, with the overlay if viewer.overlay() and the help if viewer.help()…
///     …sleep for viewer.idle(clock())…
///   }
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/value.h"
#include "render/event.h"

namespace ludus::render {

struct ViewerOptions {
  double fps = 30;                          ///< steps per second at speed 1; above 0
  bool paused = false;                      ///< starts paused
  bool overlay = true;                      ///< shows the overlay initially
  std::vector<std::string> game_keys = {};  ///< keys and typed characters of the game: no playback commands
};

class Viewer {
 public:
  /// `now`: seconds of any steady clock, here and below. Throws InvalidArgument unless fps is finite and above 0.
  Viewer(ViewerOptions options, double now);

  /// Executes the command of an event, if it has one and its key is not a game key. A single step also pauses.
  void handle(const Event& event);

  /// Computes the number of steps due. Call once per frame, before its steps.
  void begin_frame(double now);

  /// Returns whether to step the environment once more before the next frame. Steps that do not fit into the frame's
  /// time are dropped, so that the window stays responsive.
  bool take_step(double now);

  /// Returns the time to sleep before the next step or the next poll of the keyboard, seconds (0 to 1/60).
  double idle(double now) const;

  /// Return true once after the key.
  bool take_restart();
  bool take_next_seed();

  bool closed() const { return closed_; }
  bool paused() const { return paused_; }
  bool overlay() const { return overlay_; }
  bool help() const { return help_; }

  /// Returns the speed, a factor of fps: 1/16, 1/8, … 1, 2, … 64, then infinity (unlimited).
  double speed() const;

  /// Returns "paused", "speed 1/4", "speed 2", "speed unlimited", or "paused, speed 2".
  std::string status() const;

 private:
  ViewerOptions options_;
  std::size_t speed_;   ///< index into the speeds
  double frame_start_;  ///< seconds
  double due_ = 0;      ///< steps due and not yet taken
  int singles_ = 0;     ///< pending single steps
  int taken_ = 0;       ///< steps taken since begin_frame
  bool paused_, overlay_;
  bool help_ = false, closed_ = false, restart_ = false, next_seed_ = false;
};

/// The state of an episode, for the overlay.
struct EpisodeStatus {
  std::int64_t episode = 0;
  std::uint64_t seed = 0;
  std::int64_t step = 0;
  double reward = 0;          ///< of the last step
  double episode_return = 0;  ///< sum of the rewards so far
  Value action = {};          ///< null before the first step
  Value observation = {};
};

/// Returns the overlay's text: numbers with four digits, the first eight elements of a long array.
std::vector<std::string> overlay_lines(const EpisodeStatus& status);

/// Returns the help text: keys and their commands.
std::vector<std::string> help_lines();

}  // namespace ludus::render
