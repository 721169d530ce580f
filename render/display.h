// Whether there is a display that a window could be opened on.
#pragma once

#include "base/error.h"

namespace ludus::render {

// There is no display on which a window could be opened.
class NoDisplay : public InputError {
 public:
  using InputError::InputError;
};

// Throws NoDisplay, offering to record a film, unless a display with OpenGL answers. Opens nothing.
void require_display();

}  // namespace ludus::render
