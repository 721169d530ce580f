// Films and a window of several environments at once.
#pragma once

#include <array>

#include "envs/vector/vector_wrapper.h"
#include "envs/wrappers/video_recorder.h"

namespace ludus::envs::vector {

struct VectorVideoOptions {
  VideoOptions video;
  std::array<double, 2> aspect_ratio{1, 1};  // width to height that the film of all environments comes near
  bool record_first_only = false;            // film environment 0 alone
};

// As the single RecordVideo, with the pictures of all environments side by side. Episodes are those of environment 0. In
// the autoreset mode same_step an episode's last picture is not seen, for it is gone when the step is over.
class RecordVideo final : public VectorWrapper {
 public:
  // Throws InvalidArgument if the length is negative or the aspect ratio not positive.
  RecordVideo(VectorEnvPtr envs, Painter paint, VideoOpener open, VectorVideoOptions options);

  void close() { recorder_.close(); }
  bool recording() const { return recorder_.recording(); }

 protected:
  void after_reset(const VectorStep& inside, std::span<const std::uint8_t> mask) override;
  void after_step(const VectorStep& inside) override;
  Value save() const override { return recorder_.save(); }
  void restore(const Value& saved) override { recorder_.restore(saved); }

 private:
  Array picture() const;

  Painter paint_;
  VectorVideoOptions options_;
  VideoRecorder recorder_;
};

// Shows all environments after every reset and step: their pictures shrunk side by side into one of `screen_size` (width,
// height; by default that of one picture).
class HumanRendering final : public VectorWrapper {
 public:
  HumanRendering(VectorEnvPtr envs, Painter paint, Screen screen,
                 std::optional<std::array<std::int64_t, 2>> screen_size = {});

 protected:
  void after_reset(const VectorStep& inside, std::span<const std::uint8_t>) override { after_step(inside); }
  void after_step(const VectorStep& inside) override;

 private:
  Painter paint_;
  Screen screen_;
  std::optional<std::array<std::int64_t, 2>> screen_size_;
};

// The columns of a grid of n pictures, no place empty, whose proportions come nearest to aspect (width over height).
std::size_t film_columns(std::size_t n, std::int64_t height, std::int64_t width, double aspect);

}  // namespace ludus::envs::vector
