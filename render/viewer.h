// The control of playback: when to step, how fast, what to show. It knows no window and reads no clock, so one
// loop serves every use:
//
//   Viewer viewer({.fps = 50}, clock());
//   while (!viewer.closed()) {
//     for (const Event& event : window.poll()) viewer.handle(event);
//     if (viewer.take_restart()) …  if (viewer.take_next_seed()) …
//     viewer.begin_frame(clock());
//     while (viewer.take_step(clock())) …one step of the environment…
//     …draw, with the overlay if viewer.overlay(), and the help if viewer.help()…
//     …sleep for viewer.idle(clock())…
//   }
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/value.h"
#include "render/event.h"

namespace ludus::render {

struct ViewerOptions {
  double fps = 30;                          // steps a second at speed 1; above 0
  bool paused = false;                      // whether playback waits for a key at first
  bool overlay = true;                      // whether the overlay is shown at first
  std::vector<std::string> game_keys = {};  // keys and typed characters that belong to the game and command nothing
};

class Viewer {
 public:
  // `now`: the time of any steady clock, seconds, here and below. Throws InvalidArgument unless fps is finite and
  // above 0.
  Viewer(ViewerOptions options, double now);

  // Obeys the command of an event, if it has one and its key is not the game's. A single step pauses first.
  void handle(const Event& event);

  // Once per picture, before its steps: counts what the clock says is due.
  void begin_frame(double now);

  // Whether the environment is to be stepped once more before the next picture. Steps that take longer than the
  // clock allows are dropped, not made up for, so that the window keeps answering.
  bool take_step(double now);

  // How long the loop may sleep before the next step or the next look at the keyboard, seconds (0 to 1/60).
  double idle(double now) const;

  // Each is true once after the key.
  bool take_restart();
  bool take_next_seed();

  bool closed() const { return closed_; }
  bool paused() const { return paused_; }
  bool overlay() const { return overlay_; }
  bool help() const { return help_; }

  // Steps are done at fps times this: 1/16, 1/8, … 1, 2, … 64, then infinity, which is as fast as they go.
  double speed() const;

  // "paused", "speed 1/4", "speed 2", "speed unlimited", or "paused, speed 2".
  std::string status() const;

 private:
  ViewerOptions options_;
  std::size_t speed_;   // index into the speeds
  double frame_start_;  // seconds
  double due_ = 0;      // steps that the clock has granted and that were not yet taken
  int singles_ = 0;     // single steps asked for
  int taken_ = 0;       // steps taken since begin_frame
  bool paused_, overlay_;
  bool help_ = false, closed_ = false, restart_ = false, next_seed_ = false;
};

// Where an episode stands.
struct EpisodeStatus {
  std::int64_t episode = 0;
  std::uint64_t seed = 0;
  std::int64_t step = 0;
  double reward = 0;          // of the last step
  double episode_return = 0;  // sum of the rewards so far
  Value action = {};          // null before the first step
  Value observation = {};
};

// The overlay's text; numbers to four digits, of a long array the first eight.
std::vector<std::string> overlay_lines(const EpisodeStatus& facts);

// The keys and what they do.
std::vector<std::string> help_lines();

}  // namespace ludus::render
