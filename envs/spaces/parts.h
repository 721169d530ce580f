// What the spaces made of other spaces share.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "envs/spaces/space.h"

namespace ludus::envs {

std::vector<SpacePtr> clone_all(const std::vector<SpacePtr>& spaces);

// Throws InvalidArgument if one is null; `owner` is the kind of space that is being made.
void check_parts(const std::vector<SpacePtr>& spaces, const std::string& owner);

// One seed for each of `n` parts, drawn as Gymnasium draws them: integers(2^31 - 1).
std::vector<std::uint64_t> draw_seeds(Generator& generator, std::size_t n);

// Null stands for "no mask for this part".
inline const Value* unless_null(const Value& value) {
  return value.is_null() ? nullptr : &value;
}

// `seeds` as a list of `n`; throws InvalidArgument.
const List& checked_seeds(const Value& seeds, std::size_t n, const Space& space);

// Throws InvalidArgument unless every part can be flattened.
void check_flattenable(const Space& space);

// The Box over all flattened parts, one behind the other, of the dtype that holds them all.
SpacePtr concatenated_boxes(const std::vector<const Space*>& spaces);

// Their descriptions.
List specs_of(const std::vector<SpacePtr>& spaces);

}  // namespace ludus::envs
