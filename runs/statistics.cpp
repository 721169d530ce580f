#include "runs/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/format.h"

namespace ludus::runs {
namespace {

using Strata = std::vector<std::vector<double>>;

// NaN has no place in a sorted order and would corrupt every later statistic.
void require_numbers(std::span<const double> values, const char* statistic) {
  if (values.empty()) throw InvalidArgument(formatted("{}: needs at least one value", statistic));
  if (std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); })) {
    throw InvalidArgument(formatted("{}: the values must be numbers, got NaN", statistic));
  }
}

void require_replicates(std::int64_t replicates) {
  if (replicates < 1) {
    throw InvalidArgument(formatted("a bootstrap interval: replicates must be positive, got {}", replicates));
  }
}

std::vector<double> flattened(const Strata& strata) {
  std::vector<double> all;
  for (const auto& stratum : strata) all.insert(all.end(), stratum.begin(), stratum.end());
  return all;
}

// Draws as many values from every stratum as it has, with replacement.
void resample(const Strata& strata, Generator& generator, std::vector<double>& out) {
  out.clear();
  for (const auto& stratum : strata) {
    for (std::size_t i = 0; i < stratum.size(); ++i) {
      out.push_back(stratum[static_cast<std::size_t>(generator.integers(static_cast<std::int64_t>(stratum.size())))]);
    }
  }
}

// The p-quantile of sorted values, interpolated linearly (NumPy's default).
double quantile(const std::vector<double>& sorted, double p) {
  const double place = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval percentile_interval(std::vector<double> replicates) {
  std::sort(replicates.begin(), replicates.end());
  return {quantile(replicates, 0.025), quantile(replicates, 0.975)};
}

// IQM of `values`, which are reordered. Only the two cuts need sorting.
double iqm_in_place(std::vector<double>& values) {
  const auto cut = static_cast<std::ptrdiff_t>(values.size() / 4);
  const auto first = values.begin() + cut, last = values.end() - cut;
  std::nth_element(values.begin(), first, values.end());
  if (last != values.end()) std::nth_element(first, last, values.end());
  return std::accumulate(first, last, 0.0) / static_cast<double>(last - first);
}

}  // namespace

double mean(std::span<const double> values) {
  require_numbers(values, "the mean");
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double standard_deviation(std::span<const double> values) {
  const double center = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - center) * (value - center);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

double interquartile_mean(std::span<const double> values) {
  require_numbers(values, "the interquartile mean");
  std::vector<double> copy(values.begin(), values.end());
  return iqm_in_place(copy);
}

Interval iqm_interval(const Strata& strata, Generator& generator, std::int64_t replicates) {
  require_numbers(flattened(strata), "an interval");
  require_replicates(replicates);
  std::vector<double> statistics, drawn;
  for (std::int64_t k = 0; k < replicates; ++k) {
    resample(strata, generator, drawn);
    statistics.push_back(iqm_in_place(drawn));
  }
  return percentile_interval(std::move(statistics));
}

double probability_of_improvement(std::span<const double> x, std::span<const double> y) {
  require_numbers(x, "the probability of improvement");
  require_numbers(y, "the probability of improvement");
  std::vector<double> sorted(y.begin(), y.end());
  std::sort(sorted.begin(), sorted.end());

  // U = Σ_x (values of y below x + half of those equal)                                      Mann and Whitney 1947
  double u = 0;
  for (const double value : x) {
    const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), value);
    u += static_cast<double>(low - sorted.begin()) + 0.5 * static_cast<double>(high - low);
  }
  return u / (static_cast<double>(x.size()) * static_cast<double>(y.size()));
}

Interval improvement_interval(const Strata& x, const Strata& y, Generator& generator, std::int64_t replicates) {
  require_replicates(replicates);
  std::vector<double> statistics, drawn_x, drawn_y;
  for (std::int64_t k = 0; k < replicates; ++k) {
    resample(x, generator, drawn_x);
    resample(y, generator, drawn_y);
    statistics.push_back(probability_of_improvement(drawn_x, drawn_y));
  }
  return percentile_interval(std::move(statistics));
}

Summary summarise(const Strata& strata) {
  const std::vector<double> all = flattened(strata);
  require_numbers(all, "a summary");
  Generator generator(0);
  const auto [low, high] = std::minmax_element(all.begin(), all.end());
  return {.episodes = static_cast<std::int64_t>(all.size()),
          .mean = mean(all),
          .std = standard_deviation(all),
          .min = *low,
          .max = *high,
          .iqm = interquartile_mean(all),
          .iqm_ci = iqm_interval(strata, generator)};
}

Summary summarise_runs(const Strata& runs) {
  std::vector<double> scores;
  std::int64_t episodes = 0;
  for (const auto& run : runs) {
    scores.push_back(mean(run));
    episodes += static_cast<std::int64_t>(run.size());
  }
  Summary summary = summarise({scores});
  summary.episodes = episodes;
  return summary;
}

}  // namespace ludus::runs
