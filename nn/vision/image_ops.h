/// @file
/// Operations on images (nn/vision/image.h). All return a new image of the type of the input, unless they say another;
/// all throw TypeMismatch, as check_image() does, for something that is not an image.
///
/// Where PIL and torchvision define an operation, uint8 images give PIL's result to the last bit, and float32 images
/// torchvision's on tensors. uint16 images are computed as float32 and rounded.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/rng.h"
#include "nn/vision/image.h"

namespace ludus::vision {

// ---- Size ----

enum class Filter : std::uint8_t { kNearest, kBilinear, kBicubic, kArea };

/// Names of the filters, in their order, and back. filter_of() throws InvalidArgument with a suggestion.
inline constexpr std::array<const char*, 4> kFilterNames{"nearest", "bilinear", "bicubic", "area"};
std::string_view name_of(Filter filter);
Filter filter_of(std::string_view name);

/// Resizes with antialiasing, as PIL's Image.resize: a reduced image is averaged over the filter widened by the factor
/// of the reduction. Bicubic is Keys' with a = -0.5, area is PIL's BOX, nearest takes the pixel at the centre. Every
/// channel by itself (PIL multiplies RGB by alpha first). Throws InvalidArgument unless both extents are positive and
/// the result has at most 2^31 elements.
Array resize(const Array& image, ImageSize size, Filter filter = Filter::kBilinear);

/// A part of an image.
struct ImagePart {
  std::int64_t top = 0;   // its first row
  std::int64_t left = 0;  // its first column
  ImageSize size;
};

/// Returns crop() of resize() and computes only this part, so that the memory follows the part: the whole of a very
/// long image may be larger than the machine. Throws InvalidArgument unless the part is inside, and as resize() does.
Array resize_part(const Array& image, ImageSize size, const ImagePart& part, Filter filter = Filter::kBilinear);

/// Where TensorFlow 1 samples the input for output pixel i. With scale = input / output extent:
enum class TfGrid : std::uint8_t {
  kLegacy,        ///< at i · scale
  kAlignCorners,  ///< at i · (input - 1) / (output - 1)
  kHalfPixel,     ///< at (i + 1/2) scale - 1/2
};
inline constexpr std::array<const char*, 3> kTfGridNames{"legacy", "align_corners", "half_pixel"};

/// Resizes without antialiasing, as TensorFlow 1's tf.image.resize_images with methods nearest_neighbor, bilinear,
/// bicubic (Keys' with a = -0.75; -0.5 for half pixels, with weights outside the image left out) and area. The result
/// is float32; uint8 and uint16 images are converted by to_float() first. Area has no half-pixel form. Throws
/// InvalidArgument for that, and as resize() does.
Array resize_tf1(const Array& image, ImageSize size, Filter filter = Filter::kBilinear, TfGrid grid = TfGrid::kLegacy);

/// Returns crop() of resize_tf1(), as resize_part().
Array resize_part_tf1(const Array& image, ImageSize size, const ImagePart& part, Filter filter = Filter::kBilinear,
                      TfGrid grid = TfGrid::kLegacy);

/// Returns the size with this shorter side and the same proportions, the longer one rounded to the nearest, as Python's
/// round() (torchvision rounds it down: its Resize may have a row or column less). Throws InvalidArgument unless all
/// are positive.
ImageSize with_shorter_side(ImageSize size, std::int64_t side);

/// Returns the part of an image. Throws InvalidArgument if it is not completely inside.
Array crop(const Array& image, std::int64_t top, std::int64_t left, ImageSize size);

/// Returns the part in the centre of an image of size `whole` that has at most `size`: an odd rest is cropped at the
/// end.
ImagePart center_part(ImageSize whole, ImageSize size);

/// Crops to the centre, and pads with `fill` (in units of the image: 0 to 255, or 0 to 1) where the image is smaller:
/// an odd rest is cropped and padded at the end, as in tf.image.resize_with_crop_or_pad. Never reads outside the image.
Array center_crop_or_pad(const Array& image, ImageSize size, double fill = 0.0);

/// Pads with `fill` by `top`, `left`, … pixels. Throws InvalidArgument for negative ones.
Array pad(const Array& image, std::int64_t top, std::int64_t bottom, std::int64_t left, std::int64_t right,
          double fill = 0.0);

/// A part at a uniformly random position; an image that is too small is padded to the size first, half of it on each
/// side.
Array random_crop(const Array& image, ImageSize size, Generator& random, double fill = 0.0);

Array flip_horizontal(const Array& image);  ///< left and right exchanged
Array flip_vertical(const Array& image);    ///< top and bottom exchanged
Array transpose(const Array& image);        ///< rows and columns exchanged
/// Rotates by 90 degrees counter-clockwise, `turns` times (negative: clockwise), as numpy.rot90.
Array rotate90(const Array& image, int turns = 1);

// ---- Colour ----

/// Each blends the image with another, (1 - factor) other + factor image, clipped: factor 0 gives the other, 1 the
/// image, more exaggerates it. PIL's ImageEnhance and torchvision's functional.adjust_…; alpha is left alone. Throw
/// InvalidArgument unless the factor is finite and not negative.
Array adjust_brightness(const Array& image, double factor);  ///< the other: black
Array adjust_contrast(const Array& image, double factor);    ///< the other: the mean grey
Array adjust_saturation(const Array& image, double factor);  ///< the other: the grey image

/// Adds `delta`, in units of the full range, and clips: tf.image.adjust_brightness, which PIL does not have. Throws
/// InvalidArgument unless -1 <= delta <= 1.
Array add_brightness(const Array& image, double delta);

/// Shifts the hue by `shift` of the colour circle: torchvision's adjust_hue, for uint8 by PIL's HSV of 8 bits. A grey
/// image stays. Throws InvalidArgument unless -0.5 <= shift <= 0.5.
Array adjust_hue(const Array& image, double shift);

// ---- Kernels ----

/// A 3 x 3 kernel, row-major, applied as a correlation.
struct Kernel {
  std::string_view name;
  std::array<float, 9> weights;

  float sum() const;
};

/// Binomial blur, sums to 1: 1/4 in the middle, 1/8 beside, 1/16 at the corners.
inline constexpr Kernel kBlur{
    "blur", {1 / 16.0f, 1 / 8.0f, 1 / 16.0f, 1 / 8.0f, 1 / 4.0f, 1 / 8.0f, 1 / 16.0f, 1 / 8.0f, 1 / 16.0f}};
/// Sums to 1.
inline constexpr Kernel kSharpen{"sharpen", {0, -1, 0, -1, 5, -1, 0, -1, 0}};
/// Laplacian with diagonals, sums to 0.
inline constexpr Kernel kEdge{"edge", {-1, -1, -1, -1, 8, -1, -1, -1, -1}};
/// Horizontal edges, bright above; sums to 0.
inline constexpr Kernel kSobelTop{"sobel", {1, 2, 1, 0, 0, 0, -1, -2, -1}};
/// Vertical edges, bright on the left; sums to 0.
inline constexpr Kernel kSobelLeft{"sobel_left", {1, 0, -1, 2, 0, -2, 1, 0, -1}};
/// Sums to 1.
inline constexpr Kernel kEmboss{"emboss", {-2, -1, 0, -1, 1, 1, 0, 1, 2}};
inline constexpr std::array<Kernel, 6> kKernels{kBlur, kSharpen, kEdge, kSobelTop, kSobelLeft, kEmboss};

/// Filters every channel but alpha with the kernel and clips to the range of the type; pixels outside the image are
/// those of the border.
Array convolve(const Array& image, const Kernel& kernel);

}  // namespace ludus::vision
