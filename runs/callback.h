/// @file
/// Callbacks of a training: logs, evaluations, checkpoints, progress.
#pragma once

#include <string>

#include "base/state_fields.h"

namespace ludus::runs {

class Training;

/// Callbacks are called in the order in which they were added; each is called at every event, also after another has
/// requested a stop.
class Callback {
 public:
  virtual ~Callback() = default;

  /// The name under which the state is saved; each callback of a training has another.
  virtual std::string name() const = 0;

  /// Called before the first step, also of a training that is resumed.
  virtual void on_start(Training&) {}
  /// Called after every step and the update that follows it.
  virtual void on_step(Training&) {}
  /// Called when the training begins something other than steps, such as "evaluating".
  virtual void on_activity(Training&, const std::string&) {}
  /// Called when the training has ended; training.stop_reason() says why.
  virtual void on_end(Training&) {}

  /// Writes buffered data and waits until they are on the disk (AppendLog::sync). Called before a checkpoint, which
  /// must not count rows missing in a file, not even after a power cut.
  virtual void flush() {}
  /// Called before read_state() if a file of rows may have fewer than the checkpoint counted.
  virtual void accept_missing_rows() {}

  /// The state required to resume an interrupted training identically (base/state_fields.h).
  virtual void write_state(StateWriter&) const {}
  virtual void read_state(StateReader&) {}
};

}  // namespace ludus::runs
