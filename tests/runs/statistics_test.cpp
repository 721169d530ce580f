#include "runs/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace ludus::runs {
namespace {

TEST(Statistics, MeanAndStandardDeviationByHand) {
  const std::vector<double> values{2, 4, 4, 4, 5, 5, 7, 9};  // mean 5, squared deviations 9+1+1+1+0+0+4+16 = 32
  EXPECT_DOUBLE_EQ(mean(values), 5.0);
  EXPECT_DOUBLE_EQ(standard_deviation(values), 2.0);
}

TEST(Statistics, InterquartileMeanByHand) {
  // 8 values: 2 fall away on each side, (3 + 4 + 5 + 6) / 4 is left
  EXPECT_DOUBLE_EQ(interquartile_mean(std::vector<double>{100, 1, 2, 3, 4, 5, 6, -7}), (2 + 3 + 4 + 5) / 4.0);
  // 5 values: floor(5 / 4) = 1 on each side
  EXPECT_DOUBLE_EQ(interquartile_mean(std::vector<double>{50, 1, 2, 3, 0}), 2.0);
  // fewer than 4: nothing falls away
  EXPECT_DOUBLE_EQ(interquartile_mean(std::vector<double>{1, 2, 6}), 3.0);
}

TEST(Statistics, ProbabilityOfImprovementCountsTiesHalf) {
  // pairs: 1 against 1, 2: ½, 0; 3 against 1, 2: 1, 1. Together 2.5 of 4
  EXPECT_DOUBLE_EQ(probability_of_improvement(std::vector<double>{1, 3}, std::vector<double>{1, 2}), 0.625);
  EXPECT_DOUBLE_EQ(probability_of_improvement(std::vector<double>{5, 5}, std::vector<double>{5}), 0.5);
  EXPECT_DOUBLE_EQ(probability_of_improvement(std::vector<double>{0}, std::vector<double>{1, 2, 3}), 0.0);
}

TEST(Statistics, IntervalsRepeatAndContainTheStatistic) {
  std::vector<double> values;
  Generator numbers(3);
  for (int i = 0; i < 100; ++i) values.push_back(numbers.normal(10, 2));
  Generator a(0), b(0);
  const Interval first = iqm_interval({values}, a), second = iqm_interval({values}, b);
  EXPECT_EQ(first.low, second.low);
  EXPECT_EQ(first.high, second.high);
  const double iqm = interquartile_mean(values);
  EXPECT_LT(first.low, iqm);
  EXPECT_GT(first.high, iqm);
  // the deviation of a 25 % trimmed mean of n normal values is about 1.09 σ / √n = 0.22: the interval is some ±0.43
  // wide
  EXPECT_NEAR(first.high - first.low, 2 * 1.96 * 0.22, 0.3);
}

TEST(Statistics, ResamplesWithinStrata) {
  // two runs that never vary: resampled within each, every replicate has the same ten 0 and ten 1, so that the IQM is
  // always ½; drawn from the twenty together it would vary
  const std::vector<std::vector<double>> runs{std::vector<double>(10, 0.0), std::vector<double>(10, 1.0)};
  Generator a(0), b(0);
  const Interval apart = iqm_interval(runs, a);
  EXPECT_EQ(apart.low, 0.5);
  EXPECT_EQ(apart.high, 0.5);
  std::vector<double> together(runs[0]);
  together.insert(together.end(), runs[1].begin(), runs[1].end());
  const Interval joined = iqm_interval({together}, b);
  EXPECT_LT(joined.low, 0.4);
  EXPECT_GT(joined.high, 0.6);

  Generator c(0);
  const Interval improvement = improvement_interval({{1, 1}}, {{0, 0}}, c);
  EXPECT_EQ(improvement.low, 1.0);
  EXPECT_EQ(improvement.high, 1.0);
}

TEST(Statistics, IntervalsCoverTheTrueValue) {
  // 200 samples of 30 uniform values, whose IQM tends to ½: about 190 of the 95 % intervals hold it (five binomial
  // deviations are 15; small samples make the percentile interval a little narrow)
  Generator numbers(11), bootstrap(12);
  int covered = 0;
  for (int k = 0; k < 200; ++k) {
    std::vector<double> values;
    for (int i = 0; i < 30; ++i) values.push_back(numbers.random());
    const Interval interval = iqm_interval({values}, bootstrap, 400);
    covered += interval.low <= 0.5 && 0.5 <= interval.high;
  }
  EXPECT_GE(covered, 172);
  EXPECT_LE(covered, 200);
}

TEST(Statistics, SummaryHasEverything) {
  const Summary summary = summarise({{1, 2}, {3, 6}});
  EXPECT_EQ(summary.episodes, 4);
  EXPECT_DOUBLE_EQ(summary.mean, 3.0);
  EXPECT_DOUBLE_EQ(summary.min, 1.0);
  EXPECT_DOUBLE_EQ(summary.max, 6.0);
  EXPECT_DOUBLE_EQ(summary.iqm, 2.5);
  EXPECT_LE(summary.iqm_ci.low, summary.iqm_ci.high);
}

TEST(Statistics, RunsAreScoredByTheirMeans) {
  // scores 0, 2, 4, …, 12 and 1000 of eight runs: sorted, two go on either side, the mean of 4, 6, 8, 10 is 7
  std::vector<std::vector<double>> runs{{-1000, 1000, 0}, {2}, {3, 5}, {6}, {8}, {10}, {12}, {1000, 1000}};
  const Summary summary = summarise_runs(runs);
  EXPECT_EQ(summary.episodes, 12);
  EXPECT_DOUBLE_EQ(summary.iqm, 7.0);
  EXPECT_DOUBLE_EQ(summary.max, 1000.0);
  // runs that differ give a wide interval, however precise the mean of each is
  EXPECT_LT(summary.iqm_ci.low, 4.0);
  EXPECT_GT(summary.iqm_ci.high, 9.0);
}

TEST(Statistics, EmptyInputThrows) {
  EXPECT_THROW(mean({}), InvalidArgument);
  EXPECT_THROW(interquartile_mean({}), InvalidArgument);
  EXPECT_THROW(probability_of_improvement({}, std::vector<double>{1}), InvalidArgument);
  EXPECT_THROW(summarise({{}}), InvalidArgument);
}

TEST(Statistics, RejectsNaN) {
  const std::vector<double> numbers{1, 2}, broken{1, std::nan("")};
  EXPECT_THROW(mean(broken), InvalidArgument);
  EXPECT_THROW(interquartile_mean(broken), InvalidArgument);
  EXPECT_THROW(probability_of_improvement(numbers, broken), InvalidArgument);
  EXPECT_THROW(summarise({broken}), InvalidArgument);
}

TEST(Statistics, AnIntervalNeedsReplicates) {
  Generator generator(0);
  EXPECT_THROW(iqm_interval({{1, 2}}, generator, 0), InvalidArgument);
  EXPECT_THROW(improvement_interval({{1, 2}}, {{1, 2}}, generator, 0), InvalidArgument);
}

}  // namespace
}  // namespace ludus::runs
