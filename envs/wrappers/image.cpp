#include "envs/wrappers/image.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"

namespace ludus::envs {
namespace {

std::uint8_t to_pixel(float number) {
  return static_cast<std::uint8_t>(std::clamp(std::nearbyint(number), 0.0f, 255.0f));  // half to even
}

}  // namespace

void to_gray(const Array& rgb, const GrayWeights& weights, Rounding rounding, Array& gray) {
  const auto from = rgb.data<std::uint8_t>();
  const auto to = gray.data<std::uint8_t>();
  for (std::size_t i = 0; i < to.size(); ++i) {
    const double sum = from[3 * i] * weights.red + from[3 * i + 1] * weights.green + from[3 * i + 2] * weights.blue;
    to[i] = static_cast<std::uint8_t>(rounding == Rounding::kDown ? sum : std::round(sum));
  }
}

AreaResize::AreaResize(std::int64_t from_height, std::int64_t from_width, std::int64_t to_height, std::int64_t to_width,
                       std::int64_t channels)
    : from_height_(from_height),
      from_width_(from_width),
      to_height_(to_height),
      to_width_(to_width),
      channels_(channels) {
  if (std::min({from_height, from_width, to_height, to_width, channels}) < 1) {
    throw InvalidArgument(formatted("an image must have at least one row, column and channel, got {} to {}",
                                    Shape{from_height, from_width, channels}.to_string(),
                                    Shape{to_height, to_width, channels}.to_string()));
  }
  if (from_height < to_height || from_width < to_width) {
    rows_between_ = betweens(from_height, to_height);
    columns_between_ = betweens(from_width, to_width);
  } else {
    rows_ = shares(from_height, to_height);
    columns_ = shares(from_width, to_width);
    row_.resize(static_cast<std::size_t>(to_width * channels));
    sum_.resize(row_.size());
  }
}

void AreaResize::operator()(const Array& from, Array& to) {
  const std::uint8_t* source = from.data<std::uint8_t>().data();
  std::uint8_t* target = to.data<std::uint8_t>().data();
  if (!rows_between_.empty()) {
    bilinear(source, target);
  } else if (from_height_ % to_height_ == 0 && from_width_ % to_width_ == 0) {
    whole_areas(source, target);
  } else {
    areas(source, target);
  }
}

// New pixel k covers the source from k s to (k + 1) s, s = from / to; a share is the covered part of a source pixel
// over s. Parts below a thousandth are dropped.
std::vector<AreaResize::Share> AreaResize::shares(std::int64_t from, std::int64_t to) {
  constexpr double kNothing = 1e-3;
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  std::vector<Share> result;
  for (std::int64_t k = 0; k < to; ++k) {
    const double begin = static_cast<double>(k) * scale, end = begin + scale;
    const double width = std::min(scale, static_cast<double>(from) - begin);
    const std::int64_t last = std::min(static_cast<std::int64_t>(std::floor(end)), from - 1);
    const std::int64_t first = std::min(static_cast<std::int64_t>(std::ceil(begin)), last);
    const double before = static_cast<double>(first) - begin, behind = end - static_cast<double>(last);
    if (before > kNothing) result.push_back({k, first - 1, static_cast<float>(before / width)});
    for (std::int64_t i = first; i < last; ++i) result.push_back({k, i, static_cast<float>(1.0 / width)});
    if (behind > kNothing) {
      result.push_back({k, last, static_cast<float>(std::min(std::min(behind, 1.0), width) / width)});
    }
  }
  return result;
}

std::vector<AreaResize::Between> AreaResize::betweens(std::int64_t from, std::int64_t to) {
  constexpr float kOne = 2048;
  const double growth = static_cast<double>(to) / static_cast<double>(from), scale = 1.0 / growth;
  std::vector<Between> result;
  for (std::int64_t k = 0; k < to; ++k) {
    auto first = static_cast<std::int64_t>(std::floor(static_cast<double>(k) * scale));
    auto fraction = static_cast<float>(static_cast<double>(k + 1) - static_cast<double>(first + 1) * growth);
    fraction = fraction <= 0 ? 0.0f : fraction - std::floor(fraction);
    if (first >= from - 1) {
      first = from - 1;
      fraction = 0;
    }
    result.push_back({first, std::min(first + 1, from - 1), static_cast<int>(std::lrint((1.0f - fraction) * kOne)),
                      static_cast<int>(std::lrint(fraction * kOne))});
  }
  return result;
}

void AreaResize::whole_areas(const std::uint8_t* from, std::uint8_t* to) const {
  const std::int64_t high = from_height_ / to_height_, wide = from_width_ / to_width_;
  const float share = 1.0f / static_cast<float>(high * wide);
  for (std::int64_t y = 0; y < to_height_; ++y) {
    for (std::int64_t x = 0; x < to_width_; ++x) {
      for (std::int64_t c = 0; c < channels_; ++c) {
        int sum = 0;
        for (std::int64_t i = 0; i < high; ++i) {
          for (std::int64_t j = 0; j < wide; ++j) {
            sum += from[((y * high + i) * from_width_ + x * wide + j) * channels_ + c];
          }
        }
        *to++ = high == 2 && wide == 2 ? static_cast<std::uint8_t>((sum + 2) >> 2)
                                       : to_pixel(static_cast<float>(sum) * share);
      }
    }
  }
}

void AreaResize::areas(const std::uint8_t* from, std::uint8_t* to) {
  for (std::size_t k = 0; k < rows_.size(); ++k) {
    // this source row, shrunk
    const std::uint8_t* source = from + rows_[k].from * from_width_ * channels_;
    std::fill(row_.begin(), row_.end(), 0.0f);
    for (const Share& column : columns_) {
      for (std::int64_t c = 0; c < channels_; ++c) {
        row_[static_cast<std::size_t>(column.to * channels_ + c)] +=
            static_cast<float>(source[column.from * channels_ + c]) * column.weight;
      }
    }

    // its share in the new row
    const bool begins = k == 0 || rows_[k - 1].to != rows_[k].to;
    const bool ends = k + 1 == rows_.size() || rows_[k + 1].to != rows_[k].to;
    for (std::size_t i = 0; i < row_.size(); ++i) {
      sum_[i] = (begins ? 0.0f : sum_[i]) + rows_[k].weight * row_[i];
    }
    if (ends) std::transform(sum_.begin(), sum_.end(), to + rows_[k].to * to_width_ * channels_, to_pixel);
  }
}

void AreaResize::bilinear(const std::uint8_t* from, std::uint8_t* to) const {
  const auto along = [&](std::int64_t row, const Between& column, std::int64_t c) {
    const std::uint8_t* source = from + row * from_width_ * channels_ + c;
    return source[column.first * channels_] * column.first_weight +
           source[column.second * channels_] * column.second_weight;
  };
  for (const Between& row : rows_between_) {
    for (const Between& column : columns_between_) {
      for (std::int64_t c = 0; c < channels_; ++c) {
        // 8 + 11 bits of the row, of which 4 are dropped so that 11 more fit; then the last 18 bits are rounded away
        const int first = row.first_weight * (along(row.first, column, c) >> 4) >> 16;
        const int second = row.second_weight * (along(row.second, column, c) >> 4) >> 16;
        *to++ = static_cast<std::uint8_t>((first + second + 2) >> 2);
      }
    }
  }
}

}  // namespace ludus::envs
