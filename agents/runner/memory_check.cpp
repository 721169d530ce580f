#include "agents/runner/memory_check.h"

#include <unistd.h>

#include "base/format.h"
#include "runs/units.h"

namespace ludus::agents {

double machine_memory() {
  return static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

void check_memory(const Agent& agent) {
  const double machine = machine_memory();
  if (agent.memory_bytes() <= machine) return;
  throw InvalidArgument(
      formatted("{}: the replay buffer needs {} of memory, and this machine has {}; reduce buffer_size (--set "
                "buffer_size=N)",
                agent.algorithm(), runs::bytes_text(agent.memory_bytes()), runs::bytes_text(machine)));
}

}  // namespace ludus::agents
