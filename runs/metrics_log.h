/// @file
/// Logs the metrics of a training to progress.csv and to TensorBoard.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/value.h"
#include "runs/callback.h"
#include "runs/metrics_file.h"
#include "runs/tensorboard.h"

namespace ludus::runs {

/// What TensorBoard shows of a training beside its metrics; written once, at its start.
struct Experiment {
  Dict hyperparameters = {};                           ///< its settings, for the table of runs; none if empty
  std::function<std::vector<GraphNode>()> graph = {};  ///< its network; none if the list is empty
};

/// Both files only grow; a resumed training cuts them back to the rows that its checkpoint counted.
class MetricsLog final : public Callback {
 public:
  /// A row is logged every `every` steps. `tags`: Training::metric_names(). Throws FileError.
  MetricsLog(const std::filesystem::path& run, const std::vector<std::string>& tags, std::int64_t every,
             Experiment experiment = {});

  std::string name() const override { return "metrics"; }
  void on_start(Training& training) override;
  void on_step(Training& training) override;
  void on_end(Training& training) override;
  void flush() override;
  void accept_missing_rows() override;
  /// Returns the event file, to which other callbacks may add events: they are counted in checkpoints.
  TensorBoardWriter& events() { return events_; }
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
    // the end of the session is not counted: a training that is resumed has not ended
    visit.property("events", self.events_.rows() - (self.ended_ ? 1 : 0),
                   [&self](auto rows) { self.events_.truncate_to(rows); });
  }

  void write_rows();

  MetricsFile file_;
  TensorBoardWriter events_;
  std::int64_t every_;
  std::vector<std::string> tags_;
  Experiment experiment_;
  bool ended_ = false;  // the last event is the end of the session
};

}  // namespace ludus::runs
