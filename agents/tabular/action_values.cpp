#include "agents/tabular/action_values.h"

#include <numeric>

#include "base/error.h"

namespace ludus::agents {

std::size_t random_greatest(std::span<const double> values, Generator& generator) {
  const double best = greatest(values);
  const std::int64_t equals = std::count(values.begin(), values.end(), best);
  std::int64_t skip = equals > 1 ? generator.integers(equals) : 0;
  for (std::size_t a = 0; a < values.size(); ++a) {
    if (values[a] == best && skip-- == 0) return a;
  }
  throw WorkError("action values: none must be NaN to have a maximum; use a smaller learning_rate or discount");
}

std::size_t epsilon_greedy(std::span<const double> values, double epsilon, Generator& generator) {
  if (generator.random() < epsilon) {
    return static_cast<std::size_t>(generator.integers(static_cast<std::int64_t>(values.size())));
  }
  return random_greatest(values, generator);
}

double epsilon_greedy_value(std::span<const double> values, double epsilon) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  return epsilon * mean + (1 - epsilon) * greatest(values);
}

double greedy_probability(std::span<const double> values, std::size_t action) {
  const double best = greatest(values);
  if (values[action] != best) return 0;
  return 1.0 / static_cast<double>(std::count(values.begin(), values.end(), best));
}

}  // namespace ludus::agents
