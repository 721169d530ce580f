// Sliding windows of convolution and pooling: padding and output extents. This header does not include torch.
#pragma once

#include "nn/layers/layer_parts.h"

namespace ludus::nn {

/// Padding of a sliding window. In a description "valid", "same", or the padding of every dimension: [1, 1], or 1 for
/// all.
struct Padding {
  enum class Kind : std::uint8_t {
    kValid,     ///< none
    kSame,      ///< as in TensorFlow: the output has ceil(extent / stride) positions; an odd rest is padded at the end
    kExplicit,  ///< as in torch: `sizes` at both sides
  };
  Kind kind = Kind::kValid;
  std::vector<std::int64_t> sizes = {};  // of each dimension, or one for all; explicit padding only

  static Padding valid() { return {}; }
  static Padding same() { return {.kind = Kind::kSame, .sizes = {}}; }
  static Padding of(std::vector<std::int64_t> sizes) { return {.kind = Kind::kExplicit, .sizes = std::move(sizes)}; }

  friend bool operator==(const Padding&, const Padding&) = default;
};

/// Convert a padding field of a configuration (base/fields.h).
void read_field(const Value& value, Padding& field);
Value show_field(const Padding& field);

namespace layers {

/// A window along one dimension.
struct Window {
  std::int64_t kernel;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;

  std::int64_t span() const { return dilation * (kernel - 1) + 1; }  // positions from the first to the last
};

/// Padding of one dimension, in positions.
struct Margins {
  std::int64_t before;
  std::int64_t after;
};

/// Throws InvalidArgument unless explicit padding has 1 or `dimensions` values of 0 or more.
void check_padding(const Padding& padding, std::size_t dimensions);

/// Returns the padding of dimension `d` with `extent` positions.
Margins margins(const Window& window, const Padding& padding, std::size_t d, std::int64_t extent);

/// Returns the number of windows in dimension `d`: floor((extent + padding - span) / stride) + 1, or rounded up with
/// `ceil`, unless the last window would begin in the padding behind the data (torch's rule). Free for a free extent; -1
/// if no window fits.
std::int64_t window_count(const Window& window, const Padding& padding, std::size_t d, std::int64_t extent,
                          bool ceil = false);

}  // namespace layers
}  // namespace ludus::nn
