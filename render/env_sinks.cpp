#include "render/env_sinks.h"

#include <chrono>
#include <optional>
#include <thread>

#include "base/format.h"
#include "base/value.h"
#include "render/display.h"
#include "render/raster.h"
#include "render/video_writer.h"
#include "render/window.h"

namespace ludus::render {
namespace {

class Writer final : public envs::VideoSink {
 public:
  Writer(const std::filesystem::path& file, double fps) : video_(file, fps) {}
  void add(const Array& pixels) override { video_.add(image_of(pixels)); }
  void finish() override { video_.finish(); }

 private:
  VideoWriter video_;
};

// The window and when its next image is due.
struct Show {
  DisplayHold display;
  std::optional<Window> window;
  bool closed = false;
  std::chrono::steady_clock::time_point due = {};
};

void show(Show& state, const std::string& title, const Image& image, double fps) {
  if (state.closed) return;
  if (!state.window) {
    state.display = hold_display();
    state.window.emplace(title, image.width, image.height);
  }
  for (const Event& event : state.window->poll()) {
    if (command_of(event) == Command::kClose) state.closed = true;
  }
  if (state.closed) {
    state.window.reset();
    return;
  }
  std::this_thread::sleep_until(state.due);
  state.window->show(image);
  const auto time =
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(1 / fps));
  state.due = std::chrono::steady_clock::now() + time;
}

}  // namespace

Image image_of(const Array& pixels) {
  const Shape& shape = pixels.shape();
  if (pixels.dtype() != DType::kUInt8 || shape.rank() != 3 || shape[2] != 3) {
    throw InvalidArgument(
        formatted("pixels must be uint8 of shape (height, width, 3), got {}", Value(pixels).describe()));
  }
  const auto numbers = pixels.data<std::uint8_t>();
  return {static_cast<int>(shape[1]), static_cast<int>(shape[0]), {numbers.begin(), numbers.end()}};
}

Array array_of(const Image& image) {
  return Array::of(std::span<const std::uint8_t>(image.rgb), Shape{image.height, image.width, 3});
}

envs::SceneRenderer scene_renderer(int width, int height) {
  return [=](const envs::Scene& scene) { return array_of(rasterise(scene, width, height)); };
}

envs::VideoOpener video_opener() {
  return [](const std::filesystem::path& file, double fps) -> std::unique_ptr<envs::VideoSink> {
    return std::make_unique<Writer>(file, fps);
  };
}

envs::Screen screen(std::string title) {
  return [state = std::make_shared<Show>(), title = std::move(title)](const Array& pixels, double fps) {
    show(*state, title, image_of(pixels), fps);
  };
}

}  // namespace ludus::render
