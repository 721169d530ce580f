#include "envs/toy_text/frozen_lake_map.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace ludus::envs {
namespace {

TEST(FrozenLakeMap, KnownMaps) {
  EXPECT_EQ(lake_map("4x4").size(), 4u);
  EXPECT_EQ(lake_map("8x8")[5], "FHHFFFHF");
  for (const char* name : {"4x4", "8x8"}) {
    EXPECT_NO_THROW(check_lake_map(lake_map(name)));
    EXPECT_TRUE(has_way_to_goal(lake_map(name)));
  }
  EXPECT_THROW(lake_map("5x5"), InvalidArgument);
}

TEST(FrozenLakeMap, DetectsPathsToTheGoal) {
  EXPECT_TRUE(has_way_to_goal({"SFF", "HHF", "GFF"}));
  EXPECT_FALSE(has_way_to_goal({"SHF", "HFF", "FFG"}));
  EXPECT_FALSE(has_way_to_goal({"SF", "FF"}));
  EXPECT_TRUE(has_way_to_goal({"SFFFG"}));
}

TEST(FrozenLakeMap, RejectsInvalidMaps) {
  EXPECT_THROW(check_lake_map({"SFF", "FG"}), InvalidArgument);
  EXPECT_THROW(check_lake_map({""}), InvalidArgument);
  EXPECT_THROW(check_lake_map({"SX", "FG"}), InvalidArgument);
  EXPECT_THROW(check_lake_map({"FF", "FG"}), InvalidArgument);
}

TEST(FrozenLakeMap, RandomMapsHaveAPath) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const LakeMap map = generate_random_map(6, 0.6, seed);
    EXPECT_EQ(map.size(), 6u);
    EXPECT_NO_THROW(check_lake_map(map));
    EXPECT_TRUE(has_way_to_goal(map));
    EXPECT_EQ(generate_random_map(6, 0.6, seed), map);
  }
  EXPECT_EQ(generate_random_map(2, 7.0, 1), (LakeMap{"SF", "FG"}));  // above 1 is certain, as in Gymnasium
}

TEST(FrozenLakeMap, RandomMapsRejectImpossibleArguments) {
  EXPECT_THROW(generate_random_map(1, 0.8, 0), InvalidArgument);
  EXPECT_THROW(generate_random_map(4, 0.0, 0), InvalidArgument);
  EXPECT_THROW(generate_random_map(4, std::nan(""), 0), InvalidArgument);
  EXPECT_THROW(generate_random_map(3, 1e-9, 0), InvalidArgument);  // gives up
}

}  // namespace
}  // namespace ludus::envs
