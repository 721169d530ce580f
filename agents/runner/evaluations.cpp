#include "agents/runner/evaluations.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "agents/runner/statistics.h"

namespace ludus::agents {

EvaluationsFile::EvaluationsFile(const std::filesystem::path& file)
    : file_(file, "steps,episodes,mean,std,min,max,iqm,mean_length,returns\n") {}

void EvaluationsFile::append(std::int64_t steps, std::span<const double> returns,
                             std::span<const std::int64_t> lengths) {
  const auto [low, high] = std::minmax_element(returns.begin(), returns.end());
  const double mean_length = static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0})) /
                             static_cast<double>(lengths.size());
  std::string line = std::to_string(steps) + "," + std::to_string(returns.size());
  for (const double figure :
       {mean(returns), standard_deviation(returns), *low, *high, interquartile_mean(returns), mean_length}) {
    line += "," + python_number(figure);
  }
  line += ',';
  for (std::size_t i = 0; i < returns.size(); ++i) line += (i > 0 ? " " : "") + python_number(returns[i]);
  file_.append(line);
}

}  // namespace ludus::agents
