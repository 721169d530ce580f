// What learners of a table keep of the episode that each environment is in: visited states and actions, each with a
// number (the reward that followed, or a trace).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/array.h"

namespace ludus {
class Checkpoint;
}

namespace ludus::agents {

struct Record {
  std::size_t state;
  std::size_t action;
  double number;
};
using Records = std::vector<Record>;  // of one environment, oldest first

// (environments) lists, under `name`.
void put_records(Checkpoint& checkpoint, const std::string& name, std::span<const Records> lanes);
// What put_records() wrote, for `lanes` environments and a table of that shape; throws CorruptCheckpoint.
std::vector<Records> take_records(const Checkpoint& checkpoint, const std::string& name, std::size_t lanes,
                                  const Shape& table);

}  // namespace ludus::agents
