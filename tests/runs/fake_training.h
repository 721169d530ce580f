/// A training for tests of callbacks, which steps when the test says so.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "runs/callback.h"
#include "runs/training.h"

namespace ludus::runs {

class FakeTraining final : public Training {
 public:
  Progress at = {.step = 0, .total = 100};
  double time = 0;  // s
  Metrics row;      // what metrics() returns
  std::string phrase;

  Progress progress() const override { return at; }
  double seconds() const override { return time; }
  Metrics metrics() override { return row; }
  std::vector<std::string> metric_names() const override { return {"train/loss"}; }
  std::string status() const override { return phrase; }
  void save(const std::filesystem::path& file) override { write_atomically(file, std::to_string(at.step)); }
  void save_model(const std::filesystem::path& file) const override { write_atomically(file, "model"); }

  // One step to `step`, with `value` reported as "eval/loss".
  void step_to(std::int64_t step, Callback& callback) {
    at.step = step;
    callback.on_step(*this);
  }
  void report_once(double value, Callback& callback) {
    report("eval/loss", value);
    callback.on_step(*this);
    clear_reports();
  }
};

}  // namespace ludus::runs
