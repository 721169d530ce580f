// The maps of FrozenLake: rows of S (start), F (frozen), H (hole) and G (goal).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ludus::envs {

using LakeMap = std::vector<std::string>;

// "4x4" or "8x8"; throws InvalidArgument for any other name.
const LakeMap& lake_map(std::string_view name);

// Throws InvalidArgument unless the rows are equally long, have only the letters S, F, H, G, and at least one S.
void check_lake_map(const LakeMap& map);

// Whether a way leads from the upper left corner to a goal round the holes.
bool has_way_to_goal(const LakeMap& map);

// A random square map with S at the upper left, G at the lower right, a way between them, and every other tile frozen
// with that probability: Gymnasium's generate_random_map, number for number (without a seed from the system's
// entropy). Throws InvalidArgument unless size >= 2 and 0 < frozen_probability, or if a million maps of that kind
// have no way to the goal.
LakeMap generate_random_map(std::int64_t size = 8, double frozen_probability = 0.8,
                            std::optional<std::uint64_t> seed = {});

}  // namespace ludus::envs
