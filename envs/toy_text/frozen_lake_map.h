/// @file
/// The maps of FrozenLake: rows of S (start), F (frozen), H (hole) and G (goal).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ludus::envs {

using LakeMap = std::vector<std::string>;

/// Returns the map "4x4" or "8x8". Throws InvalidArgument for any other name.
const LakeMap& lake_map(std::string_view name);

/// Throws InvalidArgument unless rows have equal length, only the letters S, F, H, G, and at least one S.
void check_lake_map(const LakeMap& map);

/// Returns whether a path without holes leads from the upper left corner to a goal.
bool has_way_to_goal(const LakeMap& map);

/// Draws a square map with S at the upper left, G at the lower right, a path between them, and each other tile frozen
/// with that probability: Gymnasium's generate_random_map, number for number (without a seed: from system entropy).
/// Throws InvalidArgument unless size >= 2 and 0 < frozen_probability, or if a million maps have no path to the goal.
LakeMap generate_random_map(std::int64_t size = 8, double frozen_probability = 0.8,
                            std::optional<std::uint64_t> seed = {});

}  // namespace ludus::envs
