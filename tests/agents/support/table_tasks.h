// The toy text tasks on which tabular algorithms are evaluated, exactly, with the transition model.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "agents/algorithms.h"
#include "agents/planning/value_iteration.h"
#include "agents/tabular/tabular_agent.h"
#include "tests/agents/support/drive.h"

namespace ludus::agents::testing {

struct TableTask {
  std::string name;
  std::string id;
  Dict kwargs;
  std::int64_t steps;
  Dict settings;
  double regret;  // by how much the value of the learnt policy in the start may be below the optimal value
};

// Algorithms with the greedy policy as target, whatever the exploration.
inline bool is_off_policy(const std::string& algorithm) {
  const std::vector<std::string> names{"double_q_learning", "q_lambda", "q_learning", "tree_backup"};
  return std::find(names.begin(), names.end(), algorithm) != names.end();
}

// What is to be reached at γ = 0.99. Off-policy learners find the optimum exactly, but for Taxi, where a few of the 300
// starts may lose a step or two. Those that learn the values of what they do, exploration included, keep away from the
// cliff as long as they explore at all (17 steps where 13 would do: 3.46), and lose a little on slippery ice; averages
// of whole returns are the slowest.
inline std::vector<TableTask> table_tasks(const std::string& algorithm) {
  const bool off = is_off_policy(algorithm), averages = algorithm == "monte_carlo";
  constexpr double kExact = 1e-9;
  const auto settings = [&](const char* off_rate, const char* off_explore, const char* on_rate,
                            const char* on_explore) {
    Dict all{{"learning_rate", off ? off_rate : on_rate}, {"exploration", off ? off_explore : on_explore}};
    if (algorithm.ends_with("_lambda")) all["lambda"] = 0.5;
    if (algorithm == "n_step_sarsa") all["n_steps"] = 2;
    return all;
  };
  return {
      {"Lake",
       "FrozenLake-v1",
       {{"is_slippery", false}},
       20000,
       settings("0.5", "lin_1_0.1", "lin_0.3_0.02", "lin_1_0"),
       kExact},
      // walking in circles along the cliff never ends by itself, and an average waits for the end
      {"Cliff", "CliffWalking-v1", averages ? Dict{{"max_episode_steps", 100}} : Dict{}, averages ? 300000 : 100000,
       settings("0.5", "lin_1_0.1", averages ? "lin_0.05_0.002" : "lin_0.3_0.01", averages ? "lin_1_0.1" : "lin_1_0"),
       off ? kExact : 3.5},
      {"SlipperyLake",
       "FrozenLake-v1",
       {},
       averages ? 500000 : 200000,
       settings("exp_0.5_0.005", "lin_1_0.2", averages ? "lin_0.05_0.005" : "exp_0.2_0.005",
                averages ? "exp_1_0.05" : "exp_1_0.02"),
       off ? kExact : 0.03},
      {"Taxi",
       "Taxi-v4",
       {},
       off ? 400000 : 1000000,
       settings("0.5", "lin_1_0.1", averages ? "lin_0.1_0.02" : "lin_0.2_0.02", "lin_1_0"),
       averages ? 0.5 : 0.05},
  };
}

// V*(start) - Vπ(start) of the greedy policy that an agent learns on the task, at γ = 0.99.
inline double learnt_regret(const std::string& algorithm, const TableTask& task, std::uint64_t seed) {
  const auto envs = make_envs(task.id, 1, envs::AutoresetMode::kSameStep, task.kwargs);
  const AgentPtr agent = find_algorithm(algorithm).make(task.settings, EnvSignature::of(*envs), seed, "cpu");
  agent->begin(task.steps);
  Driver(*envs, *agent, 100 + seed).run(task.steps);

  const auto model = envs::transition_model(*envs::make(task.id, task.kwargs));
  const auto& learner = dynamic_cast<const TabularAgent&>(*agent);
  StateActions policy;
  for (std::size_t s = 0; s < learner.table().states(); ++s) {
    policy.push_back(static_cast<std::int64_t>(first_greatest(learner.values(s))));
  }
  return start_value(*model, value_iteration(*model).values) -
         start_value(*model, policy_values(*model, policy, PlannerConfig{}.discount));
}

// The algorithms that learn a table.
inline std::vector<std::string> table_learners() {
  std::vector<std::string> names;
  for (const Algorithm& algorithm : algorithms()) {
    if (algorithm.defaults.contains("bins")) names.push_back(algorithm.name);
  }
  return names;
}

}  // namespace ludus::agents::testing
