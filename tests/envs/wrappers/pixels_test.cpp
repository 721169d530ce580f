// The wrappers that need frames, with a painter that needs no rasteriser.
#include "envs/wrappers/pixels.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "envs/spaces/dict.h"
#include "envs/wrappers/add_render_observation.h"
#include "envs/wrappers/human_rendering.h"
#include "envs/wrappers/record_video.h"
#include "envs/wrappers/render_collection.h"
#include "envs/wrappers/render_noise.h"
#include "tests/envs/wrappers/scripted_env.h"

namespace ludus::envs {
namespace {

EnvPtr counter(std::size_t steps) {
  return std::make_unique<ScriptedEnv>(counting(steps));
}

// 2 x 4 pixels, all of the number that the scripted environment's scene tells; of pixels given, those.
Array paint(const Scene& scene) {
  if (!scene.items.empty()) return std::get<Image>(scene.items[0]).pixels;
  Array pixels(DType::kUInt8, Shape{scene.height, scene.width, 3});
  std::ranges::fill(pixels.data<std::uint8_t>(), static_cast<std::uint8_t>(std::stoi(scene.text.substr(6))));
  return pixels;
}

// What a video writer was told.
struct Videos {
  struct VideoWriter {
    std::string file;
    double fps;
    std::vector<int> frames;  // the number in each image
    bool finished = false;
  };
  std::vector<VideoWriter> videos;

  VideoOpener opener() {
    return [this](const std::filesystem::path& file, double fps) -> std::unique_ptr<VideoSink> {
      videos.push_back({file.filename().string(), fps, {}});
      return std::make_unique<Writer>(*this, videos.size() - 1);
    };
  }
  class Writer final : public VideoSink {
   public:
    Writer(Videos& videos, std::size_t video) : videos_(videos), video_(video) {}
    void add(const Array& pixels) override { videos_.videos[video_].frames.push_back(pixels.data<std::uint8_t>()[0]); }
    void finish() override { videos_.videos[video_].finished = true; }

