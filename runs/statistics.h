// Honest figures from few numbers: interquartile mean, bootstrap intervals, probability of improvement.
//
// Source: R. Agarwal, M. Schwarzer, P. S. Castro, A. Courville and M. G. Bellemare, "Deep Reinforcement Learning at the
// Edge of the Statistical Precipice" (NeurIPS 2021).
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

// All of these throw InvalidArgument for no values at all, and for a NaN among them.

double mean(std::span<const double> values);
// Population deviation (divided by n), as NumPy's std.
double standard_deviation(std::span<const double> values);

// The 25 % trimmed mean: sort, drop floor(n / 4) from each side, average.
double interquartile_mean(std::span<const double> values);

// Scores of several runs (strata): strata[run] are that run's episode returns. The statistic is the IQM of all scores
// together; each replicate draws, within every stratum independently, as many scores as it has, with replacement. With one stratum this is
// the plain bootstrap. The 2.5 and 97.5 percentiles (linear interpolation) of `replicates` replicates,
// of which there must be one at least (else InvalidArgument).
Interval iqm_interval(const std::vector<std::vector<double>>& strata, Generator& generator,
                      std::int64_t replicates = 2000);

// P(X > Y) + P(X = Y) / 2 over all pairs: Mann and Whitney's U over n_x n_y.
double probability_of_improvement(std::span<const double> x, std::span<const double> y);
// Its percentile interval, both sides resampled within their strata.
Interval improvement_interval(const std::vector<std::vector<double>>& x, const std::vector<std::vector<double>>& y,
                              Generator& generator, std::int64_t replicates = 2000);

struct Summary {
  std::int64_t episodes = 0;
  double mean = 0, std = 0, min = 0, max = 0, iqm = 0;
  Interval iqm_ci;
};
// The figures of DESIGN 5 and 6; the bootstrap draws from a generator of the fixed seed 0, so they repeat.
Summary summarise(const std::vector<std::vector<double>>& strata);

// The same of an algorithm that was trained with several seeds, runs[seed] being the episode returns of each: a run's score
// is its mean, the figures are those of the scores, and the interval resamples the runs, not their episodes, for another
// training might have come out otherwise (Agarwal et al. 2021 with one task). Only `episodes` counts all.
Summary summarise_runs(const std::vector<std::vector<double>>& runs);

}  // namespace ludus::runs
