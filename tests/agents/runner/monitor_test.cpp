#include "agents/runner/monitor.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/scratch.h"

namespace ludus::agents {
namespace {

using test_support::Scratch;

TEST(Monitor, HasTheFormatOfStableBaselines3) {
  const Scratch folder;
  MonitorFile monitor(folder / "monitor.csv", "CartPole-v1");
  EXPECT_EQ(monitor.last_seconds(), 0.0);
  monitor.append(20, 20, 0.1234567);
  monitor.append(-7.25, 3, 1);
  monitor.flush();
  EXPECT_EQ(read_text(folder / "monitor.csv"),
            "#{\"t_start\": 0.0, \"env_id\": \"CartPole-v1\"}\nr,l,t\n20.0,20,0.123457\n-7.25,3,1.0\n");
  EXPECT_EQ(monitor.rows(), 2);
  EXPECT_EQ(monitor.last_seconds(), 1.0);
}

// Python: round(0.0000005, 6) is 0.0, because the double is a little below the half; round(2.6666665, 6) is 2.666666
// (below) and round(0.0000015, 6) is 2e-06 (above).
TEST(Monitor, RoundsAsPython) {
  const Scratch folder;
  MonitorFile monitor(folder / "monitor.csv", "CartPole-v1");
  for (const double number : {0.0000005, 2.6666665, 0.0000015, -1e-9}) monitor.append(number, 1, 0);
  monitor.flush();
  const std::string text = read_text(folder / "monitor.csv");
  EXPECT_EQ(text.substr(text.find("r,l,t\n") + 6), "0.0,1,0.0\n2.666666,1,0.0\n2e-06,1,0.0\n-0.0,1,0.0\n");
}

}  // namespace
}  // namespace ludus::agents
