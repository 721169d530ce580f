#include "tests/support/parity.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "base/value_io.h"
#include "envs/registry/registry.h"
#include "tests/support/golden.h"

namespace ludus::testing {
namespace {

using envs::EnvPtr;
using testing::doubles_of;

const Value* given(const Dict& record, std::string_view name) {
  const Value* value = record.find(name);
  return value && !value->is_null() ? value : nullptr;
}

Dict dict_or_empty(const Dict& record, std::string_view name) {
  const Value* value = given(record, name);
  return value ? value->as_dict() : Dict();
}

// The action as the recording handed it to step(): an array of the record's dtype for continuous ones.
Value action_of(const Dict& record, const Value& action) {
  if (!action.is_list()) return action;
  return to_array(action, dtype_of(record.at("action_dtype").as_string()));
}

std::vector<double> doubles_of(const Array& array) {
  std::vector<double> numbers;
  for (std::size_t i = 0; i < array.size(); ++i) numbers.push_back(array.get(i));
  return numbers;
}

class Player {
 public:
  explicit Player(const StateOf& state_of) : state_of_(state_of) {}

  void play(const Dict& record) {
    // the records of a chain go on with one environment
    const Value* link = given(record, "chain");
    const std::string id = link ? to_json(link->as_list()[0]) : "";
    if (id.empty() || id != chain_ || !env_) {
      env_ = envs::make(record.at("env_id").as_string(), dict_or_empty(record, "kwargs"), {.warn = [](const auto&) {}});
      for (const auto& [name, value] : dict_or_empty(record, "attrs")) env_->set_attribute(name, value);
    }
    chain_ = id;

    const Value& seed = record.at("seed");
    const auto reset = env_->reset(seed.is_null() ? std::nullopt : std::optional<std::uint64_t>(uint64_of(seed)),
                                   dict_or_empty(record, "reset_options"));
    where_ = "record " + std::to_string(result.played) + " after reset";
    compare_row(record, 0, reset.observation);
    compare_info(record, 0, reset.info);

    const List& actions = record.at("actions").as_list();
    envs::Step step;  // used again, so that what a step leaves behind would be seen
    for (std::size_t t = 0; t < actions.size() && same(); ++t) {
      where_ = "record " + std::to_string(result.played) + " after step " + std::to_string(t);
      env_->step_into(action_of(record, actions[t]), step);
      compare_row(record, t + 1, step.observation);
      compare("reward", step.reward, record.at("reward").as_list()[t].as_double());
      compare("terminated", step.terminated, record.at("terminated").as_list()[t].as_bool());
      compare("truncated", step.truncated, record.at("truncated").as_list()[t].as_bool());
      compare_info(record, t + 1, step.info);
      ++result.steps;
    }
    if (same()) ++result.played;
  }

  bool same() const { return result.first_difference.empty(); }

  Parity result;

 private:
  void compare(const std::string& what, double ours, double theirs) {
    if (std::bit_cast<std::uint64_t>(ours) == std::bit_cast<std::uint64_t>(theirs)) return;
    result.worst = std::max(result.worst, std::abs(ours - theirs));
    if (same()) {
      result.first_difference = where_ + ": " + what + " is " + to_json(ours) + ", and Gymnasium's " + to_json(theirs);
    }
  }

  void compare_all(const std::string& what, const std::vector<double>& ours, const std::vector<double>& theirs) {
    compare("the length of " + what, static_cast<double>(ours.size()), static_cast<double>(theirs.size()));
    for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
      compare(what + "[" + std::to_string(i) + "]", ours[i], theirs[i]);
    }
  }

  void compare_row(const Dict& record, std::size_t t, const Value& observation) {
    auto& space = env_->observation_space();
    std::vector<double> row(space.row_size());
    space.to_row(observation, row);
    compare_all("observation", row, doubles_of(record.at("obs").as_list()[t]));
    compare("membership in the observation space", given(record, "reset_options") || space.contains(observation), true);
    if (const Value* states = given(record, "state64"); states && state_of_) {
      compare_all("state", state_of_(*env_), doubles_of(states->as_list()[t]));
      ++result.states;
    }
  }

  void compare_info(const Dict& record, std::size_t t, const Dict& info) {
    const Dict recorded = dict_or_empty(record, "info");
    compare("the number of entries of info", static_cast<double>(info.size()), static_cast<double>(recorded.size()));
    for (const auto& [name, values] : recorded) {
      const Value* ours = info.find(name);
      if (!ours) {
        if (same()) result.first_difference = where_ + ": info has no " + name;
      } else if (ours->is_array()) {
        compare_all("info " + name, doubles_of(ours->as_array()), doubles_of(values.as_list()[t]));
      } else {
        compare("info " + name, ours->as_double(), values.as_list()[t].as_double());
      }
    }
  }

  const StateOf& state_of_;
  EnvPtr env_;
  std::string chain_;
  std::string where_;
};

}  // namespace

Parity play_golden(const std::string& file, const StateOf& state_of) {
  Player player(state_of);
  for (const Value& line : read_jsonl(golden_directory() / file)) {
    const Dict& record = line.as_dict();
    if (record.contains("meta")) continue;
    ++player.result.records;
    if (player.same()) player.play(record);
  }
  return player.result;
}

}  // namespace ludus::testing
