/// @file
/// Shows how far a training has come.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "runs/callback.h"

namespace ludus::runs {

/// On a terminal one line with a bar, redrawn in place; elsewhere a line every ten seconds. A last line at the end.
class ProgressBar final : public Callback {
 public:
  /// `write`: takes text for the user, line ends included.
  ProgressBar(bool terminal, std::function<void(const std::string&)> write);

  std::string name() const override { return "progress"; }
  void on_start(Training& training) override;
  void on_step(Training& training) override;
  void on_activity(Training& training, const std::string& activity) override;
  void on_end(Training& training) override;

 private:
  std::string line(const Training& training, double seconds) const;
  void draw(const Training& training, double seconds, const std::string& activity = {});

  bool terminal_;
  std::function<void(const std::string&)> write_;
  double start_ = 0;             // s
  double next_ = 0;              // s, when to draw next
  std::int64_t first_step_ = 0;  // done by earlier processes of a resumed training
};

}  // namespace ludus::runs
