/// @file
/// Detection of a usable display.
#pragma once

#include <memory>

#include "base/error.h"

namespace ludus::render {

/// No display to open a window on.
class NoDisplay : public InputError {
 public:
  using InputError::InputError;
};

/// A connection to the display, closed with its last copy. An X server without other clients resets when its last
/// connection closes and refuses new connections meanwhile, which makes SFML abort: hold this from hold_display() until
/// all windows are closed.
using DisplayHold = std::shared_ptr<void>;

/// Connects to the display without opening a window. Throws NoDisplay, which suggests recording a video, unless a
/// display with OpenGL is available.
[[nodiscard]] DisplayHold hold_display();

}  // namespace ludus::render
