#include "render/display.h"

#include <X11/Xlib.h>

#include <cstdlib>
#include <string>

#include "render/label.h"

namespace ludus::render {

// SFML aborts the whole program where it finds no display, so it is not asked before Xlib has been.
DisplayHold hold_display() {
  const std::string offer = "; record a film instead with --record FILE.mp4, or start this from a graphical session";
  const char* name = std::getenv("DISPLAY");
  if (name == nullptr || *name == '\0')
    throw NoDisplay("there is no display for a window (DISPLAY is not set)" + offer);

  Display* const display = XOpenDisplay(name);
  const std::string shown = "\"" + printable(name) + "\"";
  if (display == nullptr) throw NoDisplay("the display " + shown + " (from DISPLAY) does not answer" + offer);
  DisplayHold hold(display, [](void* connection) { XCloseDisplay(static_cast<Display*>(connection)); });
  int opcode, event, error;
  const bool has_gl = XQueryExtension(display, "GLX", &opcode, &event, &error) != 0;
  if (!has_gl) throw NoDisplay("the display " + shown + " has no OpenGL (GLX), which a window needs" + offer);
  return hold;
}

}  // namespace ludus::render
