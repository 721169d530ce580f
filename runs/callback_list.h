/// @file
/// The callbacks of a training, called in the order in which they were added.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runs/callback.h"

namespace ludus::runs {

class CallbackList {
 public:
  /// Throws InvalidArgument if a callback of that name is there already.
  void add(std::shared_ptr<Callback> callback);

  /// Call the function of the same name of every callback, also after one has requested a stop.
  void on_start(Training& training) const;
  void on_step(Training& training) const;
  void on_activity(Training& training, const std::string& activity) const;
  void on_end(Training& training) const;
  void flush() const;
  void accept_missing_rows() const;

  /// Write and read the state of every callback, by name. A callback that was not saved keeps its initial state.
  void write_state(StateWriter& visit) const;
  void read_state(StateReader& visit) const;

 private:
  std::vector<std::shared_ptr<Callback>> callbacks_;
};

}  // namespace ludus::runs
