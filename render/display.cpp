#include "render/display.h"

#include <X11/Xlib.h>

#include <cstdlib>
#include <string>

#include "base/format.h"
#include "render/label.h"

namespace ludus::render {

// SFML aborts the program without a display, so Xlib checks first.
DisplayHold hold_display() {
  const std::string offer = "; record a video instead with --record FILE.mp4, or start this from a graphical session";
  const char* name = std::getenv("DISPLAY");
  if (name == nullptr || *name == '\0')
    throw NoDisplay(formatted("no display for a window (DISPLAY is not set){}", offer));

  Display* const display = XOpenDisplay(name);
  const std::string shown = "\"" + printable(name) + "\"";
  if (display == nullptr) throw NoDisplay(formatted("the display {} (from DISPLAY) does not answer{}", shown, offer));
  DisplayHold hold(display, [](void* connection) { XCloseDisplay(static_cast<Display*>(connection)); });
  int opcode, event, error;
  const bool has_gl = XQueryExtension(display, "GLX", &opcode, &event, &error) != 0;
  if (!has_gl) throw NoDisplay(formatted("the display {} has no OpenGL (GLX), which a window needs{}", shown, offer));
  return hold;
}

}  // namespace ludus::render
