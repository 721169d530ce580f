#include "base/thread_team.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cfenv>
#include <numeric>
#include <set>
#include <stdexcept>

#include "base/error.h"

namespace ludus {
namespace {

class EveryTeam : public ::testing::TestWithParam<std::size_t> {};

TEST_P(EveryTeam, DoesEveryItemOnce) {
  ThreadTeam team(GetParam());
  EXPECT_EQ(team.size(), GetParam());
  for (const std::size_t n : {0u, 1u, 2u, 7u, 1000u}) {
    std::vector<int> times(n, 0);  // each item is processed by one thread, so no two write the same element
    const auto failure = team.run(n, [&](std::size_t i) { ++times[i]; });
    EXPECT_EQ(failure.error, nullptr);
    EXPECT_EQ(times, std::vector<int>(n, 1));
  }
}

TEST_P(EveryTeam, GoesThroughManyShortLoops) {
  // 1 + 2 + … + 500, each loop adding to the result of the previous one
  ThreadTeam team(GetParam());
  std::vector<std::size_t> sums(5, 0);
  for (std::size_t loop = 1; loop <= 500; ++loop) {
    ASSERT_EQ(team.run(sums.size(), [&](std::size_t i) { sums[i] += loop; }).error, nullptr);
  }
  EXPECT_EQ(sums, std::vector<std::size_t>(5, 500 * 501 / 2));
}

TEST_P(EveryTeam, ReportsTheLowestFailureAndDoesTheRest) {
  ThreadTeam team(GetParam());
  for (int again = 0; again < 20; ++again) {
    std::vector<int> done(40, 0);
    const auto failure = team.run(done.size(), [&](std::size_t i) {
      if (i % 7 == 5) throw std::runtime_error("item " + std::to_string(i));
      done[i] = 1;
    });
    ASSERT_NE(failure.error, nullptr);
    EXPECT_EQ(failure.item, 5u);
    try {
      std::rethrow_exception(failure.error);
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "item 5");
    }
    EXPECT_EQ(std::accumulate(done.begin(), done.end(), 0), 40 - 5);  // all but 5, 12, 19, 26, 33
    EXPECT_EQ(team.run(3, [](std::size_t) {}).error, nullptr);        // the failure does not persist
  }
}

TEST_P(EveryTeam, ComputesInTheCallersFloatMode) {
  ThreadTeam team(GetParam());
  const auto rounds_up = [] {
    volatile float one = 1.0f, tiny = 1e-20f;
    return one + tiny > 1.0f;
  };
  for (const int mode : {FE_UPWARD, FE_TONEAREST}) {
    std::fesetround(mode);
    std::vector<int> upward(64, -1);
    EXPECT_EQ(team.run(upward.size(), [&](std::size_t i) { upward[i] = rounds_up(); }).error, nullptr);
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(upward, std::vector<int>(64, mode == FE_UPWARD));
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, EveryTeam, ::testing::Values(1, 2, 3, 8));

TEST(ThreadTeam, UsesItsThreads) {
  // two items that wait for each other need two threads
  ThreadTeam team(2);
  std::array<std::thread::id, 2> ids;
  for (int loop = 0; loop < 200; ++loop) {
    std::atomic<int> here{0};
    const auto failure = team.run(2, [&](std::size_t i) {
      ids[i] = std::this_thread::get_id();
      ++here;
      while (here < 2) std::this_thread::yield();
    });
    ASSERT_EQ(failure.error, nullptr);
    ASSERT_NE(ids[0], ids[1]);
  }
}

TEST(ThreadTeam, EndsAtAnyMoment) {
  for (int again = 0; again < 300; ++again) {
    ThreadTeam team(3);
    for (int loop = 0; loop < again % 3; ++loop) ASSERT_EQ(team.run(3, [](std::size_t) {}).error, nullptr);
  }
}

TEST(ThreadTeam, NobodyIsTheCallerAlone) {
  EXPECT_EQ(ThreadTeam(0).size(), 1u);
}

TEST(Error, TellsWhereItHappenedAndStaysWhatItIs) {
  try {
    try {
      throw InvalidArgument("no such option");
    } catch (Error& error) {
      error.prepend("environment 3");
      throw;
    }
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(), "environment 3: no such option");
    return;
  }
  FAIL() << "another kind of error";
}

}  // namespace
}  // namespace ludus