   private:
    Videos& videos_;
    std::size_t video_;
  };
};

void play(Env& env, int steps) {
  env.reset(0);
  for (int t = 0; t < steps; ++t) env.step(0);
}

TEST(Pixels, TilesImagesRowByRow) {
  std::vector<Array> frames;
  for (std::uint8_t number = 1; number <= 3; ++number) {
    Array image(DType::kUInt8, Shape{1, 1, 3});
    std::ranges::fill(image.data<std::uint8_t>(), number);
    frames.push_back(image);
  }
  const Array all = tiled(frames, 2, 2, 3);
  const std::vector<std::uint8_t> expected{1, 1, 1, 2, 2, 2, 0, 0, 0, 3, 3, 3, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(all, Array::of(std::span<const std::uint8_t>(expected), Shape{2, 3, 3}));
}

TEST(AddRenderObservation, ShowsTheImageAloneOrWithTheState) {
  AddRenderObservation alone(counter(3), paint);
  EXPECT_TRUE(alone.observation_space().equals(Box(0, 255, Shape{2, 4, 3}, DType::kUInt8)));
  alone.reset(0);
  EXPECT_EQ(alone.step(0).observation.as_array().get(5), 1);

  AddRenderObservation beside(counter(3), paint, false, "pixels", "state");
  beside.reset(0);
  const Value observation = beside.step(0).observation;
  EXPECT_TRUE(beside.observation_space().contains(observation));
  EXPECT_EQ(observation.as_dict().at("state"), Value(floats({1})));
  EXPECT_EQ(observation.as_dict().at("pixels").as_array().get(0), 1);

  Script script = counting(3);
  std::vector<DictSpace::Part> parts;
  parts.emplace_back("x", reals(1));
  script.observation_space = std::make_unique<DictSpace>(std::move(parts));
  script.observations = List(4, Dict{{"x", floats({5})}});
  AddRenderObservation dict(std::make_unique<ScriptedEnv>(script.copy()), paint, false);
  EXPECT_EQ(dict.reset(0).observation.as_dict().at("x"), Value(floats({5})));
  EXPECT_THROW(AddRenderObservation(std::make_unique<ScriptedEnv>(script.copy()), paint, false, "x"), InvalidArgument);

  // a copy goes on where it is, without a reset
  alone.step(0);
  EXPECT_EQ(alone.clone()->step(0).observation.as_array().get(0), 3);
}

TEST(AddWhiteNoise, DrawsNoiseFromTheEnvironmentsGenerator) {
  AddWhiteNoise env(counter(3), paint, 0.5);
  env.reset(3);
  const Array seen = paint(env.render());
  // Gymnasium draws the noise first, uint8 from 0 to 254, and then one number for each pixel
  Generator random(3);
  const Array noise = random.integers_array(0, 254, Shape{2, 4, 3}, DType::kUInt8);
  int replaced = 0;
  for (std::size_t pixel = 0; pixel < 8; ++pixel) {
    const bool hidden = random.random() < 0.5;
    replaced += hidden;
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_EQ(seen.get(3 * pixel + c), hidden ? noise.get(3 * pixel + c) : 0.0) << pixel;
    }
  }
  EXPECT_GT(replaced, 0);
  EXPECT_LT(replaced, 8);
  AddWhiteNoise none(counter(3), paint, 0);
  none.reset(3);
  EXPECT_EQ(paint(none.render()), Array(DType::kUInt8, Shape{2, 4, 3}));
  EXPECT_THROW(AddWhiteNoise(counter(3), paint, 1), InvalidArgument);
  EXPECT_THROW(AddWhiteNoise(counter(3), paint, -0.5), InvalidArgument);
}

TEST(AddWhiteNoise, GrayNoiseIsEqualInAllChannels) {
  AddWhiteNoise env(counter(3), paint, 0.99, true);
  env.reset(3);
  const Array seen = paint(env.render());
  std::set<double> shades;
  for (std::size_t pixel = 0; pixel < 8; ++pixel) {
    EXPECT_EQ(seen.get(3 * pixel), seen.get(3 * pixel + 1));
    EXPECT_EQ(seen.get(3 * pixel), seen.get(3 * pixel + 2));
    shades.insert(seen.get(3 * pixel));
  }
  EXPECT_GT(shades.size(), 4u);
}

TEST(ObstructView, HidesPatches) {
  // 8 pixels, a quarter of them in patches of one: two centres, drawn before the noise
  ObstructView env(counter(3), paint, 0.25, 1);
  env.reset(4);
  const Array seen = paint(env.render());
  Generator random(4);
  const std::set<std::int64_t> centers{random.integers(8), random.integers(8)};
  const Array noise = random.integers_array(0, 254, Shape{2, 4, 3}, DType::kUInt8);
  for (std::size_t i = 0; i < 24; ++i) {
    EXPECT_EQ(seen.get(i), centers.contains(static_cast<std::int64_t>(i / 3)) ? noise.get(i) : 0.0) << i;
  }

  // a patch of 2 reaches from one before its centre, and is cut at the edge: half of 8 pixels is one patch
  ObstructView wide(counter(3), paint, 0.5, 2);
  wide.reset(4);
  const Array hidden = paint(wide.render());
  Generator again(4);
  const std::int64_t center = again.integers(8), y = center / 4, x = center % 4;
  const Array patch = again.integers_array(0, 254, Shape{2, 4, 3}, DType::kUInt8);
  for (std::int64_t i = 0; i < 8; ++i) {
    const bool inside = (i / 4 == y || i / 4 == y - 1) && (i % 4 == x || i % 4 == x - 1);
    EXPECT_EQ(hidden.get(static_cast<std::size_t>(3 * i)), inside ? patch.get(static_cast<std::size_t>(3 * i)) : 0.0)
        << i;
  }
  EXPECT_THROW(ObstructView(counter(3), paint, 1, 1), InvalidArgument);
  EXPECT_THROW(ObstructView(counter(3), paint, 0.5, 0), InvalidArgument);
}

TEST(RenderCollection, CollectsEveryScene) {
  const auto frames = [](RenderCollection& env) {
    std::vector<std::string> texts;
    for (const Scene& scene : env.frames()) texts.push_back(scene.text);
    return texts;
  };
  RenderCollection popped(counter(5));
  play(popped, 2);
  EXPECT_EQ(frames(popped), (std::vector<std::string>{"frame 0", "frame 1", "frame 2"}));
  EXPECT_TRUE(popped.frames().empty());
  popped.step(0);
  EXPECT_EQ(frames(popped), std::vector<std::string>{"frame 3"});

  RenderCollection kept(counter(5), false, false);
  play(kept, 1);
  play(kept, 1);
  EXPECT_EQ(frames(kept).size(), 4u);
  EXPECT_EQ(frames(kept).size(), 4u);
  RenderCollection cleaned(counter(5), false, true);
  play(cleaned, 1);
  play(cleaned, 1);
  EXPECT_EQ(frames(cleaned).size(), 2u);
}

TEST(RecordVideo, ScheduleIsCubicUpTo1000) {
  std::vector<std::int64_t> recorded;
  for (std::int64_t episode = 0; episode <= 3000; ++episode) {
    if (capped_cubic_video_schedule(episode)) recorded.push_back(episode);
  }
  EXPECT_EQ(recorded, (std::vector<std::int64_t>{0, 1, 8, 27, 64, 125, 216, 343, 512, 729, 1000, 2000, 3000}));
}

class RecordVideoTest : public ::testing::Test {
 protected:
  RecordVideoTest() : folder_(std::filesystem::temp_directory_path() / "ludus_videos_of_a_test") {}
  ~RecordVideoTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  Videos recorded_;
};

TEST_F(RecordVideoTest, RecordsWholeEpisodes) {
  VideoOptions options{.folder = folder_, .name_prefix = "run"};
  options.episode_trigger = [](std::int64_t episode) { return episode % 2 == 0; };
  RecordVideo env(counter(5), paint, recorded_.opener(), options);
  play(env, 2);
  EXPECT_TRUE(env.recording());
  play(env, 2);
  EXPECT_FALSE(env.recording());
  play(env, 1);
  env.close();
  ASSERT_EQ(recorded_.videos.size(), 2u);
  EXPECT_EQ(recorded_.videos[0].file, "run-episode-0.mp4");
  EXPECT_EQ(recorded_.videos[0].frames, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(recorded_.videos[0].fps, 25);
  EXPECT_EQ(recorded_.videos[1].file, "run-episode-2.mp4");
  EXPECT_EQ(recorded_.videos[1].frames, (std::vector<int>{0, 1}));
  EXPECT_TRUE(recorded_.videos[0].finished && recorded_.videos[1].finished);
}

TEST_F(RecordVideoTest, RecordsAFixedLengthFromAStep) {
  VideoOptions options{.folder = folder_, .length = 2, .fps = 10.0};
  options.step_trigger = [](std::int64_t step) { return step == 1; };
  {
    RecordVideo env(counter(5), paint, recorded_.opener(), options);
    play(env, 4);
    play(env, 1);
  }
  ASSERT_EQ(recorded_.videos.size(), 1u);
  EXPECT_EQ(recorded_.videos[0].file, "rl-video-step-1.mp4");
  EXPECT_EQ(recorded_.videos[0].frames,
            (std::vector<int>{2, 3, 4}));  // stops at one more than asked, as Gymnasium does
  EXPECT_EQ(recorded_.videos[0].fps, 10);
  EXPECT_THROW(RecordVideo(counter(5), paint, recorded_.opener(), {.folder = folder_, .length = -1}), InvalidArgument);
}

TEST_F(RecordVideoTest, CopiesRecordNothing) {
  RecordVideo env(counter(5), paint, recorded_.opener(), {.folder = folder_});
  play(env, 1);
  const EnvPtr copy = env.clone();
  play(*copy, 1);
  EXPECT_EQ(recorded_.videos.size(), 1u);
  EXPECT_TRUE(env.recording());
}

TEST_F(RecordVideoTest, WarnsIfAVideoFails) {
  std::vector<std::string> said;
  VideoOptions options{.folder = folder_};
  options.warn = [&](const std::string& sentence) { said.push_back(sentence); };
  class Full final : public VideoSink {
    void add(const Array&) override {}
    void finish() override { throw WorkError("the disk is full"); }
  };
  const auto open = [](const auto&, double) -> std::unique_ptr<VideoSink> { return std::make_unique<Full>(); };
  {
    RecordVideo env(counter(5), paint, open, options);
    env.reset(0);
    EXPECT_THROW(env.close(), WorkError);
    env.reset(0);
  }
  EXPECT_EQ(said, std::vector<std::string>{"the last video was lost: the disk is full"});
}

TEST(HumanRendering, ShowsEveryFrame) {
  std::vector<int> shown;
  double speed = 0;
  HumanRendering env(counter(5), paint, [&](const Array& pixels, double fps) {
    shown.push_back(pixels.data<std::uint8_t>()[0]);
    speed = fps;
  });
  play(env, 2);
  EXPECT_EQ(shown, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(speed, 25);
  play(*env.clone(), 2);
  EXPECT_EQ(shown.size(), 3u);
}

}  // namespace
}  // namespace ludus::envs
