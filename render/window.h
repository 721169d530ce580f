// A window that shows exactly the rasteriser's pixels and tells what keys are pressed.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "render/event.h"
#include "render/image.h"

namespace ludus::render {

class Window {
 public:
  // Opens a window for pictures of `width` x `height` pixels (smaller where the screen is). Throws NoDisplay (display.h),
  // InvalidArgument for a side below 1, and WorkError if the display refuses the window.
  Window(std::string_view title, int width, int height);
  ~Window();
  Window(Window&&) noexcept;
  Window& operator=(Window&&) noexcept;

  bool is_open() const;
  void close();

  // The pixels inside the window now; a person may change them at any time. A picture of this size is shown
  // unchanged.
  int width() const;
  int height() const;

  // What happened since the last call, oldest first. Closing is only reported: close() does it. A key held down
  // is reported once; all keys count as released when the window loses the keyboard.
  std::vector<Event> poll();

  // Whether the key of that name is held down, as of the last poll().
  bool held(std::string_view key) const;

  // Shows the picture, as large as fits with its proportions kept, in the middle of the window. Throws
  // InvalidArgument for a picture without pixels.
  void show(const Picture& picture);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ludus::render
