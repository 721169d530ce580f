#include "agents/tabular/records.h"

#include "base/error.h"
#include "base/format.h"

namespace ludus::agents {

void check_records(std::span<const Records> records, const Shape& table) {
  for (const Records& of_env : records) {
    for (const Record& record : of_env) {
      if (record.state < static_cast<std::size_t>(table[0]) && record.action < static_cast<std::size_t>(table[1]))
        continue;
      throw InvalidArgument(
          formatted("a record must lie within the table of {} states and {} actions, got state {}, action {}", table[0],
                    table[1], record.state, record.action));
    }
  }
}

}  // namespace ludus::agents
