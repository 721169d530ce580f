#include "runs/training.h"

#include <gtest/gtest.h>

#include "tests/runs/fake_training.h"

namespace ludus::runs {
namespace {

using Kind = StopReason::Kind;

TEST(Training, KeepsTheFirstReasonUnlessInterrupted) {
  FakeTraining training;
  EXPECT_FALSE(training.stop_reason());
  training.request_stop("reward ≥ 475");
  training.request_stop({Kind::kFinished, "nothing left"});
  EXPECT_EQ(*training.stop_reason(), (StopReason{Kind::kRequested, "reward ≥ 475"}));
  training.request_stop({Kind::kInterrupted, "Ctrl-C"});
  EXPECT_EQ(training.stop_reason()->kind, Kind::kInterrupted);
}

TEST(Progress, IsDueAtMultiplesOfTheInterval) {
  EXPECT_TRUE((Progress{.step = 10}.is_due(5)));
  EXPECT_FALSE((Progress{.step = 11}.is_due(5)));
  // eight at once, 8 to 16: 10 lies between
  EXPECT_TRUE((Progress{.step = 16, .increment = 8}.is_due(10)));
  EXPECT_FALSE((Progress{.step = 24, .increment = 8}.is_due(30)));
  EXPECT_FALSE(Progress{.step = 10}.is_due(0));
}

}  // namespace
}  // namespace ludus::runs
