#include "envs/spaces/parts.h"

#include <gtest/gtest.h>

#include <vector>

#include "envs/spaces/multi_binary.h"
#include "envs/spaces/sequence.h"

namespace ludus::envs {
namespace {

TEST(Composite, DrawsTheSeedsThatGymnasiumDraws) {
  // from the golden record of Tuple(Discrete(32), Discrete(11), Discrete(2)) under seed 0
  Generator random(0);
  EXPECT_EQ(draw_seeds(random, 3), (std::vector<std::uint64_t>{1826701614, 1367864806, 1097657231}));
}

TEST(Composite, JoinsBoxesInTheDtypeThatHoldsThemAll) {
  const Discrete discrete(2, 0, DType::kInt8);
  const Box box(-2, 3, Shape{1}, DType::kFloat32);
  EXPECT_EQ(concatenated_boxes({&discrete, &box})->to_string(), "Box([ 0.  0. -2.], [1. 1. 3.], (3,), float32)");
  const MultiBinary bits(2);
  EXPECT_EQ(concatenated_boxes({&discrete, &bits})->to_string(), "Box(0, 1, (4,), int8)");
}

TEST(Composite, ChecksPartsAndSeeds) {
  std::vector<SpacePtr> parts(1);
  EXPECT_THROW(check_parts(parts, "Tuple"), InvalidArgument);
  const Discrete space(2);
  EXPECT_THROW(checked_seeds(List{1}, 2, space), InvalidArgument);
  EXPECT_EQ(checked_seeds(List{1, 2}, 2, space).size(), 2U);
  EXPECT_THROW(check_flattenable(Sequence(space.clone())), InvalidArgument);
}

TEST(Composite, ClonesEveryPartWithItsStream) {
  std::vector<SpacePtr> parts;
  parts.push_back(std::make_unique<Discrete>(1000));
  parts[0]->seed(1);
  const std::vector<SpacePtr> copies = clone_all(parts);
  EXPECT_EQ(copies[0]->sample(), parts[0]->sample());
}

}  // namespace
}  // namespace ludus::envs
