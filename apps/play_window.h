// Watching episodes in a window, or playing them there by keyboard.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "apps/keyboard.h"
#include "apps/player.h"
#include "render/video_writer.h"

namespace ludus::apps {

struct PlayWindowOptions {
  double fps = 30;                       // steps a second
  std::optional<std::int64_t> episodes;  // after which the window closes; none: when a person closes it
  agents::Policy* policy = nullptr;      // who plays; without one, a person with these keys:
  std::optional<KeyMap> keys;
  render::VideoWriter* film = nullptr;              // records every step too
  std::function<double()> clock;             // seconds, steady
  std::function<void(double seconds)> rest;  // lets time pass
  std::function<bool()> stopped;             // asked once a picture; true closes the window
};

// Shows the player's episodes until the window is closed. Throws NoDisplay.
void play_in_window(Player& player, const PlayWindowOptions& options);

}  // namespace ludus::apps
