#include "envs/wrappers/vector/rendering.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "envs/wrappers/image.h"
#include "envs/wrappers/record_video.h"

namespace ludus::envs::vector {
namespace {

std::vector<Array> frames_of(const VectorEnv& envs, const SceneRenderer& renderer, std::size_t count) {
  std::vector<Array> frames;
  for (std::size_t i = 0; i < count; ++i) frames.push_back(renderer(envs.render(i)));
  return frames;
}

WrapperSpec video_spec(const VectorVideoOptions& options) {
  WrapperSpec self = record_video_spec("vector.RecordVideo", options.video);
  self.kwargs["video_aspect_ratio"] = List{options.aspect_ratio[0], options.aspect_ratio[1]};
  self.kwargs["record_first_only"] = options.record_first_only;
  return self;
}

Value size_argument(const std::optional<std::array<std::int64_t, 2>>& size) {
  return size ? Value(List{(*size)[0], (*size)[1]}) : Value();
}

}  // namespace

std::size_t grid_columns(std::size_t n, std::int64_t height, std::int64_t width, double aspect) {
  std::size_t best = n;
  double least = INFINITY;
  for (std::size_t rows = 1; rows * rows <= n; ++rows) {
    if (n % rows != 0) continue;
    const std::size_t columns = n / rows;
    const double difference = std::abs(static_cast<double>(columns) * static_cast<double>(width) /
                                           (static_cast<double>(rows) * static_cast<double>(height)) -
                                       aspect);
    if (difference >= least) continue;
    least = difference;
    best = columns;
  }
  return best;
}

RecordVideo::RecordVideo(VectorEnvPtr envs, SceneRenderer renderer, VideoOpener open, VectorVideoOptions options)
    : VectorWrapper(std::move(envs), video_spec(options)),
      renderer_(std::move(renderer)),
      options_(options),
      recorder_(std::move(open), options.video, inner().frames_per_second()) {
  if (!(options.aspect_ratio[0] > 0 && options.aspect_ratio[1] > 0)) {
    throw InvalidArgument("vector.RecordVideo: aspect_ratio must be two positive numbers, width and height");
  }
}

void RecordVideo::after_reset(const VectorStep& inside, std::span<const std::uint8_t> mask) {
  result_ = inside;
  if (mask[0]) recorder_.begin_episode();
  recorder_.capture([&] { return tiled_frame(); });
}

void RecordVideo::after_step(const VectorStep& inside) {
  result_ = inside;
  const bool begun = autoreset_mode() == AutoresetMode::kSameStep ? inside.terminated[0] || inside.truncated[0]
                                                                  : inside.was_reset[0] != 0;
  if (begun) recorder_.begin_episode();
  recorder_.begin_step();
  recorder_.capture([&] { return tiled_frame(); });
}

Array RecordVideo::tiled_frame() const {
  const std::vector<Array> frames = frames_of(inner(), renderer_, options_.record_first_only ? 1 : num_envs());
  const std::int64_t height = frames[0].shape()[0], width = frames[0].shape()[1];
  const std::size_t columns =
      grid_columns(frames.size(), height, width, options_.aspect_ratio[0] / options_.aspect_ratio[1]);
  return tiled(frames, columns, height * static_cast<std::int64_t>(frames.size() / columns),
               width * static_cast<std::int64_t>(columns));
}

HumanRendering::HumanRendering(VectorEnvPtr envs, SceneRenderer renderer, Screen screen,
                               std::optional<std::array<std::int64_t, 2>> screen_size)
    : VectorWrapper(std::move(envs), {"vector.HumanRendering", {{"screen_size", size_argument(screen_size)}}}),
      renderer_(std::move(renderer)),
      screen_(std::move(screen)),
      screen_size_(screen_size) {
  if (!screen_) throw InvalidArgument("vector.HumanRendering needs a screen to show its frames on");
  if (screen_size && ((*screen_size)[0] < 1 || (*screen_size)[1] < 1)) {
    throw InvalidArgument("vector.HumanRendering: screen_size must be a positive width and height in pixels");
  }
}

void HumanRendering::after_step(const VectorStep& inside) {
  result_ = inside;
  std::vector<Array> frames = frames_of(inner(), renderer_, num_envs());
  const std::int64_t height = frames[0].shape()[0], width = frames[0].shape()[1];
  const auto [all_width, all_height] = screen_size_.value_or(std::array{width, height});

  // adds a row or a column, where more space is left, until all frames fit
  const double wide = static_cast<double>(width) / static_cast<double>(all_width),
               high = static_cast<double>(height) / static_cast<double>(all_height);
  std::size_t rows = 1, columns = 1;
  while (rows * columns < num_envs()) {
    const double filled_down = static_cast<double>(rows) * high, filled_across = static_cast<double>(columns) * wide;
    if (filled_down <= filled_across) ++rows;
    if (filled_down >= filled_across) ++columns;
  }

  const double scale = std::min(1 / (static_cast<double>(columns) * wide), 1 / (static_cast<double>(rows) * high));
  const auto small_height = static_cast<std::int64_t>(static_cast<double>(height) * scale),
             small_width = static_cast<std::int64_t>(static_cast<double>(width) * scale);
  if (small_height < 1 || small_width < 1) {
    throw InvalidArgument(formatted(
        "vector.HumanRendering: a screen of {} x {} pixels is too small for {} environments; use a larger screen_size",
        all_width, all_height, num_envs()));
  }
  AreaResize resize(height, width, small_height, small_width, 3);
  for (Array& frame : frames) {
    Array small(DType::kUInt8, Shape{small_height, small_width, 3});
    resize(frame, small);
    frame = std::move(small);
  }
  screen_(tiled(frames, columns, all_height, all_width), frames_per_second());
}

}  // namespace ludus::envs::vector
