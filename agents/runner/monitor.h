/// @file
/// monitor.csv: one row per episode, in the format of Stable-Baselines3's Monitor, which its plotting tools read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "agents/runner/trainer_callback.h"
#include "runs/csv_log.h"

namespace ludus::agents {

class MonitorFile : public runs::CsvLog {
 public:
  /// The first line is #{"t_start": 0.0, "env_id": "…"}. Stable-Baselines3 has the time of day there; here it is always
  /// 0, so that two runs of one seed differ in the time column only.
  MonitorFile(const std::filesystem::path& path, const std::string& env_id);

  /// Adds r: the sum of rewards, l: steps, t: seconds since the start of the run; rounded to 6 decimals.
  void append(double episode_return, std::int64_t length, double seconds);

  /// Returns t of the last row; 0 if there is none.
  double last_seconds() const;
};

/// Writes every episode of a training to monitor.csv; a resumed training truncates the file to its checkpoint.
class Monitor final : public TrainerCallback {
 public:
  /// The rows reach the file every `flush_every` steps.
  Monitor(const std::filesystem::path& run, const std::string& env_id, std::int64_t flush_every);

  std::string name() const override { return "monitor"; }
  void on_episode(runs::Training& training, const EpisodeEnd& episode) override;
  void on_step(runs::Training& training) override;
  void on_end(runs::Training&) override { file_.flush(); }
  void flush() override { file_.sync(); }
  void accept_missing_rows() override { file_.accept_missing_rows(); }
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override {
    visit.check([&] { file_.require_rows(visit.get<std::int64_t>("rows")); });
    state(*this, visit);
  }

  std::int64_t rows() const { return file_.rows(); }

  /// Returns the time of the last episode in seconds; the clock of a resumed run continues from there.
  double last_seconds() const { return file_.last_seconds(); }

 private:
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit.property("rows", self.file_.rows(), [&self](auto rows) { self.file_.truncate_to(rows); });
  }

  MonitorFile file_;
  std::int64_t flush_every_;
};

}  // namespace ludus::agents
