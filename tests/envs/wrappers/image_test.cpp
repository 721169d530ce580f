#include "envs/wrappers/image.h"

#include <gtest/gtest.h>

#include "envs/wrappers/atari_preprocessing.h"
#include "envs/wrappers/transform_wrappers.h"
#include "tests/envs/wrappers/scripted_env.h"

namespace ludus::envs {
namespace {

Array image(std::initializer_list<std::uint8_t> pixels, Shape shape) {
  return Array::of(pixels).reshaped(shape);
}

Array resized(const Array& from, std::int64_t height, std::int64_t width) {
  const std::int64_t channels = from.shape().rank() == 3 ? from.shape()[2] : 1;
  Shape shape{height, width};
  if (from.shape().rank() == 3) shape = shape.appended(channels);
  Array to(DType::kUInt8, shape);
  AreaResize(from.shape()[0], from.shape()[1], height, width, channels)(from, to);
  return to;
}

TEST(Gray, WeightsTheChannels) {
  // 0.2125 · 100 + 0.7154 · 200 + 0.0721 · 50 = 21.25 + 143.08 + 3.605 = 167.935, rounded down
  // 0.2989 · 100 + 0.5870 · 200 + 0.1140 · 50 = 29.89 + 117.4 + 5.7 = 152.99, to the nearest
  const Array rgb = image({100, 200, 50}, {1, 1, 3});
  Array gray(DType::kUInt8, Shape{1, 1});
  to_gray(rgb, kLuminance709, Rounding::kDown, gray);
  EXPECT_EQ(gray, image({167}, {1, 1}));
  to_gray(rgb, kLuminance601, Rounding::kNearest, gray);
  EXPECT_EQ(gray, image({153}, {1, 1}));
}

TEST(AreaResize, TwoByTwoRoundsHalfUp) {
  // (1 + 2 + 3 + 4) / 4 = 2.5 → 3; (0 + 0 + 0 + 1) / 4 → 0
  EXPECT_EQ(resized(image({1, 2, 0, 0, 3, 4, 0, 1}, {2, 4}), 1, 2), image({3, 0}, {1, 2}));
}

TEST(AreaResize, WholeAreasRoundHalfToEven) {
  // (1 + 2) / 2 = 1.5 → 2; (2 + 3) / 2 = 2.5 → 2; of 3 x 1: (1 + 2 + 4) / 3 = 2.33 → 2
  EXPECT_EQ(resized(image({1, 2, 2, 3}, {1, 4}), 1, 2), image({2, 2}, {1, 2}));
  EXPECT_EQ(resized(image({1, 2, 4}, {3, 1}), 1, 1), image({2}, {1, 1}));
}

TEST(AreaResize, PartialPixelsAreWeighted) {
  // 3 → 2: each new pixel covers 1.5, so a whole one weighs 2/3 and half of the middle 1/3:
  // (30 · 2 + 60) / 3 = 40 and (60 + 90 · 2) / 3 = 80
  EXPECT_EQ(resized(image({30, 60, 90}, {1, 3}), 1, 2), image({40, 80}, {1, 2}));
  EXPECT_EQ(resized(image({30, 60, 90}, {3, 1}), 2, 1), image({40, 80}, {2, 1}));
  // both ways and with channels: the second channel is ten times the first
  const Array two = image({3, 30, 6, 60, 9, 90, 3, 30, 6, 60, 9, 90, 3, 30, 6, 60, 9, 90}, {3, 3, 2});
  EXPECT_EQ(resized(two, 2, 2), image({4, 40, 8, 80, 4, 40, 8, 80}, {2, 2, 2}));
}

TEST(AreaResize, EnlargingIsBilinearByArea) {
  // 2 → 4: new pixels lie wholly in an old one, which area weights keep: a step stays a step
  EXPECT_EQ(resized(image({10, 20}, {1, 2}), 1, 4), image({10, 10, 20, 20}, {1, 4}));
  // 2 → 3: the middle one is half and half
  EXPECT_EQ(resized(image({10, 20}, {1, 2}), 1, 3), image({10, 15, 20}, {1, 3}));
  EXPECT_EQ(resized(image({10, 20}, {2, 1}), 3, 1), image({10, 15, 20}, {3, 1}));
  EXPECT_THROW(AreaResize(2, 2, 0, 2, 1), InvalidArgument);
}

TEST(AreaResize, ConstantImageStaysConstant) {
  for (const int value : {0, 1, 127, 254, 255}) {
    Array even(DType::kUInt8, Shape{21, 16, 3});
    std::ranges::fill(even.data<std::uint8_t>(), static_cast<std::uint8_t>(value));
    for (const auto& [height, width] : {std::pair{8, 8}, {7, 4}, {21, 16}, {30, 16}, {5, 40}}) {
      const Array small = resized(even, height, width);
      for (const std::uint8_t pixel : small.data<std::uint8_t>()) EXPECT_NEAR(pixel, value, 0);
    }
  }
}

SpacePtr screens(Shape shape) {
  return std::make_unique<Box>(0, 255, shape, DType::kUInt8);
}

EnvPtr showing(const Array& screen) {
  return std::make_unique<ScriptedEnv>(Script{screens(screen.shape()), List(4, screen), {1, 1, 1}});
}

TEST(ImageWrappers, GrayscaleAndResize) {
  const Array rgb = image({100, 200, 50, 0, 0, 0, 255, 255, 255, 10, 10, 10}, {2, 2, 3});
  GrayscaleObservation gray(showing(rgb));
  EXPECT_EQ(gray.reset(0).observation, Value(image({167, 0, 255, 10}, {2, 2})));
  GrayscaleObservation kept(showing(rgb), true);
  EXPECT_EQ(kept.reset(0).observation, Value(image({167, 0, 255, 10}, {2, 2, 1})));
  ResizeObservation small(showing(rgb), 1, 1);
  // (100 + 0 + 255 + 10 + 2) / 4 = 91, (200 + 255 + 10 + 2) / 4 = 116, (50 + 255 + 10 + 2) / 4 = 79
  EXPECT_EQ(small.reset(0).observation, Value(image({91, 116, 79}, {1, 1, 3})));
  EXPECT_TRUE(small.observation_space().equals(*screens({1, 1, 3})));

  const auto numbers = [] { return std::make_unique<ScriptedEnv>(Script{reals(3), List(2, floats({1, 2, 3})), {1}}); };
  EXPECT_THROW(GrayscaleObservation{numbers()}, InvalidArgument);
  EXPECT_THROW(ResizeObservation(numbers(), 2, 2), InvalidArgument);
  EXPECT_THROW(GrayscaleObservation{showing(image({1, 2}, {1, 2}))}, InvalidArgument);
  EXPECT_THROW(ResizeObservation(showing(rgb), 0, 2), InvalidArgument);
}

// Gray screens of 1 x 2; lives and rewards as written.
Script atari() {
  Script script{screens({1, 2}), {}, {1, 2, 4, 8, 16, 32}};
  const std::vector<std::pair<int, int>> screens_shown{{0, 0}, {10, 0}, {20, 5}, {30, 50}, {40, 4}, {50, 60}, {70, 7}};
  for (const auto& [left, right] : screens_shown) {
    script.observations.push_back(image({static_cast<std::uint8_t>(left), static_cast<std::uint8_t>(right)}, {1, 2}));
  }
  for (const int lives : {3, 3, 3, 3, 2, 2, 2}) script.info.push_back({{"lives", lives}});
  return script;
}

TEST(AtariPreprocessing, SkipsFramesAndTakesTheMaximumOfTheLastTwo) {
  const AtariOptions options{.noop_max = 0, .frame_skip = 3, .screen_size = {2, 1}};
  AtariPreprocessing env(std::make_unique<ScriptedEnv>(atari()), options);
  EXPECT_EQ(env.reset(0).observation, Value(image({0, 0}, {1, 2})));
  // frames {10, 0}, {20, 5}, {30, 50}: the maximum of the last two, and 1 + 2 + 4
  const Step first = env.step(7);
  EXPECT_EQ(first.observation, Value(image({30, 50}, {1, 2})));
  EXPECT_EQ(first.reward, 7);
  EXPECT_FALSE(first.terminated);
  // the last frame ends the episode and is not used, as in Gymnasium: {50, 60} before it, {30, 50} from the last step
  const Step second = env.step(7);
  EXPECT_TRUE(second.terminated);
  EXPECT_EQ(second.reward, 56);
  EXPECT_EQ(second.observation, Value(image({50, 60}, {1, 2})));
}

TEST(AtariPreprocessing, LostLifeTerminatesIfEnabled) {
  AtariOptions options{.noop_max = 0, .frame_skip = 2, .screen_size = {2, 1}, .terminal_on_life_loss = true};
  AtariPreprocessing env(std::make_unique<ScriptedEnv>(atari()), options);
  env.reset(0);
  EXPECT_FALSE(env.step(1).terminated);
  const Step lost = env.step(1);  // frames 3 and 4, the fourth with a life less
  EXPECT_TRUE(lost.terminated);
  EXPECT_EQ(lost.reward, 12);
  options.terminal_on_life_loss = false;
  AtariPreprocessing patient(std::make_unique<ScriptedEnv>(atari()), options);
  patient.reset(0);
  patient.step(1);
  EXPECT_FALSE(patient.step(1).terminated);
}

TEST(AtariPreprocessing, StartsWithARandomNumberOfNoOps) {
  AtariPreprocessing env(std::make_unique<ScriptedEnv>(atari()),
                         {.noop_max = 3, .frame_skip = 1, .screen_size = {2, 1}});
  Generator random(5);
  const auto noops = static_cast<std::size_t>(random.integers(1, 4));
  const Reset begun = env.reset(5);
  const auto& inside = static_cast<ScriptedEnv&>(env.unwrapped());
  EXPECT_EQ(inside.actions(), List(noops, 0));
  EXPECT_EQ(begun.observation, atari().observations[noops]);
}

TEST(AtariPreprocessing, ResizesAndScalesFrames) {
  const Array rgb = image({100, 200, 50, 100, 200, 50, 100, 200, 50, 100, 200, 50}, {2, 2, 3});
  AtariPreprocessing env(
      showing(rgb),
      {.noop_max = 0, .frame_skip = 1, .screen_size = {1, 1}, .grayscale_newaxis = true, .scale_obs = true});
  EXPECT_TRUE(env.observation_space().equals(Box(0.0, 1.0, Shape{1, 1, 1})));
  EXPECT_EQ(env.reset(0).observation, Value(floats({153.f / 255.f}).reshaped({1, 1, 1})));
  AtariPreprocessing colours(showing(rgb),
                             {.noop_max = 0, .frame_skip = 1, .screen_size = {1, 1}, .grayscale_obs = false});
  EXPECT_EQ(colours.reset(0).observation, Value(image({100, 200, 50}, {1, 1, 3})));
}

TEST(AtariPreprocessing, RejectsInvalidOptions) {
  const auto made = [](Script script, const AtariOptions& options) {
    return AtariPreprocessing(std::make_unique<ScriptedEnv>(std::move(script)), options);
  };
  EXPECT_THROW(made(counting(3), {}), InvalidArgument);  // no screens
  EXPECT_THROW(made(atari(), {.noop_max = -1}), InvalidArgument);
  EXPECT_THROW(made(atari(), {.frame_skip = 0}), InvalidArgument);
  EXPECT_THROW(made(atari(), {.screen_size = {0, 84}}), InvalidArgument);
  EXPECT_THROW(made(atari(), {.grayscale_obs = false}), InvalidArgument);  // gray screens
  Script continuous = atari();
  continuous.action_space = reals(1);
  EXPECT_THROW(made(std::move(continuous), {}), InvalidArgument);  // no no-op
  Script skipping = atari();
  skipping.attributes["frameskip"] = 4;
  EXPECT_THROW(made(std::move(skipping), {}), InvalidArgument);
  Script lifeless = atari();
  lifeless.info.clear();
  AtariPreprocessing env = made(std::move(lifeless), {.noop_max = 0, .terminal_on_life_loss = true});
  EXPECT_THROW(env.reset(0), InvalidArgument);
}

}  // namespace
}  // namespace ludus::envs
