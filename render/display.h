// Whether there is a display that a window could be opened on.
#pragma once

#include <memory>

#include "base/error.h"

namespace ludus::render {

// There is no display on which a window could be opened.
class NoDisplay : public InputError {
 public:
  using InputError::InputError;
};

// A connection to the display; it ends when the last copy is gone. An X server that nobody else uses starts afresh when
// its last connection ends, and refuses new ones meanwhile, over which SFML would abort: hold this from the question
// whether there is a display until the windows are gone.
using DisplayHold = std::shared_ptr<void>;

// Opens no window. Throws NoDisplay, offering to record a film, unless a display with OpenGL answers.
[[nodiscard]] DisplayHold hold_display();

}  // namespace ludus::render
