/// @file
/// Rendering of Taxi, as a scene and as text.
#pragma once

#include <array>
#include <string_view>

#include "envs/core/scene.h"
#include "envs/toy_text/taxi.h"

namespace ludus::envs {

/// The town: cell (row, column) is the letter at [row + 1][2 column + 1]; a '|' between two cells is a wall.
inline constexpr std::array<std::string_view, 7> kTaxiTown{"+---------+",  ///<
                                                           "|R: | : :G|",  ///<
                                                           "| : | : : |",  ///<
                                                           "| : : : : |",  ///<
                                                           "| | : | : |",  ///<
                                                           "|Y| : |B: |",  ///<
                                                           "+---------+"};

/// The four stands, in the order red, green, yellow, blue: row and column.
inline constexpr std::array<std::array<std::int64_t, 2>, 4> kTaxiStands{{{0, 0}, {0, 4}, {4, 0}, {4, 3}}};

Scene taxi_scene(const TaxiState& state);

}  // namespace ludus::envs
