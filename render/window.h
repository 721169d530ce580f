/// @file
/// A window that shows images pixel by pixel and reports keyboard events.
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
  /// Opens a window for images of `width` x `height` pixels (at most the screen's size). Throws NoDisplay (display.h),
  /// InvalidArgument for a side below 1, and WorkError if the window cannot be created.
  Window(std::string_view title, int width, int height);
  ~Window();
  Window(Window&&) noexcept;
  Window& operator=(Window&&) noexcept;

  bool is_open() const;
  void close();

  /// The current size of the window's content, pixels; the user may change it at any time. An image of this size is
  /// shown unscaled.
  int width() const;
  int height() const;

  /// Returns the events since the last call, oldest first. A close request is only reported: call close(). A key held
  /// down is reported once; all keys count as released when the window loses the focus.
  std::vector<Event> poll();

  /// Returns whether the key of that name was held down at the last poll().
  bool held(std::string_view key) const;

  /// Shows the image centred, scaled to the window with its aspect ratio kept. Throws InvalidArgument for an image
  /// without pixels.
  void show(const Image& image);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ludus::render
