#include "agents/search/generation.h"

#include <gtest/gtest.h>

#include "base/state_fields.h"
#include "tests/agents/support/by_hand.h"

namespace ludus::agents {
namespace {

// Two candidates with two episodes each on three environments: they begin 0, 1, 0.
TEST(Generation, HandsOutEpisodesInOrderAndCountsThemOnce) {
  Generation generation(2, 2, 3);
  EXPECT_EQ(generation.candidate_of(0), 0);
  EXPECT_EQ(generation.candidate_of(1), 1);
  EXPECT_EQ(generation.candidate_of(2), 0);

  // environment 0's episode: 1 + 2, then it runs the last episode, of candidate 1
  generation.record(0, 1, false);
  generation.record(0, 2, true);
  EXPECT_EQ(generation.candidate_of(0), 1);
  // environment 1's: 10, and no candidate is left
  generation.record(1, 10, true);
  EXPECT_EQ(generation.candidate_of(1), Generation::kNone);
  generation.record(1, 1000, true);  // not counted
  generation.record(1, 1000, false);
  EXPECT_FALSE(generation.complete());
  generation.record(2, 5, true);
  generation.record(0, 20, true);
  EXPECT_TRUE(generation.complete());
  EXPECT_EQ(generation.mean_returns(), (std::vector<double>{4, 15}));  // (3 + 5)/2, (10 + 20)/2

  // environment 1 is in an idle episode and continues it to its end
  generation.next();
  EXPECT_EQ(generation.candidate_of(0), 0);
  EXPECT_EQ(generation.candidate_of(1), Generation::kNone);
  EXPECT_EQ(generation.candidate_of(2), 1);
  EXPECT_FALSE(generation.complete());
  generation.record(1, 1000, true);
  EXPECT_EQ(generation.candidate_of(1), 0);
}

TEST(Generation, GoesOnFromACheckpointAndRefusesOneThatDoesNotAddUp) {
  Generation generation(3, 1, 2);
  generation.record(0, 7, true);
  generation.record(1, 3, false);
  Checkpoint saved;
  save_state(generation, saved.writer("generation"));
  const auto load = [](Generation target, const Checkpoint& from) { load_state(target, from.reader("generation")); };

  Generation loaded(3, 1, 2);
  load_state(loaded, saved.reader("generation"));
  for (Generation* each : {&generation, &loaded}) {
    each->record(1, 2, true);
    each->record(0, 1, true);
    EXPECT_TRUE(each->complete());
    EXPECT_EQ(each->mean_returns(), (std::vector<double>{7, 5, 1}));
  }
  EXPECT_THROW(load(Generation(4, 1, 2), saved), CorruptCheckpoint);
  EXPECT_THROW(load(Generation(3, 1, 1), saved), CorruptCheckpoint);
  for (const std::vector<std::int64_t>& candidates :
       {std::vector<std::int64_t>{-1, -1}, std::vector<std::int64_t>{0, 9}}) {
    const Array broken = Array::of(std::span<const std::int64_t>(candidates));
    EXPECT_THROW(load(loaded, testing::with_array(saved, "generation/env/candidate", broken)), CorruptCheckpoint);
  }
}

}  // namespace
}  // namespace ludus::agents
