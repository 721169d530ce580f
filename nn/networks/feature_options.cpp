#include "nn/networks/feature_options.h"

#include <algorithm>

#include "base/format.h"

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
  constexpr std::int64_t kSmallest = 36;  // (36 - 8) / 4 + 1 = 8, (8 - 4) / 2 + 1 = 3, 3 - 3 + 1 = 1
  if (parts.empty()) throw InvalidArgument("features: an observation must have at least one part");
  for (const FeaturePart& part : parts) {
    if (part.count <= 0) throw InvalidArgument("features: a part must have at least one number");
    if (part.kind == FeaturePart::Kind::kOneHot && part.classes <= 0) {
      throw InvalidArgument(formatted("features: a one-hot part must have at least one class, got {}", part.classes));
    }
    if (part.kind != FeaturePart::Kind::kImage) continue;
    if (part.frames * part.height * part.width * part.channels != part.count) {
      throw InvalidArgument(
          formatted("features: frames x height x width x channels of an image must be {}, got {} x {} x {} x {}",
                    part.count, part.frames, part.height, part.width, part.channels));
    }
    if (part.height < kSmallest || part.width < kSmallest) {
      throw InvalidArgument(
          formatted("features: an image must have at least {0} x {0} pixels, got {1} x {2}; resize it, or "
                    "flatten it to plain numbers",
                    kSmallest, part.height, part.width));
    }
  }
}

}  // namespace ludus::nn
