#include "envs/toy_text/frozen_lake_map.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"
#include "envs/core/simulator.h"

namespace ludus::envs {

const LakeMap& lake_map(std::string_view name) {
  static const LakeMap kSmall{"SFFF", "FHFH", "FFFH", "HFFG"};
  static const LakeMap kLarge{"SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF",
                              "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG"};
  if (name == "4x4") return kSmall;
  if (name == "8x8") return kLarge;
  const std::array<std::string, 2> known{"4x4", "8x8"};
  throw InvalidArgument(
      formatted("unknown map \"{}\".{} Maps: 4x4 and 8x8; pass any other as desc", name, did_you_mean(name, known)));
}

void check_lake_map(const LakeMap& map) {
  bool has_start = false;
  for (const std::string& row : map) {
    if (row.size() != map.front().size() || row.empty()) {
      throw InvalidArgument(formatted("the rows of a map must be equally long, got {} tiles and, in the first row, {}",
                                      row.size(), map.front().size()));
    }
    const auto unknown = row.find_first_not_of("SFHG");
    if (unknown != std::string::npos) {
      throw InvalidArgument(formatted("the tiles of a map must be S, F, H or G, got '{}'", row.substr(unknown, 1)));
    }
    has_start = has_start || row.find('S') != std::string::npos;
  }
  if (!has_start) throw InvalidArgument("a map must have a tile S to start from, got none");
}

bool has_way_to_goal(const LakeMap& map) {
  const auto rows = std::ssize(map), columns = std::ssize(map.front());
  std::vector<bool> seen(static_cast<std::size_t>(rows * columns), false);
  std::vector<std::int64_t> frontier{0};
  while (!frontier.empty()) {
    const std::int64_t cell = frontier.back();
    frontier.pop_back();
    if (seen[static_cast<std::size_t>(cell)]) continue;
    seen[static_cast<std::size_t>(cell)] = true;
    constexpr std::array<std::array<std::int64_t, 2>, 4> kMoves{{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}};
    for (const auto& [down, right] : kMoves) {
      const std::int64_t row = cell / columns + down, column = cell % columns + right;
      if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
      const char tile = map[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
      if (tile == 'G') return true;
      if (tile != 'H') frontier.push_back(row * columns + column);
    }
  }
  return false;
}

LakeMap generate_random_map(std::int64_t size, double frozen_probability, std::optional<std::uint64_t> seed) {
  constexpr int kAttempts = 1'000'000;
  if (size < 2) throw InvalidArgument(formatted("a random map must have at least 2 rows, got {}", size));
  if (!(frozen_probability > 0)) {
    throw InvalidArgument(formatted("the probability of frozen tiles must be above 0, got {}", frozen_probability));
  }
  const double frozen = std::min(1.0, frozen_probability);
  const std::array<double, 2> probabilities{frozen, 1 - frozen};

  Generator generator(seed ? *seed : entropy_seed());
  LakeMap map(static_cast<std::size_t>(size), std::string(static_cast<std::size_t>(size), 'F'));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    for (std::string& row : map) {
      for (char& tile : row) tile = generator.choice(probabilities) == 0 ? 'F' : 'H';
    }
    map.front().front() = 'S';
    map.back().back() = 'G';
    if (has_way_to_goal(map)) return map;
  }
  throw InvalidArgument(formatted(
      "of {} random maps of size {} none had a path to the goal; raise the probability of frozen tiles, got {}",
      kAttempts, size, frozen_probability));
}

}  // namespace ludus::envs
