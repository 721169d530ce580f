#include "runs/metrics.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/state_fields.h"

namespace ludus::runs {
namespace {

const std::vector<std::string> kTags{"train/loss", "train/norm"};

TEST(MeanMetrics, AveragesBetweenTwoRows) {
  MeanMetrics metrics(kTags);
  EXPECT_EQ(metrics.tags(), kTags);
  EXPECT_TRUE(metrics.take().empty());
  metrics.record("train/loss", 1);
  metrics.record("train/loss", 2);
  EXPECT_EQ(metrics.take(), (Metrics{{"train/loss", 1.5}}));
  metrics.record("train/norm", 4);
  EXPECT_EQ(metrics.take(), (Metrics{{"train/norm", 4}}));
}

TEST(MeanMetrics, RestoredContinuesTheMeans) {
  MeanMetrics metrics(kTags), resumed(kTags);
  metrics.record("train/loss", 1);
  state_from_dict(resumed, state_as_dict(metrics));
  resumed.record("train/loss", 4);
  EXPECT_EQ(resumed.take(), (Metrics{{"train/loss", 2.5}}));
  EXPECT_THROW(state_from_dict(resumed, Dict{}), TypeMismatch);
}

}  // namespace
}  // namespace ludus::runs
