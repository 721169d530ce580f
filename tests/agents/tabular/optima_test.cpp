// Every tabular algorithm on every toy text task, ten seeds each: whether it reaches the optimum, and a line of
// results for docs/algorithms.
#include <gtest/gtest.h>

#include <chrono>
#include <iomanip>
#include <iostream>

#include "tests/agents/support/table_tasks.h"

namespace ludus::agents {
namespace {

class EveryTableSlow : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryTableSlow, ReachesTheOptimaOfToyText) {
  for (const testing::TableTask& task : testing::table_tasks(GetParam())) {
    const auto start = std::chrono::steady_clock::now();
    std::cout << "| " << GetParam() << " | " << task.name << " | " << task.steps << " |" << std::fixed;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const double regret = testing::learnt_regret(GetParam(), task, seed);
      EXPECT_LE(regret, task.regret) << task.name << ", seed " << seed;
      std::cout << " " << std::setprecision(4) << std::max(regret, 0.0);
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::cout << " | " << std::setprecision(2) << seconds.count() / 10 << " |\n";
  }
}

INSTANTIATE_TEST_SUITE_P(Tabular, EveryTableSlow, ::testing::ValuesIn(testing::table_learners()),
                         [](const auto& parameters) { return parameters.param; });

}  // namespace
}  // namespace ludus::agents
