#include "render/env_sinks.h"

#include <chrono>
#include <optional>
#include <thread>

#include "base/value.h"
#include "render/display.h"
#include "render/video_writer.h"
#include "render/raster.h"
#include "render/window.h"

namespace ludus::render {
namespace {

class Writer final : public envs::FilmWriter {
 public:
  Writer(const std::filesystem::path& file, double fps) : film_(file, fps) {}
  void add(const Array& pixels) override { film_.add(picture_of(pixels)); }
  void finish() override { film_.finish(); }

 private:
  VideoWriter film_;
};

// The window and when its next picture is due.
struct Show {
  DisplayHold display;
  std::optional<Window> window;
  bool closed = false;
  std::chrono::steady_clock::time_point due = {};
};

void show(Show& state, const std::string& title, const Picture& picture, double fps) {
  if (state.closed) return;
  if (!state.window) {
    state.display = hold_display();
    state.window.emplace(title, picture.width, picture.height);
  }
  for (const Event& event : state.window->poll()) {
    if (command_of(event) == Command::kClose) state.closed = true;
  }
  if (state.closed) {
    state.window.reset();
    return;
  }
  std::this_thread::sleep_until(state.due);
  state.window->show(picture);
  const auto time =
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(1 / fps));
  state.due = std::chrono::steady_clock::now() + time;
}

}  // namespace

Picture picture_of(const Array& pixels) {
  const Shape& shape = pixels.shape();
  if (pixels.dtype() != DType::kUInt8 || shape.rank() != 3 || shape[2] != 3) {
    throw InvalidArgument("pixels are uint8 of shape (height, width, 3), not " + Value(pixels).describe());
  }
  const auto numbers = pixels.data<std::uint8_t>();
  return {static_cast<int>(shape[1]), static_cast<int>(shape[0]), {numbers.begin(), numbers.end()}};
}

Array array_of(const Picture& picture) {
  return Array::of(std::span<const std::uint8_t>(picture.rgb), Shape{picture.height, picture.width, 3});
}

envs::Painter painter(int width, int height) {
  return [=](const envs::Scene& scene) { return array_of(rasterise(scene, width, height)); };
}

envs::VideoOpener film_opener() {
  return [](const std::filesystem::path& file, double fps) -> std::unique_ptr<envs::FilmWriter> {
    return std::make_unique<Writer>(file, fps);
  };
}

envs::Screen screen(std::string title) {
  return [state = std::make_shared<Show>(), title = std::move(title)](const Array& pixels, double fps) {
    show(*state, title, picture_of(pixels), fps);
  };
}

}  // namespace ludus::render
