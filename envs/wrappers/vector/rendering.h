/// @file
/// Video recording and live rendering of vector environments.
#pragma once

#include <array>

#include "envs/vector/vector_wrapper.h"
#include "envs/wrappers/video_recorder.h"

namespace ludus::envs::vector {

struct VectorVideoOptions {
  VideoOptions video;
  std::array<double, 2> aspect_ratio{1, 1};  ///< width to height; the grid of frames approximates it
  bool record_first_only = false;            ///< record environment 0 only
};

/// As the single RecordVideo, with the frames of all environments tiled. Episodes are those of environment 0. In the
/// autoreset mode same_step the last frame of an episode is not recorded: the environment has been reset when the step
/// returns.
class RecordVideo final : public VectorWrapper {
 public:
  /// Throws InvalidArgument if the length is negative or the aspect ratio not positive.
  RecordVideo(VectorEnvPtr envs, SceneRenderer renderer, VideoOpener open, VectorVideoOptions options);

  void close() { recorder_.close(); }
  bool recording() const { return recorder_.recording(); }

 protected:
  void after_reset(const VectorStep& inside, std::span<const std::uint8_t> mask) override;
  void after_step(const VectorStep& inside) override;
  void write_state(StateWriter& visit) const override { VideoRecorder::state(recorder_, visit); }
  void read_state(StateReader& visit) override { VideoRecorder::state(recorder_, visit); }

 private:
  Array tiled_frame() const;

  SceneRenderer renderer_;
  VectorVideoOptions options_;
  VideoRecorder recorder_;
};

/// Shows all environments after every reset and step: their frames, scaled down and tiled into one of `screen_size`
/// (width, height; default: that of one frame).
class HumanRendering final : public VectorWrapper {
 public:
  HumanRendering(VectorEnvPtr envs, SceneRenderer renderer, Screen screen,
                 std::optional<std::array<std::int64_t, 2>> screen_size = {});

 protected:
  void after_reset(const VectorStep& inside, std::span<const std::uint8_t>) override { after_step(inside); }
  void after_step(const VectorStep& inside) override;

 private:
  SceneRenderer renderer_;
  Screen screen_;
  std::optional<std::array<std::int64_t, 2>> screen_size_;
};

/// Returns the number of columns of a full grid of n frames with the proportions nearest to `aspect` (width over
/// height).
std::size_t grid_columns(std::size_t n, std::int64_t height, std::int64_t width, double aspect);

}  // namespace ludus::envs::vector
