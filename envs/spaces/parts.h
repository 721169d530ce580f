// Helpers of the spaces that are composed of other spaces.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "envs/spaces/space.h"

namespace ludus::envs {

std::vector<SpacePtr> clone_all(const std::vector<SpacePtr>& spaces);

/// Throws InvalidArgument if a space is null. `owner` is the kind of the composed space.
void check_parts(const std::vector<SpacePtr>& spaces, const std::string& owner);

/// Samples one seed for each of `n` parts, as Gymnasium does: integers(2^31 - 1).
std::vector<std::uint64_t> draw_seeds(Generator& generator, std::size_t n);

/// Null stands for "no mask for this part".
inline const Value* unless_null(const Value& value) {
  return value.is_null() ? nullptr : &value;
}

/// Returns `seeds` as a list of length `n`. Throws InvalidArgument.
const List& checked_seeds(const Value& seeds, std::size_t n, const Space& space);

/// Throws InvalidArgument unless the space can be flattened.
void check_flattenable(const Space& space);

/// Returns the Box of the concatenated flattened parts, with a dtype that holds them all.
SpacePtr concatenated_boxes(const std::vector<const Space*>& spaces);

/// Returns the descriptions of the parts.
List specs_of(const std::vector<SpacePtr>& spaces);

}  // namespace ludus::envs
