/// @file
/// How far a training has come.
#pragma once

#include <cstdint>
#include <string_view>

namespace ludus::runs {

struct Progress {
  std::int64_t step = 0;           ///< done so far, those before a resumption included
  std::int64_t total = 0;          ///< to do in all
  std::int64_t increment = 1;      ///< by which `step` grows at once: N environments step together
  std::string_view unit = "step";  ///< the unit counted: "step", "batch", "epoch"

  /// Returns whether the last increment reached a multiple of `interval`; never for an interval of 0.
  bool is_due(std::int64_t interval) const { return interval > 0 && step / interval > (step - increment) / interval; }
};

}  // namespace ludus::runs
