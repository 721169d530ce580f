#include "agents/tabular/records.h"

#include "agents/core/saved_state.h"
#include "base/checkpoint.h"

namespace ludus::agents {

void put_records(Checkpoint& checkpoint, const std::string& name, std::span<const Records> lanes) {
  std::vector<std::int64_t> lengths, states, actions;
  std::vector<double> numbers;
  for (const Records& records : lanes) {
    lengths.push_back(static_cast<std::int64_t>(records.size()));
    for (const Record& record : records) {
      states.push_back(static_cast<std::int64_t>(record.state));
      actions.push_back(static_cast<std::int64_t>(record.action));
      numbers.push_back(record.number);
    }
  }
  put_numbers(checkpoint, name + "/lengths", lengths);
  put_numbers(checkpoint, name + "/states", states);
  put_numbers(checkpoint, name + "/actions", actions);
  put_numbers(checkpoint, name + "/numbers", numbers);
}

std::vector<Records> take_records(const Checkpoint& checkpoint, const std::string& name, std::size_t lanes,
                                  const Shape& table) {
  const auto lengths =
      take_numbers<std::int64_t>(checkpoint, name + "/lengths", Shape{static_cast<std::int64_t>(lanes)});
  const auto states = take_numbers<std::int64_t>(checkpoint, name + "/states");
  const Shape all{static_cast<std::int64_t>(states.size())};
  const auto actions = take_numbers<std::int64_t>(checkpoint, name + "/actions", all);
  const auto numbers = take_numbers<double>(checkpoint, name + "/numbers", all);

  std::vector<Records> result(lanes);
  std::size_t next = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    for (std::int64_t i = 0; i < lengths[lane]; ++i, ++next) {
      if (next == states.size() || states[next] < 0 || states[next] >= table[0] || actions[next] < 0 ||
          actions[next] >= table[1]) {
        throw CorruptCheckpoint("the checkpoint's " + name + " has too few entries, or one outside the table");
      }
      result[lane].push_back(
          {static_cast<std::size_t>(states[next]), static_cast<std::size_t>(actions[next]), numbers[next]});
    }
  }
  if (next != states.size()) throw CorruptCheckpoint("the checkpoint's " + name + " has too many entries");
  return result;
}

}  // namespace ludus::agents
