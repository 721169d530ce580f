/// @file
/// Robust statistics of few numbers: interquartile mean, bootstrap intervals, probability of improvement.
///
/// Source: R. Agarwal, M. Schwarzer, P. S. Castro, A. Courville and M. G. Bellemare, "Deep Reinforcement Learning at
/// the Edge of the Statistical Precipice" (NeurIPS 2021).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"

namespace ludus::runs {

struct Interval {
  double low = 0;
  double high = 0;
};

// All of these throw InvalidArgument if there are no values or one is NaN.

double mean(std::span<const double> values);
/// Returns the population standard deviation (divided by n), as NumPy's std.
double standard_deviation(std::span<const double> values);

/// Returns the 25 % trimmed mean: sorts, drops floor(n / 4) values from each side, averages.
double interquartile_mean(std::span<const double> values);

/// Returns the 95 % percentile-bootstrap interval of the IQM of all scores together. strata[run] are the episode
/// returns of a run; each of the `replicates` (at least 1, else InvalidArgument) draws, within every stratum, as many
/// scores as it has, with replacement. With one stratum this is the plain bootstrap. Percentiles are interpolated
/// linearly.
Interval iqm_interval(const std::vector<std::vector<double>>& strata, Generator& generator,
                      std::int64_t replicates = 2000);

/// Returns P(X > Y) + P(X = Y) / 2 over all pairs: Mann and Whitney's U over n_x n_y.
double probability_of_improvement(std::span<const double> x, std::span<const double> y);
/// Returns its percentile interval, both sides resampled within their strata.
Interval improvement_interval(const std::vector<std::vector<double>>& x, const std::vector<std::vector<double>>& y,
                              Generator& generator, std::int64_t replicates = 2000);

struct Summary {
  std::int64_t episodes = 0;
  double mean = 0, std = 0, min = 0, max = 0, iqm = 0;
  Interval iqm_ci;
};
/// Summarises episode returns by run (strata). The bootstrap uses a generator of seed 0, so that the result repeats.
Summary summarise(const std::vector<std::vector<double>>& strata);

/// Summarises an algorithm that was trained with several seeds; runs[seed] are the episode returns of each. The score
/// of a run is its mean; the statistics are those of the scores, and the interval resamples runs, not episodes, because
/// another training might have ended otherwise (Agarwal et al. 2021 with one task). Only `episodes` counts all.
Summary summarise_runs(const std::vector<std::vector<double>>& runs);

}  // namespace ludus::runs
