/// @file
/// Shows episodes in a window, of a policy or of a person at the keyboard.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "apps/keyboard.h"
#include "apps/player.h"
#include "render/video_writer.h"

namespace ludus::apps {

struct PlayWindowOptions {
  double fps = 30;                       ///< steps a second
  std::optional<std::int64_t> episodes;  ///< after which the window closes; none: until a person closes it
  agents::Policy* policy = nullptr;      ///< null: a person plays, with these keys
  std::optional<KeyMap> keys;
  render::VideoWriter* video = nullptr;      ///< records every step, if present
  std::function<double()> clock;             ///< seconds, steady
  std::function<void(double seconds)> rest;  ///< sleeps
  std::function<bool()> stopped;             ///< called for each frame; true closes the window
};

/// Shows the player's episodes until the window is closed. Throws NoDisplay.
void play_in_window(Player& player, const PlayWindowOptions& options);

}  // namespace ludus::apps
