#include "nn/vision/image_ops.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include "base/format.h"
#include "base/text.h"

namespace ludus::vision {
namespace {

template <class T>
constexpr T kFull = std::is_same_v<T, float> ? T(1) : std::numeric_limits<T>::max();

constexpr std::int64_t kMaxElements = std::int64_t{1} << 31;

void check_size(ImageSize size, std::int64_t channels, std::string_view operation) {
  if (size.height >= 1 && size.width >= 1 && size.height <= kMaxElements && size.width <= kMaxElements / size.height &&
      size.height * size.width <= kMaxElements / channels) {
    return;
  }
  throw InvalidArgument(
      formatted("{}: height and width must be positive and the image must have at most 2^31 elements, "
                "got {} x {}",
                operation, size.height, size.width));
}

// The part must be inside the resized image, whose extents are limited; its own number of elements, too.
void check_part(ImageSize size, const ImagePart& part, std::int64_t channels, std::string_view operation) {
  check_size(part.size, channels, operation);
  if (part.top >= 0 && part.left >= 0 && size.height <= kMaxElements && size.width <= kMaxElements &&
      part.size.height <= size.height - part.top && part.size.width <= size.width - part.left) {
    return;
  }
  throw InvalidArgument(
      formatted("{}: the part of {} x {} pixels from row {} and column {} must be inside the {} x {} "
                "pixels of the result",
                operation, part.size.height, part.size.width, part.top, part.left, size.height, size.width));
}

std::size_t pixel_bytes(const Array& image) {
  return static_cast<std::size_t>(channels_of(image)) * ludus::size_of(image.dtype());
}

// Returns the image of `size` whose pixel (y, x) is the pixel source(y, x) of `image`.
template <class Source>
Array rearranged(const Array& image, ImageSize size, Source source) {
  Array result(image.dtype(), Shape{size.height, size.width, channels_of(image)});
  const std::size_t pixel = pixel_bytes(image);
  const std::byte* in = image.bytes().data();
  std::byte* out = result.bytes().data();
  for (std::int64_t y = 0; y < size.height; ++y) {
    for (std::int64_t x = 0; x < size.width; ++x, out += pixel) {
      const auto [v, u] = source(y, x);
      std::memcpy(out, in + static_cast<std::size_t>(v * image.shape()[1] + u) * pixel, pixel);
    }
  }
  return result;
}

// Calls f(T{}) for uint8 and float; uint16 images are computed as float and converted back.
template <class F>
Array by_type(const Array& image, F f) {
  if (image.dtype() == DType::kUInt8) return f(image, std::uint8_t{});
  if (image.dtype() == DType::kFloat32) return f(image, float{});
  const Array result = f(to_float(image), float{});
  Array rounded(DType::kUInt16, result.shape());
  const auto in = result.data<float>();
  const auto out = rounded.data<std::uint16_t>();
  for (std::size_t i = 0; i < in.size(); ++i) {
    const float value = std::clamp(in[i], 0.0f, 1.0f);
    out[i] = static_cast<std::uint16_t>(std::lround(value * 65535.0f));
  }
  return rounded;
}

// ---- Resizing with antialiasing: Pillow, src/libImaging/Resample.c ----

double triangle(double x) {
  return std::max(0.0, 1.0 - std::abs(x));
}

// Keys' cubic convolution (1981).
double cubic(double x, double a) {
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

double filter_value(Filter filter, double x) {
  if (filter == Filter::kBilinear) return triangle(x);
  if (filter == Filter::kBicubic) return cubic(x, -0.5);
  return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
}

double support_of(Filter filter) {
  return filter == Filter::kBilinear ? 1.0 : filter == Filter::kBicubic ? 2.0 : 0.5;
}

// The weights of the input pixels first, first + 1, … of every output pixel along one dimension.
struct Weights {
  struct Span {
    std::int64_t first;
    std::int64_t count;
  };
  std::vector<Span> spans;
  std::vector<double> values;  // spans.size() x stride
  std::size_t stride;
};

// A range of output pixels along one dimension.
struct Range {
  std::int64_t begin;
  std::int64_t count;
};

Weights antialiased_weights(std::int64_t in, std::int64_t out, Range range, Filter filter) {
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double filter_scale = std::max(scale, 1.0);
  const double support = support_of(filter) * filter_scale;
  Weights weights;
  weights.stride = static_cast<std::size_t>(std::ceil(support)) * 2 + 1;
  weights.values.resize(static_cast<std::size_t>(range.count) * weights.stride);
  const double inverse = 1.0 / filter_scale;
  for (std::int64_t i = 0; i < range.count; ++i) {
    const double center = (static_cast<double>(range.begin + i) + 0.5) * scale;
    const std::int64_t first = std::max<std::int64_t>(0, static_cast<std::int64_t>(center - support + 0.5));
    const std::int64_t end = std::min(in, static_cast<std::int64_t>(center + support + 0.5));
    double* values = &weights.values[static_cast<std::size_t>(i) * weights.stride];
    double sum = 0.0;
    for (std::int64_t k = 0; k < end - first; ++k) {
      values[k] = filter_value(filter, (static_cast<double>(k + first) - center + 0.5) * inverse);
      sum += values[k];
    }
    for (std::int64_t k = 0; k < end - first; ++k) {
      if (sum != 0.0) values[k] /= sum;
    }
    weights.spans.push_back({first, end - first});
  }
  return weights;
}

// Resizes one dimension of (outer, extent, inner) to (outer, weights.spans.size(), inner).
template <class T>
void resample(std::span<const T> in, std::span<T> out, std::size_t outer, std::size_t extent, std::size_t inner,
              const Weights& weights) {
  const std::size_t extent_out = weights.spans.size();
  // uint8 images use fixed point with 22 bits behind the point, like Pillow
  constexpr bool kFixed = std::is_same_v<T, std::uint8_t>;
  constexpr int kBits = 32 - 8 - 2;
  using Sum = std::conditional_t<kFixed, std::int32_t, double>;
  std::vector<Sum> factors(weights.values.size());
  std::transform(weights.values.begin(), weights.values.end(), factors.begin(), [](double w) {
    return kFixed ? static_cast<Sum>((w < 0 ? -0.5 : 0.5) + w * (1 << kBits)) : static_cast<Sum>(w);
  });
  std::vector<Sum> sums(inner);
  for (std::size_t o = 0; o < outer; ++o) {
    for (std::size_t i = 0; i < extent_out; ++i) {
      const auto [first, count] = weights.spans[i];
      const T* source = &in[(o * extent + static_cast<std::size_t>(first)) * inner];
      const Sum* factor = &factors[i * weights.stride];
      std::fill(sums.begin(), sums.end(), kFixed ? Sum(1 << (kBits - 1)) : Sum(0));
      for (std::int64_t k = 0; k < count; ++k, source += inner, ++factor) {
        for (std::size_t c = 0; c < inner; ++c) sums[c] += static_cast<Sum>(source[c]) * *factor;
      }
      T* target = &out[(o * extent_out + i) * inner];
      for (std::size_t c = 0; c < inner; ++c) {
        if constexpr (kFixed) {
          target[c] = static_cast<T>(std::clamp(sums[c] >> kBits, 0, 255));
        } else {
          target[c] = static_cast<T>(sums[c]);
        }
      }
    }
  }
}

// The columns first, then the rows, as Pillow; a dimension without weights stays as it is.
template <class T>
Array resized_in_both(const Array& image, ImageSize size, const Weights* horizontal, const Weights* vertical) {
  const auto height = static_cast<std::size_t>(image.shape()[0]), width = static_cast<std::size_t>(image.shape()[1]);
  const auto channels = static_cast<std::size_t>(channels_of(image));
  const auto row = static_cast<std::size_t>(size.width) * channels;  // of the result
  if (!horizontal && !vertical) return image;
  Array result(image.dtype(), Shape{size.height, size.width, channels_of(image)});
  const auto in = image.data<T>();
  const auto out = result.template data<T>();
  if (!vertical) {
    resample<T>(in, out, height, width, channels, *horizontal);
  } else if (!horizontal) {
    resample<T>(in, out, 1, height, row, *vertical);
  } else {
    check_size({.height = image.shape()[0], .width = size.width}, channels_of(image), "resize");
    std::vector<T> narrowed(height * row);
    resample<T>(in, std::span(narrowed), height, width, channels, *horizontal);
    resample<T>(std::span<const T>(narrowed), out, 1, height, row, *vertical);
  }
  return result;
}

// ---- Resizing as TensorFlow 1: core/kernels/image/resize_{nearest_neighbor,bilinear,bicubic,area}_op.cc ----

float tf_scale(std::int64_t in, std::int64_t out, TfGrid grid) {
  if (grid == TfGrid::kAlignCorners && out > 1) return static_cast<float>(in - 1) / static_cast<float>(out - 1);
  return static_cast<float>(in) / static_cast<float>(out);
}

float tf_position(std::int64_t i, float scale, TfGrid grid) {
  if (grid == TfGrid::kHalfPixel) return (static_cast<float>(i) + 0.5f) * scale - 0.5f;
  return static_cast<float>(i) * scale;
}

Weights tf_weights(std::int64_t in, std::int64_t out, Range range, Filter filter, TfGrid grid) {
  const float scale = tf_scale(in, out, grid);
  Weights weights;
  weights.stride = filter == Filter::kNearest    ? 1
                   : filter == Filter::kBilinear ? 2
                   : filter == Filter::kBicubic  ? 4
                                                 : static_cast<std::size_t>(std::ceil(scale)) + 2;
  weights.values.resize(static_cast<std::size_t>(range.count) * weights.stride);
  const auto bounded = [&](std::int64_t k) { return std::clamp<std::int64_t>(k, 0, in - 1); };
  for (std::int64_t i = range.begin; i < range.begin + range.count; ++i) {
    double* values = &weights.values[static_cast<std::size_t>(i - range.begin) * weights.stride];
    // weights of pixels outside the image go to the border
    std::int64_t first = 0, count = 0;
    const auto add = [&](std::int64_t k, double weight) {
      values[bounded(k) - first] += weight;
      count = std::max(count, bounded(k) - first + 1);
    };
    if (filter == Filter::kNearest) {
      const float position =
          grid == TfGrid::kHalfPixel ? (static_cast<float>(i) + 0.5f) * scale : static_cast<float>(i) * scale;
      first = bounded(
          static_cast<std::int64_t>(grid == TfGrid::kAlignCorners ? std::round(position) : std::floor(position)));
      add(first, 1.0);
    } else if (filter == Filter::kBilinear) {
      const float position = tf_position(i, scale, grid), floor = std::floor(position);
      const auto lower = static_cast<std::int64_t>(floor);
      const double fraction = static_cast<double>(position - floor);
      first = bounded(lower);
      add(lower, 1.0 - fraction);
      if (fraction > 0) add(lower + 1, fraction);
    } else if (filter == Filter::kBicubic) {
      constexpr float kTableSize = 1024;  // TensorFlow rounds the distance to a multiple of 1/1024
      const bool half_pixel = grid == TfGrid::kHalfPixel;
      const float position = tf_position(i, scale, grid);
      const auto lower = static_cast<std::int64_t>(std::floor(position));
      const double distance =
          static_cast<double>(std::nearbyint((position - std::floor(position)) * kTableSize) / kTableSize);
      const double a = half_pixel ? -0.5 : -0.75;
      double sum = 0.0;
      first = bounded(lower - 1);
      for (std::int64_t k = lower - 1; k <= lower + 2; ++k) {
        const double weight = cubic(static_cast<double>(k - lower) - distance, a);
        if (half_pixel && bounded(k) != k) continue;
        add(k, weight);
        sum += weight;
      }
      for (std::int64_t k = 0; half_pixel && k < count; ++k) values[k] /= sum;
    } else {
      // the mean over [i scale, (i + 1) scale), pixels counted by the part that lies inside
      const double low = static_cast<double>(static_cast<float>(i) * scale);
      const double high = static_cast<double>(static_cast<float>(i + 1) * scale);
      const auto begin = static_cast<std::int64_t>(std::floor(low)), end = static_cast<std::int64_t>(std::ceil(high));
      first = bounded(begin);
      for (std::int64_t k = begin; k < end; ++k) {
        const double weight = std::min(static_cast<double>(k + 1), high) - std::max(static_cast<double>(k), low);
        add(k, weight / static_cast<double>(scale));
      }
    }
    weights.spans.push_back({first, count});
  }
  return weights;
}

// ---- Colour ----

void check_factor(std::string_view operation, double factor) {
  if (std::isfinite(factor) && factor >= 0) return;
  throw InvalidArgument(formatted("{}: the factor must be a finite number of at least 0, got {}", operation, factor));
}

// Image.blend of Pillow for uint8 (src/libImaging/Blend.c), torchvision's _blend for float.
std::uint8_t blended(std::uint8_t other, std::uint8_t value, float factor) {
  const float mixed = static_cast<float>(other) + factor * static_cast<float>(int{value} - int{other});
  if (factor >= 0 && factor <= 1) return static_cast<std::uint8_t>(mixed);
  return mixed <= 0.0f ? std::uint8_t{0} : mixed >= 255.0f ? std::uint8_t{255} : static_cast<std::uint8_t>(mixed);
}
float blended(float other, float value, float factor) {
  return std::clamp(factor * value + (1.0f - factor) * other, 0.0f, 1.0f);
}

// Blends all channels but alpha with other(pixel index).
template <class T, class Other>
Array blended_with(const Array& image, double factor, Other other) {
  Array result = image;
  const auto channels = static_cast<std::size_t>(channels_of(image));
  const std::size_t colors = channels - (channels % 2 == 0 ? 1 : 0);
  const auto values = result.data<T>();
  for (std::size_t i = 0; i < values.size() / channels; ++i) {
    for (std::size_t c = 0; c < colors; ++c) {
      values[i * channels + c] = blended(other(i), values[i * channels + c], static_cast<float>(factor));
    }
  }
  return result;
}

// HSV of 8 bits, src/libImaging/Convert.c of Pillow, after Python's colorsys.
std::array<std::uint8_t, 3> hsv_of(const std::uint8_t* rgb) {
  const std::uint8_t r = rgb[0], g = rgb[1], b = rgb[2];
  const std::uint8_t high = std::max({r, g, b}), low = std::min({r, g, b});
  if (high == low) return {0, 0, high};
  const float range = static_cast<float>(high - low);
  const float saturation = range / static_cast<float>(high);
  const float rc = static_cast<float>(high - r) / range;
  const float gc = static_cast<float>(high - g) / range;
  const float bc = static_cast<float>(high - b) / range;
  float hue;
  if (r == high) {
    hue = bc - gc;
  } else if (g == high) {
    hue = static_cast<float>(2.0 + static_cast<double>(rc) - static_cast<double>(bc));
  } else {
    hue = static_cast<float>(4.0 + static_cast<double>(gc) - static_cast<double>(rc));
  }
  hue = static_cast<float>(std::fmod(static_cast<double>(hue) / 6.0 + 1.0, 1.0));
  const auto clipped = [](double value) {
    return static_cast<std::uint8_t>(std::clamp(static_cast<int>(value), 0, 255));
  };
  return {clipped(static_cast<double>(hue) * 255.0), clipped(static_cast<double>(saturation) * 255.0), high};
}

std::array<std::uint8_t, 3> rgb_of(const std::array<std::uint8_t, 3>& hsv) {
  const std::uint8_t h = hsv[0], s = hsv[1], v = hsv[2];
  if (s == 0) return {v, v, v};
  const double sixths = static_cast<double>(h) * 6.0 / 255.0;
  const int sector = static_cast<int>(std::floor(sixths));
  const double f = static_cast<double>(static_cast<float>(sixths - sector));
  const double fs = static_cast<double>(static_cast<float>(s) / 255.0f);
  const auto rounded = [&](double part) {
    return static_cast<std::uint8_t>(std::clamp(static_cast<int>(std::round(static_cast<double>(v) * part)), 0, 255));
  };
  const std::uint8_t p = rounded(1.0 - fs), q = rounded(1.0 - fs * f), t = rounded(1.0 - fs * (1.0 - f));
  switch (sector % 6) {
    case 0: return {v, t, p};
    case 1: return {q, v, p};
    case 2: return {p, v, t};
    case 3: return {p, q, v};
    case 4: return {t, p, v};
    default: return {v, p, q};
  }
}

// torchvision's _rgb2hsv and _hsv2rgb on tensors.
void shift_hue(float* rgb, float shift) {
  const float r = rgb[0], g = rgb[1], b = rgb[2];
  const float high = std::max({r, g, b}), range = high - std::min({r, g, b});
  if (!(range > 0)) return;  // grey, or not a number
  const float s = range / high;
  const float rc = (high - r) / range, gc = (high - g) / range, bc = (high - b) / range;
  float h = high == r ? bc - gc : high == g ? 2.0f + rc - bc : 4.0f + gc - rc;
  h = std::fmod(h / 6.0f + 1.0f, 1.0f) + shift;
  h -= std::floor(h);
  const float sector = std::floor(h * 6.0f), f = h * 6.0f - sector;
  const float p = std::clamp(high * (1.0f - s), 0.0f, 1.0f), q = std::clamp(high * (1.0f - s * f), 0.0f, 1.0f),
              t = std::clamp(high * (1.0f - s * (1.0f - f)), 0.0f, 1.0f);
  const std::array<std::array<float, 3>, 6> table{
      {{high, t, p}, {q, high, p}, {p, high, t}, {p, q, high}, {t, p, high}, {high, p, q}}};
  std::copy_n(table[static_cast<std::size_t>(sector) % 6].begin(), 3, rgb);
}

}  // namespace

std::string_view name_of(Filter filter) {
  return kFilterNames[static_cast<std::size_t>(filter)];
}

Filter filter_of(std::string_view name) {
  for (std::size_t i = 0; i < kFilterNames.size(); ++i) {
    if (name == kFilterNames[i]) return static_cast<Filter>(i);
  }
  const std::vector<std::string> names(kFilterNames.begin(), kFilterNames.end());
  throw InvalidArgument(
      formatted("the filter must be one of {}, got \"{}\".{}", joined(names), name, did_you_mean(name, names)));
}

Array resize(const Array& image, ImageSize size, Filter filter) {
  return resize_part(image, size, {.size = size}, filter);
}

Array resize_part(const Array& image, ImageSize size, const ImagePart& part, Filter filter) {
  check_image(image, "resize");
  check_part(size, part, channels_of(image), "resize");
  const ImageSize before = size_of(image);
  if (filter == Filter::kNearest) {
    const auto source = [](std::int64_t i, std::int64_t in, std::int64_t out) {
      const double scale = static_cast<double>(in) / static_cast<double>(out);
      return std::min(in - 1, static_cast<std::int64_t>((static_cast<double>(i) + 0.5) * scale));
    };
    return rearranged(image, part.size, [&](std::int64_t y, std::int64_t x) {
      return std::pair(source(part.top + y, before.height, size.height),
                       source(part.left + x, before.width, size.width));
    });
  }
  const Weights horizontal =
      antialiased_weights(before.width, size.width, {.begin = part.left, .count = part.size.width}, filter);
  const Weights vertical =
      antialiased_weights(before.height, size.height, {.begin = part.top, .count = part.size.height}, filter);
  return by_type(image, [&]<class T>(const Array& pixels, T) {
    return resized_in_both<T>(pixels, part.size,
                              part.size.width == before.width && size.width == before.width ? nullptr : &horizontal,
                              part.size.height == before.height && size.height == before.height ? nullptr : &vertical);
  });
}

Array resize_tf1(const Array& image, ImageSize size, Filter filter, TfGrid grid) {
  return resize_part_tf1(image, size, {.size = size}, filter, grid);
}

Array resize_part_tf1(const Array& image, ImageSize size, const ImagePart& part, Filter filter, TfGrid grid) {
  check_image(image, "resize_tf1");
  check_part(size, part, channels_of(image), "resize_tf1");
  if (filter == Filter::kArea && grid == TfGrid::kHalfPixel) {
    throw InvalidArgument("resize_tf1: the filter area has no half_pixel form; use legacy or align_corners");
  }
  const Weights horizontal =
      tf_weights(image.shape()[1], size.width, {.begin = part.left, .count = part.size.width}, filter, grid);
  const Weights vertical =
      tf_weights(image.shape()[0], size.height, {.begin = part.top, .count = part.size.height}, filter, grid);
  return resized_in_both<float>(to_float(image), part.size, &horizontal, &vertical);
}

ImageSize with_shorter_side(ImageSize size, std::int64_t side) {
  if (side < 1 || size.height < 1 || size.width < 1) {
    throw InvalidArgument(formatted("with_shorter_side: the side and the size must be positive, got {} and {} x {}",
                                    side, size.height, size.width));
  }
  const auto scaled = [&](std::int64_t longer, std::int64_t shorter) {
    const double length = static_cast<double>(side) * static_cast<double>(longer) / static_cast<double>(shorter);
    return static_cast<std::int64_t>(std::min(std::nearbyint(length), static_cast<double>(kMaxElements)));
  };
  if (size.width <= size.height) return {.height = scaled(size.height, size.width), .width = side};
  return {.height = side, .width = scaled(size.width, size.height)};
}

Array crop(const Array& image, std::int64_t top, std::int64_t left, ImageSize size) {
  check_image(image, "crop");
  const ImageSize whole = size_of(image);
  if (top < 0 || left < 0 || size.height < 1 || size.width < 1 || size.height > whole.height - top ||
      size.width > whole.width - left) {
    throw InvalidArgument(
        formatted("crop: {} x {} pixels from row {} and column {} are not inside an image of {} x {}; pad it first",
                  size.height, size.width, top, left, whole.height, whole.width));
  }
  return rearranged(image, size, [&](std::int64_t y, std::int64_t x) { return std::pair(top + y, left + x); });
}

Array pad(const Array& image, std::int64_t top, std::int64_t bottom, std::int64_t left, std::int64_t right,
          double fill) {
  check_image(image, "pad");
  if (std::min({top, bottom, left, right}) < 0 || std::max({top, bottom, left, right}) > kMaxElements) {
    throw InvalidArgument(
        formatted("pad: the numbers of pixels must be at least 0, got {}, {}, {}, {}", top, bottom, left, right));
  }
  const ImageSize size{.height = image.shape()[0] + top + bottom, .width = image.shape()[1] + left + right};
  check_size(size, channels_of(image), "pad");
  Array result(image.dtype(), Shape{size.height, size.width, channels_of(image)});
  if (fill != 0.0) {
    const Array scalar = Array::scalar(fill).cast(image.dtype());
    const std::size_t bytes = ludus::size_of(image.dtype());
    const auto out = result.bytes();
    for (std::size_t i = 0; i < out.size(); i += bytes) std::memcpy(&out[i], scalar.bytes().data(), bytes);
  }
  const std::size_t pixel = pixel_bytes(image), row = pixel * static_cast<std::size_t>(image.shape()[1]);
  for (std::int64_t y = 0; y < image.shape()[0]; ++y) {
    std::memcpy(result.bytes().data() + static_cast<std::size_t>((y + top) * size.width + left) * pixel,
                image.bytes().data() + static_cast<std::size_t>(y) * row, row);
  }
  return result;
}

ImagePart center_part(ImageSize whole, ImageSize size) {
  const ImageSize part{.height = std::min(whole.height, size.height), .width = std::min(whole.width, size.width)};
  return {.top = (whole.height - part.height) / 2, .left = (whole.width - part.width) / 2, .size = part};
}

Array center_crop_or_pad(const Array& image, ImageSize size, double fill) {
  check_image(image, "center_crop_or_pad");
  check_size(size, channels_of(image), "center_crop_or_pad");
  const ImagePart part = center_part(size_of(image), size);
  const Array middle = crop(image, part.top, part.left, part.size);
  const std::int64_t rows = size.height - part.size.height, columns = size.width - part.size.width;
  if (rows == 0 && columns == 0) return middle;
  return pad(middle, rows / 2, rows - rows / 2, columns / 2, columns - columns / 2, fill);
}

Array random_crop(const Array& image, ImageSize size, Generator& random, double fill) {
  check_image(image, "random_crop");
  check_size(size, channels_of(image), "random_crop");
  const ImageSize whole = size_of(image);
  const ImageSize enough{.height = std::max(whole.height, size.height), .width = std::max(whole.width, size.width)};
  const Array& padded = enough == whole ? image : center_crop_or_pad(image, enough, fill);
  const std::int64_t top = random.integers(enough.height - size.height + 1);
  const std::int64_t left = random.integers(enough.width - size.width + 1);
  return crop(padded, top, left, size);
}

Array flip_horizontal(const Array& image) {
  check_image(image, "flip_horizontal");
  const std::int64_t last = image.shape()[1] - 1;
  return rearranged(image, size_of(image), [&](std::int64_t y, std::int64_t x) { return std::pair(y, last - x); });
}

Array flip_vertical(const Array& image) {
  check_image(image, "flip_vertical");
  const std::int64_t last = image.shape()[0] - 1;
  return rearranged(image, size_of(image), [&](std::int64_t y, std::int64_t x) { return std::pair(last - y, x); });
}

Array transpose(const Array& image) {
  check_image(image, "transpose");
  return rearranged(image, {.height = image.shape()[1], .width = image.shape()[0]},
                    [](std::int64_t y, std::int64_t x) { return std::pair(x, y); });
}

Array rotate90(const Array& image, int turns) {
  check_image(image, "rotate90");
  const std::int64_t height = image.shape()[0], width = image.shape()[1];
  const ImageSize turned{.height = width, .width = height};
  switch (((turns % 4) + 4) % 4) {
    case 1:
      return rearranged(image, turned, [&](std::int64_t y, std::int64_t x) { return std::pair(x, width - 1 - y); });
    case 2:
      return rearranged(image, size_of(image),
                        [&](std::int64_t y, std::int64_t x) { return std::pair(height - 1 - y, width - 1 - x); });
    case 3:
      return rearranged(image, turned, [&](std::int64_t y, std::int64_t x) { return std::pair(height - 1 - x, y); });
    default: return image;
  }
}

Array adjust_brightness(const Array& image, double factor) {
  check_image(image, "adjust_brightness");
  check_factor("adjust_brightness", factor);
  return by_type(image, [&]<class T>(const Array& pixels, T) {
    return blended_with<T>(pixels, factor, [](std::size_t) { return T{}; });
  });
}

Array adjust_contrast(const Array& image, double factor) {
  check_image(image, "adjust_contrast");
  check_factor("adjust_contrast", factor);
  return by_type(image, [&]<class T>(const Array& pixels, T) {
    const Array grey = to_grey(with_channels(pixels, channels_of(pixels) >= 3 ? 3 : 1));
    double sum = 0.0;
    for (const T value : grey.data<T>()) sum += static_cast<double>(value);
    double mean = sum / static_cast<double>(grey.size());
    if constexpr (std::is_same_v<T, std::uint8_t>) mean = std::floor(mean + 0.5);  // PIL's int(mean + 0.5)
    return blended_with<T>(pixels, factor, [&](std::size_t) { return static_cast<T>(mean); });
  });
}

Array adjust_saturation(const Array& image, double factor) {
  check_image(image, "adjust_saturation");
  check_factor("adjust_saturation", factor);
  if (channels_of(image) < 3) return image;
  return by_type(image, [&]<class T>(const Array& pixels, T) {
    const Array grey = to_grey(pixels);
    return blended_with<T>(pixels, factor, [&](std::size_t i) { return grey.data<T>()[i]; });
  });
}

Array add_brightness(const Array& image, double delta) {
  check_image(image, "add_brightness");
  if (!(delta >= -1 && delta <= 1)) {
    throw InvalidArgument(formatted("add_brightness: delta must be between -1 and 1, got {}", delta));
  }
  return by_type(image, [&]<class T>(const Array& pixels, T) {
    Array result = pixels;
    const auto channels = static_cast<std::size_t>(channels_of(pixels));
    const auto values = result.template data<T>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (channels % 2 == 0 && i % channels == channels - 1) continue;  // alpha
      const double full = static_cast<double>(kFull<T>);
      const double sum = std::clamp(static_cast<double>(values[i]) + delta * full, 0.0, full);
      values[i] = static_cast<T>(std::is_same_v<T, float> ? sum : std::round(sum));
    }
    return result;
  });
}

Array adjust_hue(const Array& image, double shift) {
  check_image(image, "adjust_hue");
  if (!(shift >= -0.5 && shift <= 0.5)) {
    throw InvalidArgument(formatted("adjust_hue: the shift must be between -0.5 and 0.5 of the circle, got {}", shift));
  }
  if (channels_of(image) < 3) return image;
  return by_type(image, [&]<class T>(const Array& pixels, T) {
    Array result = pixels;
    const auto channels = static_cast<std::size_t>(channels_of(pixels));
    const auto values = result.template data<T>();
    for (std::size_t i = 0; i < values.size(); i += channels) {
      if constexpr (std::is_same_v<T, float>) {
        shift_hue(&values[i], static_cast<float>(shift));
      } else {
        std::array<std::uint8_t, 3> hsv = hsv_of(&values[i]);
        hsv[0] =
            static_cast<std::uint8_t>(hsv[0] + static_cast<std::uint8_t>(static_cast<int>(shift * 255)));  // mod 256
        const std::array<std::uint8_t, 3> rgb = rgb_of(hsv);
        std::copy(rgb.begin(), rgb.end(), &values[i]);
      }
    }
    return result;
  });
}

float Kernel::sum() const {
  return std::accumulate(weights.begin(), weights.end(), 0.0f);
}

Array convolve(const Array& image, const Kernel& kernel) {
  check_image(image, "convolve");
  return by_type(image, [&]<class T>(const Array& pixels, T) {
    Array result = pixels;
    const std::int64_t height = pixels.shape()[0], width = pixels.shape()[1], channels = pixels.shape()[2];
    const std::int64_t colors = channels - (channels % 2 == 0 ? 1 : 0);
    const auto in = pixels.data<T>();
    const auto out = result.template data<T>();
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        for (std::int64_t c = 0; c < colors; ++c) {
          float sum = 0.0f;
          for (std::int64_t k = 0; k < 9; ++k) {
            const std::int64_t v = std::clamp<std::int64_t>(y + k / 3 - 1, 0, height - 1);
            const std::int64_t u = std::clamp<std::int64_t>(x + k % 3 - 1, 0, width - 1);
            sum += kernel.weights[static_cast<std::size_t>(k)] *
                   static_cast<float>(in[static_cast<std::size_t>((v * width + u) * channels + c)]);
          }
          const float full = static_cast<float>(kFull<T>);
          // rounded as PIL rounds: half up
          const float value = std::is_same_v<T, float> ? sum : std::floor(sum + 0.5f);
          out[static_cast<std::size_t>((y * width + x) * channels + c)] = static_cast<T>(std::clamp(value, 0.0f, full));
        }
      }
    }
    return result;
  });
}

}  // namespace ludus::vision
