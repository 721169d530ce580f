// Exact resumption, tested alike for every agent.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/checkpoint.h"
#include "tests/agents/support/drive.h"

namespace ludus::agents::testing {

inline void expect_equal(const Checkpoint& a, const Checkpoint& b) {
  ASSERT_EQ(a.names(), b.names());
  ASSERT_EQ(a.value_names(), b.value_names());
  for (const std::string& name : a.names()) EXPECT_TRUE(a.array(name) == b.array(name)) << name;
  for (const std::string& name : a.value_names()) EXPECT_TRUE(a.value(name) == b.value(name)) << name;
}

// Trains `first` steps, writes a file, reads it into a new agent with new environments, trains both `second` steps
// more: they must agree bitwise.
inline void expect_exact_resume(const std::function<AgentPtr(const EnvSignature&)>& make_agent, const std::string& id,
                                std::size_t num_envs, std::int64_t first, std::int64_t second) {
  const auto envs = make_envs(id, num_envs);
  const EnvSignature facts = EnvSignature::of(*envs);
  const AgentPtr agent = make_agent(facts);
  agent->begin(first + second);
  Driver driver(*envs, *agent, 5);
  driver.run(first);

  const auto path = std::filesystem::temp_directory_path() /
                    ("ludus_resume_" + std::string(agent->algorithm()) + "_" + std::to_string(num_envs) + "_" +
                     std::to_string(first) + ".safetensors");
  Checkpoint saved;
  agent->save(saved);
  saved.save(path);
  const auto resumed_envs = make_envs(id, num_envs);
  const AgentPtr resumed = make_agent(facts);
  Driver resumed_driver(*resumed_envs, *resumed, 99);
  resumed_driver.run(static_cast<std::int64_t>(num_envs) * 3);  // whatever it has done before is forgotten
  resumed->load(Checkpoint::load(path));
  std::filesystem::remove(path);
  resumed->begin(first + second);
  resumed_envs->set_state(envs->get_state());

  driver.run(second);
  resumed_driver.run(second);
  EXPECT_EQ(driver.last_actions().discrete, resumed_driver.last_actions().discrete);
  EXPECT_EQ(driver.last_actions().continuous, resumed_driver.last_actions().continuous);
  Checkpoint straight, after;
  agent->save(straight);
  resumed->save(after);
  expect_equal(straight, after);
}

// The policy file alone, in an agent made for another number of environments, gives the same actions as the complete
// agent.
inline void expect_policy_alone_acts_alike(const std::function<AgentPtr(const EnvSignature&)>& make_agent,
                                           Agent& trained, const std::string& id) {
  Checkpoint shipped;
  trained.save_policy(shipped);
  const AgentPtr copy = make_agent(EnvSignature::of(*make_envs(id, 7)));
  copy->load_policy(shipped);
  EXPECT_EQ(returns_of(*copy, id, 5, 77), returns_of(trained, id, 5, 77));
}

}  // namespace ludus::agents::testing
