// Changes an agent's parameters through its saved state.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "agents/core/agent.h"
#include "base/checkpoint.h"

namespace ludus::agents::testing {

using Numbers = std::map<std::string, std::vector<float>>;  // array's name in the checkpoint → its numbers

// Returns `saved` with the numbers of those arrays replaced, in the same shapes.
inline Checkpoint edited(const Checkpoint& saved, const Numbers& numbers) {
  Checkpoint changed;
  for (const std::string& name : saved.names()) {
    const auto found = numbers.find(name);
    changed.put(name, found == numbers.end()
                          ? saved.array(name)
                          : Array::of(std::span<const float>(found->second), saved.array(name).shape()));
  }
  for (const std::string& name : saved.value_names()) changed.put_value(name, saved.value(name));
  for (const auto& [name, own] : numbers) EXPECT_TRUE(saved.contains(name)) << name;
  return changed;
}

inline Checkpoint saved_state(const Agent& agent) {
  Checkpoint checkpoint;
  agent.save(checkpoint);
  return checkpoint;
}

inline void edit(Agent& agent, const Numbers& numbers) {
  agent.load(edited(saved_state(agent), numbers));
}

inline std::vector<float> floats_of(const Checkpoint& checkpoint, const std::string& name) {
  const auto numbers = checkpoint.array(name).data<float>();
  return {numbers.begin(), numbers.end()};
}

inline std::vector<float> floats_of(const Agent& agent, const std::string& name) {
  return floats_of(saved_state(agent), name);
}

}  // namespace ludus::agents::testing
