#include "envs/toy_text/cliff_walking.h"

#include <algorithm>
#include <array>

#include "envs/toy_text/grid_scene.h"

namespace ludus::envs {
namespace {

enum Action : std::int64_t { kUp, kRight, kDown, kLeft };
constexpr std::int64_t kActions = 4;
constexpr std::int64_t kRows = CliffWalking::kRows, kColumns = CliffWalking::kColumns;
constexpr std::int64_t kStart = CliffWalking::kStart, kGoal = CliffWalking::kGoal;

bool is_cliff(std::int64_t state) {
  return state > kStart && state < kGoal;
}

// The edge of the world holds the walker; the cliff sends them back to the start.
Outcome walk(double probability, std::int64_t state, std::int64_t direction) {
  std::int64_t row = state / kColumns, column = state % kColumns;
  if (direction == kUp) row = std::max<std::int64_t>(row - 1, 0);
  if (direction == kRight) column = std::min(column + 1, kColumns - 1);
  if (direction == kDown) row = std::min(row + 1, kRows - 1);
  if (direction == kLeft) column = std::max<std::int64_t>(column - 1, 0);
  const std::int64_t next = row * kColumns + column;
  if (is_cliff(next)) return {probability, kStart, -100, false};
  return {probability, next, -1, next == kGoal};
}

TransitionModel model_of(bool is_slippery) {
  std::vector<double> start(static_cast<std::size_t>(kRows * kColumns), 0.0);
  start[static_cast<std::size_t>(kStart)] = 1;
  return TransitionModel(kRows * kColumns, kActions, std::move(start),
                         [&](std::int64_t state, std::int64_t action, std::vector<Outcome>& outcomes) {
                           if (!is_slippery) {
                             outcomes.push_back(walk(1, state, action));
                             return;
                           }
                           for (const std::int64_t turn : {kActions - 1, std::int64_t{0}, std::int64_t{1}}) {
                             outcomes.push_back(walk(1.0 / 3.0, state, (action + turn) % kActions));
                           }
                         });
}

std::string text_of(const TabularState& state) {
  std::string text;
  for (std::int64_t s = 0; s < kRows * kColumns; ++s) {
    text += s == state.state ? 'x' : s == kGoal ? 'T' : is_cliff(s) ? 'C' : 'o';
    text += s % kColumns == kColumns - 1 ? "\n" : "  ";
  }
  return text + "\n";
}

void add_rocks(Scene& scene, Point middle) {
  constexpr Color kAbyss{62, 44, 38, 255}, kRock{109, 83, 72, 255}, kEdge{141, 110, 99, 255};
  const auto at = [&](double x, double y) { return Point{middle.x + x, middle.y + y}; };
  add_rectangle(scene, at(-0.5, -0.5), at(0.5, 0.5), {.fill = kAbyss});
  scene.items.push_back(Polygon{
      {at(-0.5, 0.5), at(0.5, 0.5), at(0.5, 0.3), at(0.25, 0.15), at(0.05, 0.32), at(-0.2, 0.1), at(-0.5, 0.28)},
      {.fill = kEdge}});
  scene.items.push_back(Polygon{{at(-0.4, -0.5), at(-0.2, -0.15), at(0.0, -0.5)}, {.fill = kRock}});
  scene.items.push_back(Polygon{{at(0.0, -0.5), at(0.25, -0.05), at(0.45, -0.5)}, {.fill = kRock}});
}

void add_cookie(Scene& scene, Point middle) {
  constexpr Color kDough{212, 160, 86, 255}, kCrust{160, 110, 50, 255}, kChip{78, 52, 46, 255};
  scene.items.push_back(Circle{middle, 0.3, {.fill = kDough, .outline = kCrust, .outline_width = 0.04}});
  constexpr std::array<std::array<double, 2>, 5> kChips{
      {{-0.12, 0.1}, {0.1, 0.14}, {0.02, -0.02}, {-0.13, -0.12}, {0.14, -0.1}}};
  for (const auto& [x, y] : kChips) {
    scene.items.push_back(Circle{{middle.x + x, middle.y + y}, 0.045, {.fill = kChip}});
  }
}

}  // namespace

void CliffWalking::configure() {
  model_ = std::make_shared<const TransitionModel>(model_of(config.is_slippery));
}

Scene CliffWalking::draw(const State& state) const {
  constexpr int kCellPixels = 60;
  constexpr std::array<Color, 2> kMeadow{Color{165, 190, 120, 255}, Color{176, 200, 132, 255}};
  constexpr Color kLine{150, 175, 110, 255};

  Scene scene = grid_scene(kRows, kColumns, kCellPixels);
  for (std::int64_t s = 0; s < kRows * kColumns; ++s) {
    const Cell cell{s / kColumns, s % kColumns};
    const Point middle = middle_of(scene, cell);
    if (is_cliff(s)) {
      add_rocks(scene, middle);
      continue;
    }
    add_tile(scene, cell, kMeadow[static_cast<std::size_t>((cell.row + cell.column) % 2)], kLine);
    if (s == kStart) add_stool(scene, middle);
    if (s == kGoal) add_cookie(scene, middle);
  }
  constexpr std::array<Heading, kActions> kHeadings{Heading::kUp, Heading::kRight, Heading::kDown, Heading::kLeft};
  const std::int64_t looks = state.last_action < 0 ? kDown : state.last_action;
  add_walker(scene, middle_of(scene, {state.state / kColumns, state.state % kColumns}),
             kHeadings[static_cast<std::size_t>(looks)]);
  scene.text = text_of(state);
  return scene;
}

}  // namespace ludus::envs
