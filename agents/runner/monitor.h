// monitor.csv: one row per episode, in the form of Stable-Baselines3's Monitor, which its plotting tools read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "runs/csv_log.h"

namespace ludus::agents {

class Monitor {
 public:
  // The first line is #{"t_start": 0.0, "env_id": "…"}. Stable-Baselines3 has the time of day there; here it is always
  // 0, so that two runs of one seed differ in the time column only.
  Monitor(const std::filesystem::path& file, const std::string& env_id);

  // r: the sum of rewards, l: steps, t: seconds since the start of the run; rounded to 6 decimals.
  void append(double episode_return, std::int64_t length, double seconds);

  std::int64_t rows() const { return file_.rows(); }
  void truncate_to(std::int64_t rows) { file_.truncate_to(rows); }
  void flush() { file_.flush(); }

  // t of the last row; 0 if there is none.
  double last_seconds() const;

 private:
  runs::CsvLog file_;
};

}  // namespace ludus::agents
