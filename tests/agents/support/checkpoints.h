// Agents set to a state that was computed by hand, through their checkpoints.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "agents/core/agent.h"
#include "base/checkpoint.h"

namespace ludus::agents::testing {

// Returns the agent with these numbers in the named float arrays of its checkpoint; the shapes are unchanged.
inline void replace_arrays(Agent& agent, const std::map<std::string, std::vector<float>>& numbers) {
  Checkpoint saved, changed;
  agent.save(saved);
  std::size_t replaced = 0;
  for (const std::string& name : saved.names()) {
    Array array = saved.array(name);
    if (const auto found = numbers.find(name); found != numbers.end()) {
      ASSERT_EQ(array.size(), found->second.size()) << name;
      std::copy(found->second.begin(), found->second.end(), array.data<float>().begin());
      ++replaced;
    }
    changed.put(name, std::move(array));
  }
  ASSERT_EQ(replaced, numbers.size()) << "the checkpoint has no such arrays";
  for (const std::string& name : saved.value_names()) changed.put_value(name, saved.value(name));
  agent.load(changed);
}

inline std::vector<float> array_of(const Agent& agent, const std::string& name) {
  Checkpoint saved;
  agent.save(saved);
  const Array& array = saved.array(name);
  const auto numbers = array.data<float>();
  return {numbers.begin(), numbers.end()};
}

}  // namespace ludus::agents::testing
