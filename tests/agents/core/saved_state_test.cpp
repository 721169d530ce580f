#include "agents/core/saved_state.h"

#include <gtest/gtest.h>

#include "base/checkpoint.h"

namespace ludus::agents {
namespace {

TEST(SavedState, NumbersComeBackAsTheyWere) {
  Checkpoint checkpoint;
  const std::vector<double> numbers = {1, -0.0, 3e300, 0.1, 5, 6};
  put_numbers<double>(checkpoint, "agent/table", numbers, Shape{2, 3});
  put_numbers(checkpoint, "agent/counts", std::vector<std::int64_t>{});
  EXPECT_EQ(take_numbers<double>(checkpoint, "agent/table", Shape{2, 3}), numbers);
  EXPECT_EQ(take_numbers<double>(checkpoint, "agent/table"), numbers);
  EXPECT_TRUE(take_numbers<std::int64_t>(checkpoint, "agent/counts").empty());
}

TEST(SavedState, AnotherShapeOrTypeIsACorruptCheckpoint) {
  Checkpoint checkpoint;
  put_numbers(checkpoint, "agent/table", std::vector<double>(6));
  EXPECT_THROW(take_numbers<double>(checkpoint, "agent/table", Shape{2, 3}), CorruptCheckpoint);
  EXPECT_THROW(take_numbers<float>(checkpoint, "agent/table"), CorruptCheckpoint);
  EXPECT_THROW(take_numbers<double>(checkpoint, "agent/chair"), CorruptCheckpoint);
}

TEST(SavedState, GeneratorsGoOnWhereTheyWere) {
  Generator generator(3);
  generator.next_uint32();  // leaves half a draw waiting
  Checkpoint checkpoint;
  put_generator(checkpoint, "agent/generator", generator);
  Generator copy = take_generator(checkpoint, "agent/generator");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(copy.next_uint32(), generator.next_uint32());
}

TEST(SavedState, SingleNumbersAreCheckedForTheirKind) {
  Checkpoint checkpoint;
  put_integer(checkpoint, "agent/steps", std::int64_t{1} << 60);
  put_real(checkpoint, "agent/rate", 0.1);
  checkpoint.put_value("agent/word", "seven");
  EXPECT_EQ(take_integer(checkpoint, "agent/steps"), std::int64_t{1} << 60);
  EXPECT_EQ(take_real(checkpoint, "agent/rate"), 0.1);
  EXPECT_THROW(take_integer(checkpoint, "agent/word"), CorruptCheckpoint);
  EXPECT_THROW(take_real(checkpoint, "agent/word"), CorruptCheckpoint);
  EXPECT_THROW(take_generator(checkpoint, "agent/word"), CorruptCheckpoint);
  EXPECT_THROW(take_integer(checkpoint, "agent/none"), CorruptCheckpoint);
}

TEST(SavedState, TheArraysOfADictAreTensorsOfTheirOwn) {
  const std::vector<float> numbers = {1, 2, 3};
  const Dict state{{"next", 3}, {"rewards", Array::of(std::span<const float>(numbers))}, {"full", true}};
  Checkpoint checkpoint;
  put_dict(checkpoint, "agent/replay", state);
  EXPECT_EQ(take_numbers<float>(checkpoint, "agent/replay/rewards"), numbers);
  const Dict back = take_dict(checkpoint, "agent/replay");
  ASSERT_EQ(back.size(), 3u);
  for (const auto& [name, value] : state) EXPECT_EQ(back.at(name), value) << name;

  put_integer(checkpoint, "agent/steps", 3);
  EXPECT_THROW(take_dict(checkpoint, "agent/steps"), CorruptCheckpoint);
  EXPECT_THROW(take_dict(checkpoint, "agent/none"), CorruptCheckpoint);
}

}  // namespace
}  // namespace ludus::agents
