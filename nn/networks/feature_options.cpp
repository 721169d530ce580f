#include "nn/networks/feature_options.h"

#include <algorithm>
#include <string>

namespace ludus::nn {

FeatureOptions FeatureOptions::numbers(std::int64_t n) {
  return {.parts = {{.kind = FeaturePart::Kind::kNumbers, .count = n}}};
}

std::int64_t FeatureOptions::row_size() const {
  std::int64_t size = 0;
  for (const FeaturePart& part : parts) size += part.count;
  return size;
}

std::int64_t FeatureOptions::image_outputs() const {
  return parts.size() == 1 ? 512 : 256;
}

std::int64_t FeatureOptions::outputs() const {
  std::int64_t size = 0;
  for (const FeaturePart& part : parts) {
    switch (part.kind) {
      case FeaturePart::Kind::kNumbers: size += part.count; break;
      case FeaturePart::Kind::kOneHot: size += part.count * part.classes; break;
      case FeaturePart::Kind::kImage: size += image_outputs(); break;
    }
  }
  return size;
}

bool FeatureOptions::is_plain() const {
  return std::all_of(parts.begin(), parts.end(),
                     [](const FeaturePart& part) { return part.kind == FeaturePart::Kind::kNumbers; });
}

void FeatureOptions::validate() const {
  constexpr std::int64_t kSmallest = 36;  // ((36 - 8) / 4 + 1 = 8, (8 - 4) / 2 + 1 = 3, 3 - 3 + 1 = 1
  if (parts.empty()) throw InvalidArgument("a network needs an observation of one part or more");
  for (const FeaturePart& part : parts) {
    if (part.count <= 0) throw InvalidArgument("every part of an observation has numbers, and one here has none");
    if (part.kind == FeaturePart::Kind::kOneHot && part.classes <= 0) {
      throw InvalidArgument("a part of an observation that is one of several classes needs at least one class");
    }
    if (part.kind != FeaturePart::Kind::kImage) continue;
    if (part.frames * part.height * part.width * part.channels != part.count) {
      throw InvalidArgument("a picture's frames, height, width and channels must multiply to its numbers");
    }
    if (part.height < kSmallest || part.width < kSmallest) {
      throw InvalidArgument("the convolutional network takes pictures of 36 x 36 pixels or more, and this one has " +
                            std::to_string(part.height) + " x " + std::to_string(part.width) +
                            "; resize it, or flatten it to plain numbers");
    }
  }
}

}  // namespace ludus::nn
