#include "agents/runner/evaluations_file.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "base/format.h"
#include "runs/statistics.h"

namespace ludus::agents {

EvaluationsFile::EvaluationsFile(const std::filesystem::path& path)
    : CsvLog(path, "steps,episodes,mean,std,min,max,iqm,mean_length,returns\n") {}

void EvaluationsFile::append(std::int64_t steps, std::span<const double> returns,
                             std::span<const std::int64_t> lengths) {
  const auto [low, high] = std::minmax_element(returns.begin(), returns.end());
  const double mean_length = static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0})) /
                             static_cast<double>(lengths.size());
  std::string row = formatted("{},{}", steps, returns.size());
  for (const double number : {runs::mean(returns), runs::standard_deviation(returns), *low, *high,
                              runs::interquartile_mean(returns), mean_length}) {
    row += "," + runs::python_number(number);
  }
  row += ',';
  for (std::size_t i = 0; i < returns.size(); ++i) row += (i > 0 ? " " : "") + runs::python_number(returns[i]);
  CsvLog::append(row);
}

}  // namespace ludus::agents
