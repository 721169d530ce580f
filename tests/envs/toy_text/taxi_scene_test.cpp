#include "envs/toy_text/taxi_scene.h"

#include <gtest/gtest.h>

namespace ludus::envs {
namespace {

TaxiState state_at(TaxiPlace place, std::int64_t last_action) {
  TaxiState state{};
  state.state = place.encode();
  state.last_action = last_action;
  state.probability = 1;
  return state;
}

TEST(TaxiScene, TextMatchesGymnasium) {
  // the taxi empty beside the red stand, the passenger there, bound for blue
  const TaxiState waiting = state_at({.row = 0, .column = 1, .passenger = 0, .destination = 3}, -1);
  EXPECT_EQ(taxi_scene(waiting).text,
            "+---------+\n"
            "|\x1b[34;1mR\x1b[0m:\x1b[43m \x1b[0m| : :G|\n"
            "| : | : : |\n"
            "| : : : : |\n"
            "| | : | : |\n"
            "|Y| : |\x1b[35mB\x1b[0m: |\n"
            "+---------+\n\n");
  const TaxiState riding = state_at({.row = 1, .column = 0, .passenger = 4, .destination = 0}, 0);
  EXPECT_EQ(taxi_scene(riding).text,
            "+---------+\n"
            "|\x1b[35mR\x1b[0m: | : :G|\n"
            "|\x1b[42m_\x1b[0m: | : : |\n"
            "| : : : : |\n"
            "| | : | : |\n"
            "|Y| : |B: |\n"
            "+---------+\n"
            "  (South)\n");
}

TEST(TaxiScene, SceneHasGymnasiumsSizeAndShowsTheTaxi) {
  const Scene scene = taxi_scene(state_at({.row = 2, .column = 3, .passenger = 0, .destination = 1}, -1));
  EXPECT_EQ(scene.width, 550);
  EXPECT_EQ(scene.height, 350);
  // the taxi's roof sign is drawn last, and stands in cell (2, 3)
  const auto& sign = std::get<Polygon>(scene.items.back());
  for (const Point& point : sign.points) {
    EXPECT_NEAR(point.x, 7.5, 0.5);
    EXPECT_NEAR(point.y, 3.5, 0.5);
  }
}

}  // namespace
}  // namespace ludus::envs
