/// @file
/// Logs the metrics of a training to progress.csv and to TensorBoard.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runs/callback.h"
#include "runs/metrics_file.h"
#include "runs/tensorboard.h"

namespace ludus::runs {

/// Both files only grow; a resumed training cuts them back to the rows that its checkpoint counted.
class MetricsLog final : public Callback {
 public:
  /// A row is logged every `every` steps. `tags`: Training::metric_names(). Throws FileError.
  MetricsLog(const std::filesystem::path& run, const std::vector<std::string>& tags, std::int64_t every);

  std::string name() const override { return "metrics"; }
  void on_step(Training& training) override;
  void on_end(Training&) override { write_rows(); }
  void flush() override;
  void accept_missing_rows() override;
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override {
    visit.check([&] {
      file_.require_rows(visit.get<std::int64_t>("progress"));
      events_.require_rows(visit.get<std::int64_t>("events"));
    });
    state(*this, visit);
  }

 private:
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit.property("progress", self.file_.rows(), [&self](auto rows) { self.file_.truncate_to(rows); });
    visit.property("events", self.events_.rows(), [&self](auto rows) { self.events_.truncate_to(rows); });
  }

  void write_rows();

  MetricsFile file_;
  TensorBoardWriter events_;
  std::int64_t every_;
};

}  // namespace ludus::runs
