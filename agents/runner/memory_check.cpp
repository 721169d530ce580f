#include "agents/runner/memory_check.h"

#include <unistd.h>

#include <array>
#include <cstdio>

namespace ludus::agents {

std::string bytes_text(double bytes) {
  constexpr std::array<const char*, 5> kUnits{"KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  double number = bytes / 1024;
  while (number >= 1023.95 && unit + 1 < kUnits.size()) {
    number /= 1024;
    ++unit;
  }
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", number, kUnits[unit]);
  return text.data();
}

void check_memory(const Agent& agent) {
  const double machine = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  if (agent.memory_bytes() <= machine) return;
  throw InvalidArgument("the replay memory of " + std::string(agent.algorithm()) + " needs " +
                        bytes_text(agent.memory_bytes()) + ", and this machine has " + bytes_text(machine) +
                        "; choose a smaller buffer_size (--set buffer_size=N)");
}

}  // namespace ludus::agents
