// What needs a display, under an X server of its own (see CMakeLists.txt); keys are pressed by xdotool.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

#include "tests/apps/program.h"

namespace ludus::apps {
namespace {

using Words = std::vector<std::string>;

bool run(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

TEST(PlayWindow, ShowsTheEpisodesAndCloses) {
  const Outcome played =
      ludus({"play", "random", "--env", "CartPole-v1", "--episodes", "2", "--fps", "200"}, {.display = true});
  EXPECT_EQ(played.code, 0) << played.err;
  EXPECT_NE(played.out.find("mean return"), std::string::npos) << played.out;
  EXPECT_NE(played.out.find("1000001"), std::string::npos) << played.out;  // the second episode's seed
}

TEST(PlayWindow, ClosesAtOnceWhenInterrupted) {
  const Outcome played =
      ludus({"play", "balance", "--env", "CartPole-v1"},
            {.display = true, .meanwhile = [](pid_t pid) {
               EXPECT_TRUE(run("timeout 60 xdotool search --sync --onlyvisible --name 'ludus: CartPole-v1'"));
               ::kill(pid, SIGINT);
             }});
  EXPECT_EQ(played.code, 130) << played.err;
}

TEST(PlayWindow, APersonPlaysByKeyboard) {
  // nothing moves before the first key; then the cart is pushed left until the pole falls, after 8 to 11 steps
  const Outcome played = ludus(
      {"play", "human", "--env", "CartPole-v1", "--episodes", "1", "--fps", "100"},
      {.display = true, .meanwhile = [](pid_t) {
         EXPECT_TRUE(run(
             "timeout 60 xdotool search --sync --onlyvisible --name 'ludus: CartPole-v1' windowfocus --sync key Left"));
       }});
  EXPECT_EQ(played.code, 0) << played.err;
  const std::size_t row = played.out.find("1000000");
  ASSERT_NE(row, std::string::npos) << played.out;
  const int steps = std::atoi(played.out.c_str() + row + 7);
  EXPECT_GE(steps, 8) << played.out;
  EXPECT_LE(steps, 11) << played.out;
}

TEST(Watch, DoesNotChangeTheTraining) {
  const Folder folder;
  const Outcome watched = ludus(small_training() + Words{"--watch", "--run", folder / "watched"}, {.display = true});
  ASSERT_EQ(watched.code, 0) << watched.err;
  const std::string alone = train_small(folder, "alone");
  EXPECT_EQ(monitor_without_time(folder / "watched"), monitor_without_time(alone));
  EXPECT_EQ(contents(folder / "watched/evaluations.csv"), contents(alone + "/evaluations.csv"));
}

}  // namespace
}  // namespace ludus::apps
