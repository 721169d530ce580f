#include "render/viewer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace ludus::render {
namespace {

Event pressed(const char* key) {
  return {Event::Kind::kKeyPressed, key};
}
Event typed(const char* key) {
  return {Event::Kind::kTyped, key};
}

// Steps taken in `images` images, `interval` seconds apart, when a step itself takes no time.
int steps(Viewer& viewer, double& now, int images, double interval) {
  int count = 0;
  for (int i = 0; i < images; ++i) {
    now += interval;
    viewer.begin_frame(now);
    while (viewer.take_step(now)) ++count;
  }
  return count;
}

// 50 steps a second for two seconds, looked at 60 times a second: 100 steps.
TEST(Viewer, KeepsTheRate) {
  double now = 10;
  Viewer viewer({.fps = 50}, now);
  EXPECT_NEAR(steps(viewer, now, 120, 1 / 60.0), 100, 1);
  EXPECT_EQ(steps(viewer, now, 1, 0.02), 1);
  EXPECT_EQ(steps(viewer, now, 1, 0), 0);
}

TEST(Viewer, SpeedsAreHalvedAndDoubled) {
  double now = 0;
  Viewer viewer({.fps = 40}, now);
  EXPECT_EQ(viewer.speed(), 1);
  EXPECT_EQ(viewer.status(), "speed 1");
  viewer.handle(typed("+"));
  viewer.handle(typed("="));
  EXPECT_EQ(viewer.speed(), 4);
  EXPECT_EQ(viewer.status(), "speed 4");
  EXPECT_NEAR(steps(viewer, now, 60, 1 / 60.0), 160, 2);
  for (int i = 0; i < 4; ++i) viewer.handle(typed("-"));
  EXPECT_EQ(viewer.status(), "speed 1/4");
  EXPECT_NEAR(steps(viewer, now, 120, 1 / 60.0), 20, 1);

  for (int i = 0; i < 40; ++i) viewer.handle(typed("-"));
  EXPECT_EQ(viewer.speed(), 1 / 16.0);
  for (int i = 0; i < 40; ++i) viewer.handle(typed("+"));
  EXPECT_TRUE(std::isinf(viewer.speed()));
  EXPECT_EQ(viewer.status(), "speed unlimited");
  viewer.handle(typed("-"));
  EXPECT_EQ(viewer.speed(), 64);
}

// Steps of 1 ms each: as many as fit between two images, and the image comes.
TEST(Viewer, UnlimitedFillsTheTimeBetweenFrames) {
  double now = 0;
  Viewer viewer({.fps = 10}, now);
  for (int i = 0; i < 20; ++i) viewer.handle(typed("+"));
  viewer.begin_frame(now);
  int count = 0;
  while (viewer.take_step(now)) {
    now += 0.001;
    ASSERT_LT(++count, 1000);
  }
  EXPECT_NEAR(count, 33, 2);
  EXPECT_EQ(viewer.idle(now), 0);
}

// A step longer than the time between two images: still one step an image, at any speed.
TEST(Viewer, SlowStepsDoNotBlockTheWindow) {
  for (const int faster : {0, 3, 20}) {
    double now = 0;
    Viewer viewer({.fps = 60}, now);
    for (int i = 0; i < faster; ++i) viewer.handle(typed("+"));
    for (int image = 0; image < 5; ++image) {
      now += 0.02;
      viewer.begin_frame(now);
      int count = 0;
      while (viewer.take_step(now)) {
        now += 0.5;
        ++count;
      }
      EXPECT_EQ(count, 1) << faster;
    }
  }
}

TEST(Viewer, DropsMissedStepsAfterAHalt) {
  double now = 0;
  Viewer viewer({.fps = 50}, now);
  EXPECT_LE(steps(viewer, now, 1, 100.0), 4);
  EXPECT_GE(steps(viewer, now, 1, 100.0), 1);
  EXPECT_NEAR(steps(viewer, now, 60, 1 / 60.0), 50, 2);
  EXPECT_EQ(steps(viewer, now, 1, -5.0), 0);  // a clock set back
}

TEST(Viewer, PausesAndResumes) {
  double now = 0;
  Viewer viewer({.fps = 50}, now);
  viewer.handle(pressed("Space"));
  EXPECT_TRUE(viewer.paused());
  EXPECT_EQ(viewer.status(), "paused");
  EXPECT_EQ(steps(viewer, now, 100, 0.1), 0);
  EXPECT_GT(viewer.idle(now), 0);
  viewer.handle(pressed("Space"));
  EXPECT_FALSE(viewer.paused());
  EXPECT_NEAR(steps(viewer, now, 60, 1 / 60.0), 50, 1);
  viewer.handle({Event::Kind::kKeyReleased, "Space"});
  EXPECT_FALSE(viewer.paused());

  viewer.handle(typed("+"));
  viewer.handle(pressed("Space"));
  EXPECT_EQ(viewer.status(), "paused, speed 2");
}

TEST(Viewer, ASingleStepIsOneStepAndPauses) {
  double now = 0;
  Viewer viewer({.fps = 50}, now);
  viewer.handle(pressed("Right"));
  EXPECT_TRUE(viewer.paused());
  EXPECT_EQ(steps(viewer, now, 10, 0.1), 1);
  viewer.handle(typed("."));
  viewer.handle(typed("."));
  EXPECT_EQ(viewer.idle(now), 0);
  EXPECT_EQ(steps(viewer, now, 10, 0.1), 2);
}

TEST(Viewer, StartsAsItsOptionsSay) {
  double now = 0;
  Viewer viewer({.fps = 50, .paused = true, .overlay = false}, now);
  EXPECT_TRUE(viewer.paused());
  EXPECT_FALSE(viewer.overlay());
  EXPECT_EQ(steps(viewer, now, 10, 0.1), 0);
  for (const double fps : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    EXPECT_THROW(Viewer({.fps = fps}, now), InvalidArgument) << fps;
  }
}

TEST(Viewer, RequestsAreTakenOnce) {
  Viewer viewer({}, 0);
  EXPECT_FALSE(viewer.take_restart());
  EXPECT_FALSE(viewer.take_next_seed());
  viewer.handle(pressed("R"));
  EXPECT_FALSE(viewer.take_next_seed());
  EXPECT_TRUE(viewer.take_restart());
  EXPECT_FALSE(viewer.take_restart());
  viewer.handle(pressed("N"));
  EXPECT_TRUE(viewer.take_next_seed());
  EXPECT_FALSE(viewer.take_next_seed());
}

TEST(Viewer, OverlayHelpAndClosing) {
  Viewer viewer({}, 0);
  EXPECT_TRUE(viewer.overlay());
  viewer.handle(pressed("O"));
  EXPECT_FALSE(viewer.overlay());
  viewer.handle(pressed("Tab"));
  EXPECT_TRUE(viewer.overlay());
  EXPECT_FALSE(viewer.help());
  viewer.handle(pressed("H"));
  EXPECT_TRUE(viewer.help());
  EXPECT_FALSE(viewer.closed());
  viewer.handle({Event::Kind::kClose, ""});
  EXPECT_TRUE(viewer.closed());
}

TEST(Viewer, GameKeysAreNoCommands) {
  Viewer viewer({.game_keys = {"Right", "Space", "+"}}, 0);
  viewer.handle(pressed("Right"));
  viewer.handle(pressed("Space"));
  viewer.handle(typed("+"));
  EXPECT_FALSE(viewer.paused());
  EXPECT_EQ(viewer.speed(), 1);
  viewer.handle(typed("."));
  EXPECT_TRUE(viewer.paused());
  viewer.handle({Event::Kind::kClose, ""});
  EXPECT_TRUE(viewer.closed());
}

TEST(Viewer, SleepsUntilTheNextStepIsDue) {
  double now = 0;
  Viewer viewer({.fps = 100}, now);
  viewer.begin_frame(now);
  EXPECT_NEAR(viewer.idle(now), 0.01, 1e-9);
  EXPECT_NEAR(viewer.idle(now + 0.004), 0.006, 1e-9);
  EXPECT_EQ(viewer.idle(now + 1), 0);
  Viewer slow({.fps = 1}, now);
  EXPECT_NEAR(slow.idle(now), 1 / 60.0, 1e-9);  // no longer, for the keyboard's sake
}

TEST(OverlayLines, ShowTheEpisodesState) {
  const std::vector<std::string> lines =
      overlay_lines({.episode = 3,
                     .seed = 17,
                     .step = 120,
                     .reward = 1,
                     .episode_return = 120.25,
                     .action = 1,
                     .observation = Array::of<float>({0.0123456f, -0.5f, 1e-9f, 200000})});
  const std::vector<std::string> expected = {"episode 3   seed 17   step 120", "reward 1   return 120.2", "action 1",
                                             "observation 0.01235  -0.5  1e-09  2e+05"};
  EXPECT_EQ(lines, expected);
}

TEST(OverlayLines, AbbreviateEveryKindOfValue) {
  const auto observation = [](Value value) {
    const std::vector<std::string> lines = overlay_lines({.observation = std::move(value)});
    std::string text;
    for (std::size_t i = 3; i < lines.size(); ++i) text += lines[i];
    return text;
  };
  EXPECT_EQ(overlay_lines({})[2], "action none");
  EXPECT_EQ(observation(true), "observation true");
  EXPECT_EQ(observation("a\nb"), "observation a b");
  EXPECT_EQ(observation(List{1, 2.5}), "observation (1, 2.5)");
  EXPECT_EQ(observation(Dict{{"goal", 1}, {"at", 2}}), "observation {goal: 1, at: 2}");
  EXPECT_EQ(observation(Array(DType::kUInt8, Shape{84, 84})), "observation 0  0  0  0  0  0  0  0 … of shape (84, 84)");
}

TEST(OverlayLines, BreakLongLines) {
  Array observation(DType::kFloat64, Shape{8});
  for (std::size_t i = 0; i < 8; ++i) observation.set(i, -0.123456);
  const std::vector<std::string> lines = overlay_lines({.observation = observation});
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[3], "observation -0.1235  -0.1235  -0.1235  -0.1235  -0.1235");
  EXPECT_EQ(lines[4], "    -0.1235  -0.1235  -0.1235");
  EXPECT_EQ(overlay_lines({.observation = std::string(200, 'x')}).size(), 5u);  // nowhere to break but after the word
}

TEST(HelpLines, NameEveryCommandsKey) {
  const std::vector<std::string> lines = help_lines();
  for (const char* key : {"Space", "Right or .", "+ -", "R ", "N ", "O or Tab", "H or F1", "Q or Escape"}) {
    EXPECT_TRUE(std::ranges::any_of(lines, [&](const std::string& line) { return line.starts_with(key); })) << key;
  }
}

}  // namespace
}  // namespace ludus::render
