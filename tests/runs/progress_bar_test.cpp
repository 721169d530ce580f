#include "runs/progress_bar.h"

#include <gtest/gtest.h>

#include "tests/runs/fake_training.h"

namespace ludus::runs {
namespace {

TEST(ProgressBar, WritesALineEveryTenSeconds) {
  std::string text;
  ProgressBar bar(/*terminal=*/false, [&](const std::string& part) { text += part; });
  FakeTraining training;
  training.at.total = 200;
  training.time = 5;
  bar.on_start(training);
  training.time = 14.9;
  training.step_to(40, bar);
  EXPECT_EQ(text, "");
  training.time = 15;  // 50 steps in 10 s; 150 are left
  training.step_to(50, bar);
  EXPECT_EQ(text, "25 %, step 50 of 200, 5 a second, 30 s left\n");
  text.clear();
  training.phrase = "return 7.0";
  training.at = {.step = 200, .total = 200, .unit = "batch"};
  training.time = 25;
  bar.on_end(training);
  EXPECT_EQ(text, "100 %, batch 200 of 200, 10 a second, return 7.0\n");
}

TEST(ProgressBar, RedrawsInPlaceOnATerminal) {
  std::string text;
  ProgressBar bar(/*terminal=*/true, [&](const std::string& part) { text += part; });
  FakeTraining training;
  bar.on_start(training);
  training.time = 1;
  training.step_to(25, bar);
  EXPECT_EQ(text, "\r[######..................] 25 %, step 25 of 100, 25 a second, 3 s left\x1b[K");
}

TEST(ProgressBar, TellsThatAnEvaluationRuns) {
  std::string text;
  FakeTraining training;
  ProgressBar terminal(true, [&](const std::string& part) { text += part; });
  terminal.on_start(training);
  training.at.step = 50;
  terminal.on_activity(training, "evaluating");
  EXPECT_NE(text.find("step 50 of 100"), std::string::npos) << text;
  EXPECT_NE(text.find(", evaluating\x1b[K"), std::string::npos) << text;

  // elsewhere only where a line is due, every ten seconds
  text.clear();
  ProgressBar lines(false, [&](const std::string& part) { text += part; });
  lines.on_start(training);
  training.time = 9;
  lines.on_activity(training, "evaluating");
  EXPECT_EQ(text, "");
  training.time = 10;
  lines.on_activity(training, "evaluating");
  EXPECT_TRUE(text.ends_with(", evaluating\n")) << text;
}

}  // namespace
}  // namespace ludus::runs
