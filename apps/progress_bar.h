// How far a training is, for a person who waits for it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "agents/runner/trainer.h"

namespace ludus::apps {

// On a terminal one line with a bar, drawn again and again; elsewhere a line every ten seconds, and one at the end.
class ProgressBar final : public agents::Callback {
 public:
  // `headline`: a line to begin with, once all is ready; the memory that the agent takes is told after it. `clock`:
  // seconds, steady. `write`: takes text that goes to the person, line ends included.
  ProgressBar(std::string headline, bool terminal, std::function<double()> clock,
              std::function<void(const std::string&)> write);

  std::string name() const override { return "progress"; }
  bool on_start(agents::Trainer& trainer) override;
  bool on_step(agents::Trainer& trainer) override;
  void on_end(agents::Trainer& trainer) override;

 private:
  std::string line(const agents::Trainer& trainer) const;
  void draw(const agents::Trainer& trainer);

  std::string headline_;
  bool terminal_;
  std::function<double()> clock_;
  std::function<void(const std::string&)> write_;
  double start_ = 0;              // s
  double next_ = 0;               // s, when to draw next
  std::int64_t first_steps_ = 0;  // made by earlier processes of a resumed run
};

// "12 s", "3 min 20 s", "2 h 5 min".
std::string duration_text(double seconds);

}  // namespace ludus::apps
