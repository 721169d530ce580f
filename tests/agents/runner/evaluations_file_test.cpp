#include "agents/runner/evaluations_file.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/scratch.h"

namespace ludus::agents {
namespace {

using test_support::Scratch;

TEST(Evaluations, ListsStatisticsAndReturns) {
  const Scratch folder;
  EvaluationsFile file(folder / "evaluations.csv");
  file.append(5000, std::vector<double>{10, 20, 30}, std::vector<std::int64_t>{1, 2, 6});
  file.flush();
  EXPECT_EQ(read_text(folder / "evaluations.csv"),
            "steps,episodes,mean,std,min,max,iqm,mean_length,returns\n"
            "5000,3,20.0,8.16496580927726,10.0,30.0,20.0,3.0,10.0 20.0 30.0\n");
}

}  // namespace
}  // namespace ludus::agents
