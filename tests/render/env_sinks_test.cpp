#include "render/env_sinks.h"

#include <gtest/gtest.h>

#include "envs/registry/registry.h"
#include "envs/wrappers/add_render_observation.h"
#include "envs/wrappers/record_video.h"
#include "envs/wrappers/vector/rendering.h"
#include "render/png.h"
#include "render/raster.h"
#include "tests/render/scratch.h"

namespace ludus::render {
namespace {

TEST(EnvSinks, SceneRendererReturnsTheRasterisersPixels) {
  const envs::Scene scene = cart_pole(300, 0.1);
  const Array pixels = scene_renderer(60, 40)(scene);
  EXPECT_EQ(pixels.shape(), (Shape{40, 60, 3}));
  EXPECT_EQ(image_of(pixels), rasterise(scene, 60, 40));
  EXPECT_THROW(image_of(Array(DType::kFloat32, Shape{4, 4, 3})), InvalidArgument);
}

TEST(EnvSinks, SceneOfPixelsRendersTheSamePixels) {
  const Array pixels = scene_renderer()(cart_pole(200, -0.3));
  EXPECT_EQ(scene_renderer()(envs::scene_of(pixels)), pixels);
}

TEST(EnvSinks, AnImageIsAnObservation) {
  envs::AddRenderObservation env(envs::make("CartPole-v1"), scene_renderer(60, 40));
  const Value observation = env.reset(3).observation;
  EXPECT_TRUE(env.observation_space().contains(observation));
  EXPECT_EQ(observation.as_array(), scene_renderer(60, 40)(env.render()));
}

TEST(EnvSinks, RecordsOneAndFourEnvironments) {
  const Folder folder;
  envs::VideoOptions options{.folder = folder / "videos", .length = 1, .extension = ".png"};
  options.episode_trigger = [](std::int64_t episode) { return episode == 0; };
  {
    // a .png is the last image added: of reset and one step
    envs::RecordVideo env(envs::make("CartPole-v1"), scene_renderer(60, 40), video_opener(), options);
    env.reset(1);
    env.step(0);
    EXPECT_FALSE(env.recording());
    EXPECT_EQ(read_png(folder / "videos/rl-video-episode-0.png"), rasterise(env.render(), 60, 40));
  }
  options.name_prefix = "four";
  envs::vector::RecordVideo envs(envs::make_vec("CartPole-v1", 4), scene_renderer(60, 40), video_opener(),
                                 {.video = options});
  envs.reset(1);
  const std::vector<std::int64_t> actions{0, 1, 0, 1};
  envs.step(actions);
  const Image image = read_png(folder / "videos/four-episode-0.png");
  EXPECT_EQ(image.width, 120);
  EXPECT_EQ(image.height, 80);
  EXPECT_EQ(image.at(60 + 7, 40 + 9), rasterise(envs.render(3), 60, 40).at(7, 9));
}

}  // namespace
}  // namespace ludus::render
