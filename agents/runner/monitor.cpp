#include "agents/runner/monitor.h"

#include <cstdio>
#include <cstdlib>

#include "base/value_io.h"

namespace ludus::agents {
namespace {

// To six places as Python's round(number, 6): by the decimal digits of the exact number, so that 0.0000005, whose
// double is a little below, gives 0.
double rounded(double number) {
  char digits[400];
  std::snprintf(digits, sizeof digits, "%.6f", number);
  return std::strtod(digits, nullptr);
}

std::string header_of(const std::string& env_id) {
  return "#{\"t_start\": 0.0, \"env_id\": " + to_json(Value(env_id)) + "}\nr,l,t\n";
}

}  // namespace

Monitor::Monitor(const std::filesystem::path& file, const std::string& env_id) : file_(file, header_of(env_id)) {}

void Monitor::append(double episode_return, std::int64_t length, double seconds) {
  file_.append(runs::python_number(rounded(episode_return)) + "," + std::to_string(length) + "," +
               runs::python_number(rounded(seconds)));
}

double Monitor::last_seconds() const {
  const std::string row = file_.last_row();
  const std::size_t comma = row.rfind(',');
  return comma == std::string::npos ? 0.0 : std::strtod(row.c_str() + comma + 1, nullptr);
}

}  // namespace ludus::agents
