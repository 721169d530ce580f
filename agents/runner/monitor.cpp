#include "agents/runner/monitor.h"

#include <cstdlib>

#include "base/format.h"
#include "base/value_io.h"
#include "runs/training.h"

namespace ludus::agents {
namespace {

// Python's round(number, 6), which uses the exact decimal expansion: 0.0000005, whose double is slightly smaller,
// rounds to 0.
double rounded(double number) {
  return std::strtod(formatted("{:.6f}", number).c_str(), nullptr);
}

std::string header_of(const std::string& env_id) {
  return formatted("#{{\"t_start\": 0.0, \"env_id\": {}}}\nr,l,t\n", to_json(Value(env_id)));
}

}  // namespace

MonitorFile::MonitorFile(const std::filesystem::path& path, const std::string& env_id)
    : CsvLog(path, header_of(env_id)) {}

void MonitorFile::append(double episode_return, std::int64_t length, double seconds) {
  CsvLog::append(formatted("{},{},{}", runs::python_number(rounded(episode_return)), length,
                           runs::python_number(rounded(seconds))));
}

double MonitorFile::last_seconds() const {
  const std::string row = last_row();
  const std::size_t comma = row.rfind(',');
  return comma == std::string::npos ? 0.0 : std::strtod(row.c_str() + comma + 1, nullptr);
}

Monitor::Monitor(const std::filesystem::path& run, const std::string& env_id, std::int64_t flush_every)
    : file_(run / "monitor.csv", env_id), flush_every_(flush_every) {}

void Monitor::on_episode(runs::Training& training, const EpisodeEnd& episode) {
  file_.append(episode.episode_return, episode.length, training.seconds());
}

void Monitor::on_step(runs::Training& training) {
  if (training.progress().is_due(flush_every_)) file_.flush();
}

}  // namespace ludus::agents
