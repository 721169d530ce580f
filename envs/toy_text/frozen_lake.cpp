#include "envs/toy_text/frozen_lake.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/format.h"
#include "envs/toy_text/ansi.h"
#include "envs/toy_text/grid_scene.h"

namespace ludus::envs {
namespace {

enum Action : std::int64_t { kLeft, kDown, kRight, kUp };
constexpr std::int64_t kActions = 4;

char tile_at(const LakeMap& map, std::int64_t state) {
  const auto columns = std::ssize(map.front());
  return map[static_cast<std::size_t>(state / columns)][static_cast<std::size_t>(state % columns)];
}

// Where a step ends; the edge of the lake holds the walker.
std::int64_t moved(const LakeMap& map, std::int64_t state, std::int64_t direction) {
  const auto rows = std::ssize(map), columns = std::ssize(map.front());
  std::int64_t row = state / columns, column = state % columns;
  if (direction == kLeft) column = std::max<std::int64_t>(column - 1, 0);
  if (direction == kDown) row = std::min(row + 1, rows - 1);
  if (direction == kRight) column = std::min(column + 1, columns - 1);
  if (direction == kUp) row = std::max<std::int64_t>(row - 1, 0);
  return row * columns + column;
}

TransitionModel model_of(const FrozenLake::Config& config, const LakeMap& map) {
  const auto states = std::ssize(map) * std::ssize(map.front());

  // every S is as likely to be the first tile
  std::vector<double> start(static_cast<std::size_t>(states), 0.0);
  double starts = 0;
  for (std::int64_t s = 0; s < states; ++s) starts += tile_at(map, s) == 'S' ? 1 : 0;
  for (std::int64_t s = 0; s < states; ++s)
    start[static_cast<std::size_t>(s)] = tile_at(map, s) == 'S' ? 1 / starts : 0;

  // on slippery ice one of the directions a − 1, a, a + 1, in that order
  const double success = config.success_rate, aside = (1 - success) / 2;
  return TransitionModel(states, kActions, std::move(start),
                         [&](std::int64_t state, std::int64_t action, std::vector<Outcome>& outcomes) {
                           if (tile_at(map, state) == 'G' || tile_at(map, state) == 'H') {
                             outcomes.push_back({1, state, 0, true});
                             return;
                           }
                           const auto walk = [&](double probability, std::int64_t direction) {
                             const std::int64_t next = moved(map, state, direction);
                             const char tile = tile_at(map, next);
                             const double reward = config.reward_schedule[tile == 'G' ? 0 : tile == 'H' ? 1 : 2];
                             outcomes.push_back({probability, next, reward, tile == 'G' || tile == 'H'});
                           };
                           if (!config.is_slippery) {
                             walk(1, action);
                             return;
                           }
                           walk(aside, (action + kActions - 1) % kActions);
                           walk(success, action);
                           walk(aside, (action + 1) % kActions);
                         });
}

std::string text_of(const LakeMap& map, const TabularState& state) {
  constexpr std::array<const char*, kActions> kNames{"Left", "Down", "Right", "Up"};
  std::string text =
      state.last_action < 0 ? "\n" : "  (" + std::string(kNames[static_cast<std::size_t>(state.last_action)]) + ")\n";
  std::int64_t s = 0;
  for (const std::string& row : map) {
    for (const char tile : row) {
      const std::string letter(1, tile);
      text += s++ == state.state ? colorized(letter, AnsiColor::kRed, AnsiStyle::kHighlight) : letter;
    }
    text += "\n";
  }
  return text;
}

void add_hole(Scene& scene, Point middle, bool broken) {
  constexpr Color kWater{38, 84, 124, 255}, kEdge{120, 170, 205, 255}, kCrack{60, 90, 120, 255};
  scene.items.push_back(Circle{middle, 0.36, {.fill = kWater, .outline = kEdge, .outline_width = 0.05}});
  if (!broken) return;
  const auto crack = [&](double x, double y, double dx, double dy) {
    scene.items.push_back(Polyline{{{middle.x + x, middle.y + y},
                                    {middle.x + x + dx / 2 - dy / 4, middle.y + y + dy / 2 + dx / 4},
                                    {middle.x + x + dx, middle.y + y + dy}},
                                   kCrack,
                                   0.03});
  };
  crack(0.25, 0.25, 0.2, 0.2), crack(-0.25, 0.25, -0.2, 0.2);
  crack(0.25, -0.25, 0.2, -0.2), crack(-0.25, -0.25, -0.2, -0.2);
}

void add_gift(Scene& scene, Point middle) {
  constexpr Color kBox{198, 40, 40, 255}, kLid{229, 57, 53, 255}, kRibbon{255, 213, 79, 255};
  const auto at = [&](double x, double y) { return Point{middle.x + x, middle.y + y}; };
  add_rectangle(scene, at(-0.28, -0.32), at(0.28, 0.08), {.fill = kBox});
  add_rectangle(scene, at(-0.32, 0.02), at(0.32, 0.16), {.fill = kLid});
  add_rectangle(scene, at(-0.06, -0.32), at(0.06, 0.16), {.fill = kRibbon});
  for (const double side : {-1.0, 1.0}) {
    scene.items.push_back(Polygon{{at(0, 0.16), at(side * 0.2, 0.34), at(side * 0.24, 0.18)}, {.fill = kRibbon}});
  }
}

}  // namespace

void FrozenLake::Config::check() const {
  if (desc) {
    if (desc->empty()) throw InvalidArgument("desc must have at least one row, got none");
    check_lake_map(*desc);
  }
  if (reward_schedule.size() != 3) {
    throw InvalidArgument(
        formatted("reward_schedule must be three rewards (goal, hole, frozen), got {}", reward_schedule.size()));
  }
  for (const double reward : reward_schedule) {
    if (std::isfinite(reward)) continue;
    throw InvalidArgument(formatted("reward_schedule must hold finite rewards, got {}", reward));
  }
}

void FrozenLake::configure() {
  random_map_ = !config.desc && !config.map_name;
  if (random_map_) config.desc = generate_random_map();
  map_ = std::make_shared<const LakeMap>(config.desc ? *config.desc : lake_map(*config.map_name));
  model_ = std::make_shared<const TransitionModel>(model_of(config, *map_));
}

Scene FrozenLake::draw(const State& state) const {
  constexpr Color kIce{223, 239, 248, 255}, kLine{180, 200, 230, 255};
  constexpr int kCellPixels = 64, kMostPixels = 512;
  const LakeMap& lake = *map_;
  const auto rows = std::ssize(lake), columns = std::ssize(lake.front());
  const int pixels = static_cast<int>(std::clamp<std::int64_t>(kMostPixels / std::max(rows, columns), 1, kCellPixels));

  Scene scene = grid_scene(rows, columns, pixels);
  const Cell walker{state.state / columns, state.state % columns};
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      const Cell cell{row, column};
      add_tile(scene, cell, kIce, kLine);
      const char tile = tile_at(lake, row * columns + column);
      const bool here = row == walker.row && column == walker.column;
      if (tile == 'H') add_hole(scene, middle_of(scene, cell), here);
      if (tile == 'G') add_gift(scene, middle_of(scene, cell));
      if (tile == 'S') add_stool(scene, middle_of(scene, cell));
    }
  }

  // who fell through the ice is gone: the hole shows it
  if (tile_at(lake, state.state) != 'H') {
    constexpr std::array<Heading, kActions> kHeadings{Heading::kLeft, Heading::kDown, Heading::kRight, Heading::kUp};
    const std::int64_t looks = state.last_action < 0 ? kDown : state.last_action;
    add_walker(scene, middle_of(scene, walker), kHeadings[static_cast<std::size_t>(looks)]);
  }
  scene.text = text_of(lake, state);
  return scene;
}

}  // namespace ludus::envs
