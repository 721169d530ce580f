#include "agents/deep/feature_layout.h"

#include <string>

#include "agents/core/policy.h"
#include "envs/spaces/dict.h"
#include "envs/spaces/multi_discrete.h"
#include "envs/spaces/tuple.h"

namespace ludus::agents {
namespace {

using nn::FeaturePart;

constexpr std::int64_t kMostChannels = 4;  // of an image: grey, grey and alpha, RGB, RGBA

// Returns the image layout of a Box, if it is an image.
bool is_image(const envs::Box& box, FeaturePart& part) {
  const Shape& shape = box.shape();
  if (box.dtype() != DType::kUInt8 || shape.rank() < 3 || shape.rank() > 4) return false;
  part = {.kind = FeaturePart::Kind::kImage, .count = static_cast<std::int64_t>(box.low().size())};
  if (shape.rank() == 4) {
    part.frames = shape[0], part.height = shape[1], part.width = shape[2], part.channels = shape[3];
  } else if (shape[2] <= kMostChannels) {
    part.height = shape[0], part.width = shape[1], part.channels = shape[2];
  } else {
    part.frames = shape[0], part.height = shape[1], part.width = shape[2], part.channels = 1;
  }
  return true;
}

void append(const envs::Space& space, std::string_view algorithm, std::vector<FeaturePart>& parts) {
  const auto size = [&] { return static_cast<std::int64_t>(space.row_size()); };
  if (const auto* box = dynamic_cast<const envs::Box*>(&space)) {
    FeaturePart part{.kind = FeaturePart::Kind::kNumbers, .count = size()};
    is_image(*box, part);
    if (part.count > 0) parts.push_back(part);
  } else if (const auto* discrete = dynamic_cast<const envs::Discrete*>(&space)) {
    parts.push_back(
        {.kind = FeaturePart::Kind::kOneHot, .count = 1, .classes = discrete->n(), .start = discrete->start()});
  } else if (const auto* several = dynamic_cast<const envs::MultiDiscrete*>(&space)) {
    for (std::size_t i = 0; i < several->nvec().size(); ++i) {
      parts.push_back({.kind = FeaturePart::Kind::kOneHot,
                       .count = 1,
                       .classes = static_cast<std::int64_t>(several->nvec().get(i)),
                       .start = static_cast<std::int64_t>(several->start().get(i))});
    }
  } else if (const auto* tuple = dynamic_cast<const envs::Tuple*>(&space)) {
    for (std::size_t i = 0; i < tuple->size(); ++i) append(tuple->at(i), algorithm, parts);
  } else if (const auto* dict = dynamic_cast<const envs::DictSpace*>(&space)) {
    for (const std::string& key : dict->keys()) append(dict->at(key), algorithm, parts);
  } else if (space.is_flattenable()) {
    parts.push_back({.kind = FeaturePart::Kind::kNumbers, .count = size()});
  } else {
    throw NotApplicable(std::string(algorithm) + " learns from observations of a fixed size, and these are " +
                        space.to_string());
  }
}

}  // namespace

nn::FeatureOptions feature_layout(const envs::Space& space, std::string_view algorithm) {
  nn::FeatureOptions options;
  append(space, algorithm, options.parts);
  return options;
}

}  // namespace ludus::agents
