#include "envs/toy_text/taxi_scene.h"

#include <string>
#include <vector>

#include "envs/toy_text/ansi.h"
#include "envs/toy_text/grid_scene.h"

namespace ludus::envs {
namespace {

constexpr std::int64_t kInTaxi = 4;
constexpr int kLetterPixels = 50;  // a letter of the town's map is one unit of the world
constexpr std::array<Color, 4> kStandColors{
    {{211, 47, 47, 255}, {56, 142, 60, 255}, {251, 192, 45, 255}, {25, 118, 210, 255}}};

std::string text_of(const TaxiState& state) {
  constexpr std::array<const char*, 6> kNames{"South", "North", "East", "West", "Pickup", "Dropoff"};
  const TaxiPlace place = TaxiPlace::decode(state.state);

  // each letter is a separate string, so that colours can surround it
  std::vector<std::vector<std::string>> letters;
  for (const std::string_view row : kTaxiTown) {
    auto& line = letters.emplace_back();
    for (const char letter : row) line.emplace_back(1, letter);
  }
  const auto at = [&](std::int64_t row, std::int64_t column) -> std::string& {
    return letters[static_cast<std::size_t>(1 + row)][static_cast<std::size_t>(2 * column + 1)];
  };

  std::string& taxi = at(place.row, place.column);
  if (place.passenger == kInTaxi) {
    taxi = colorized(taxi == " " ? "_" : taxi, AnsiColor::kGreen, AnsiStyle::kHighlight);
  } else {
    taxi = colorized(taxi, AnsiColor::kYellow, AnsiStyle::kHighlight);
    const auto& [row, column] = kTaxiStands[static_cast<std::size_t>(place.passenger)];
    at(row, column) = colorized(at(row, column), AnsiColor::kBlue, AnsiStyle::kBold);
  }
  const auto& [row, column] = kTaxiStands[static_cast<std::size_t>(place.destination)];
  at(row, column) = colorized(at(row, column), AnsiColor::kMagenta);

  std::string text;
  for (const auto& line : letters) {
    for (const std::string& letter : line) text += letter;
    text += "\n";
  }
  return text + (state.last_action < 0
                     ? "\n"
                     : "  (" + std::string(kNames[static_cast<std::size_t>(state.last_action)]) + ")\n");
}

// The middle of a cell of the town in a scene of its letters.
Point cell_middle(const Scene& scene, std::int64_t row, std::int64_t column) {
  return middle_of(scene, {row + 1, 2 * column + 1});
}

void add_town(Scene& scene) {
  constexpr Color kRoad{120, 124, 130, 255}, kMark{170, 174, 180, 255}, kWall{121, 85, 72, 255},
      kHedge{85, 139, 47, 255};
  add_rectangle(scene, scene.low, scene.high, {.fill = kHedge});
  add_rectangle(scene, {0.75, 0.75}, {scene.high.x - 0.75, scene.high.y - 0.75}, {.fill = kRoad});

  for (std::size_t row = 1; row + 1 < kTaxiTown.size(); ++row) {
    for (std::size_t column = 2; column + 2 < kTaxiTown[row].size(); column += 2) {
      const Point middle = middle_of(scene, {static_cast<std::int64_t>(row), static_cast<std::int64_t>(column)});
      if (kTaxiTown[row][column] == '|') {
        add_rectangle(scene, {middle.x - 0.18, middle.y - 0.5}, {middle.x + 0.18, middle.y + 0.5}, {.fill = kWall});
      } else {
        add_rectangle(scene, {middle.x - 0.22, middle.y - 0.04}, {middle.x + 0.22, middle.y + 0.04}, {.fill = kMark});
      }
    }
  }
}

void add_stands(Scene& scene) {
  constexpr std::array<const char*, 4> kLetters{"R", "G", "Y", "B"};
  for (std::size_t i = 0; i < kTaxiStands.size(); ++i) {
    const Point middle = cell_middle(scene, kTaxiStands[i][0], kTaxiStands[i][1]);
    Color fill = kStandColors[i];
    fill.alpha = 150;
    add_rectangle(scene, {middle.x - 0.5, middle.y - 0.5}, {middle.x + 0.5, middle.y + 0.5},
                  {.fill = fill, .outline = kStandColors[i], .outline_width = 0.06});
    scene.items.push_back(
        Text{{middle.x - 0.38, middle.y - 0.34}, kLetters[i], 0.2, {255, 255, 255, 255}, Align::kCenter});
  }
}

// The hotel where the passenger wants to go, in its stand's colour.
void add_destination(Scene& scene, Point middle, Color color) {
  constexpr Color kWindow{255, 245, 157, 255}, kDark{55, 71, 79, 255};
  const auto at = [&](double x, double y) { return Point{middle.x + x, middle.y + y}; };
  add_rectangle(scene, at(-0.26, -0.42), at(0.26, 0.3), {.fill = kDark, .outline = color, .outline_width = 0.06});
  scene.items.push_back(Polygon{{at(-0.34, 0.3), at(0, 0.48), at(0.34, 0.3)}, {.fill = color}});
  for (const double y : {0.14, -0.06}) {
    for (const double x : {-0.14, 0.0, 0.14}) {
      add_rectangle(scene, at(x - 0.04, y - 0.05), at(x + 0.04, y + 0.05), {.fill = kWindow});
    }
  }
  add_rectangle(scene, at(-0.06, -0.42), at(0.06, -0.2), {.fill = kWindow});
}

void add_passenger(Scene& scene, Point middle, double size) {
  constexpr Color kSkin{255, 213, 170, 255}, kShirt{142, 36, 170, 255}, kEdge{60, 20, 70, 255};
  const auto at = [&](double x, double y) { return Point{middle.x + x * size, middle.y + y * size}; };
  scene.items.push_back(Polygon{{at(-0.18, -0.36), at(-0.12, 0.04), at(0.12, 0.04), at(0.18, -0.36)},
                                {.fill = kShirt, .outline = kEdge, .outline_width = 0.03 * size}});
  scene.items.push_back(
      Circle{at(0, 0.16), 0.14 * size, {.fill = kSkin, .outline = kEdge, .outline_width = 0.03 * size}});
}

// Seen from above, its nose ahead.
void add_taxi(Scene& scene, Point middle, std::int64_t heading, bool occupied) {
  constexpr Color kBody{255, 193, 7, 255}, kEdge{90, 70, 0, 255}, kGlass{38, 50, 56, 255}, kLamp{255, 255, 224, 255},
      kTyre{33, 33, 33, 255};
  constexpr std::array<Point, 4> kAhead{{{0, -1}, {0, 1}, {1, 0}, {-1, 0}}};  // south, north, east, west
  const Point ahead = kAhead[static_cast<std::size_t>(heading)];
  const auto at = [&](double along, double left) {
    return Point{middle.x + along * ahead.x - left * ahead.y, middle.y + along * ahead.y + left * ahead.x};
  };
  const auto box = [&](double back, double front, double right, double left, const Paint& paint) {
    scene.items.push_back(Polygon{{at(back, right), at(back, left), at(front, left), at(front, right)}, paint});
  };
  for (const double along : {-0.24, 0.24}) {
    for (const double side : {-0.25, 0.25}) box(along - 0.09, along + 0.09, side - 0.05, side + 0.05, {.fill = kTyre});
  }
  box(-0.44, 0.44, -0.24, 0.24, {.fill = kBody, .outline = kEdge, .outline_width = 0.03});
  box(0.1, 0.24, -0.18, 0.18, {.fill = kGlass});
  box(-0.34, -0.24, -0.18, 0.18, {.fill = kGlass});
  for (const double side : {-0.16, 0.16}) scene.items.push_back(Circle{at(0.4, side), 0.045, {.fill = kLamp}});
  if (occupied) {
    add_passenger(scene, at(-0.07, 0), 0.6);
  } else {
    box(-0.12, 0.0, -0.1, 0.1, {.fill = kLamp, .outline = kEdge, .outline_width = 0.02});  // the sign on the roof
  }
}

}  // namespace

Scene taxi_scene(const TaxiState& state) {
  Scene scene = grid_scene(kTaxiTown.size(), static_cast<std::int64_t>(kTaxiTown[0].size()), kLetterPixels);
  const TaxiPlace place = TaxiPlace::decode(state.state);
  add_town(scene);
  add_stands(scene);

  const auto destination = static_cast<std::size_t>(place.destination);
  const Point hotel = cell_middle(scene, kTaxiStands[destination][0], kTaxiStands[destination][1]);
  add_destination(scene, hotel, kStandColors[destination]);
  if (place.passenger != kInTaxi) {
    const auto waiting = static_cast<std::size_t>(place.passenger);
    add_passenger(scene, cell_middle(scene, kTaxiStands[waiting][0], kTaxiStands[waiting][1]), 1);
  }
  add_taxi(scene, cell_middle(scene, place.row, place.column), state.heading, place.passenger == kInTaxi);
  scene.text = text_of(state);
  return scene;
}

}  // namespace ludus::envs
