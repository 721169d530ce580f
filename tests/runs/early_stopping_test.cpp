// Of evaluations of an agent: tests/agents/runner/evaluation_callback_test.cpp.
#include "runs/early_stopping.h"

#include <gtest/gtest.h>

#include "tests/base/support/states.h"
#include "tests/runs/fake_training.h"

namespace ludus::runs {
namespace {

TEST(EarlyStopping, EndsAtALossThatIsLowEnough) {
  EarlyStopping stopping({.metric = "eval/loss", .higher_is_better = false, .threshold = 0.5});
  FakeTraining training;
  training.report_once(0.6, stopping);
  EXPECT_FALSE(training.stop_reason());
  training.report_once(0.5, stopping);
  EXPECT_EQ(training.stop_reason()->text, "eval/loss ≤ 0.5");
}

TEST(EarlyStopping, CountsOnlyStepsWithTheMetric) {
  EarlyStopping stopping({.metric = "eval/loss", .higher_is_better = false, .patience = 1});
  FakeTraining training;
  for (const double loss : {3.0, 2.0, 2.5}) training.report_once(loss, stopping);
  for (int step = 0; step < 10; ++step) training.step_to(step, stopping);
  EXPECT_FALSE(training.stop_reason());
  training.report_once(2.0, stopping);
  EXPECT_EQ(training.stop_reason()->text, "eval/loss did not improve in 2 evaluations");
}

TEST(EarlyStopping, RestoredEndsAgainForTheSameReason) {
  const EarlyStopping::Options options{.metric = "eval/loss", .higher_is_better = false, .patience = 0};
  EarlyStopping stopping(options), resumed(options);
  FakeTraining training, again;
  for (const double loss : {3.0, 3.5}) training.report_once(loss, stopping);
  test::restore(resumed, state_as_dict(stopping));
  resumed.on_start(again);
  ASSERT_TRUE(again.stop_reason());
  EXPECT_EQ(*again.stop_reason(), *training.stop_reason());
}

}  // namespace
}  // namespace ludus::runs
