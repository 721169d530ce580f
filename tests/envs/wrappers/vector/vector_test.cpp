// The vector wrappers.
#include <gtest/gtest.h>

#include <cmath>

#include "envs/registry/registry.h"
#include "envs/spaces/tuple.h"
#include "envs/vector/sync_vector_env.h"
#include "envs/wrappers/transform_wrappers.h"
#include "envs/wrappers/vector/dict_info_to_list.h"
#include "envs/wrappers/vector/normalize.h"
#include "envs/wrappers/vector/record_episode_statistics.h"
#include "envs/wrappers/vector/rendering.h"
#include "envs/wrappers/vector/transform.h"
#include "tests/envs/wrappers/scripted_env.h"

namespace ludus::envs {
namespace {

// Two environments that count, the first one for `first` steps and the second for `second`.
VectorEnvPtr two_counters(std::size_t first, std::size_t second, AutoresetMode mode = AutoresetMode::kNextStep) {
  std::vector<EnvPtr> envs;
  envs.push_back(std::make_unique<ScriptedEnv>(counting(first)));
  envs.push_back(std::make_unique<ScriptedEnv>(counting(second)));
  return std::make_unique<SyncVectorEnv>(std::move(envs), mode);
}

const VectorStep& step(VectorEnv& envs) {
  const std::vector<std::int64_t> actions(envs.num_envs() * envs.action_size());
  return envs.step(actions);
}

TEST(VectorTransform, TransformsRowsOneByOneAndAllAtOnce) {
  const auto doubled = transform_observation(
      [](const Value& observation) { return floats({2 * observation.as_array().data<float>()[0]}); });
  vector::VectorizeTransformObservation single(two_counters(2, 9, AutoresetMode::kSameStep), doubled);
  vector::TransformObservation batch(two_counters(2, 9, AutoresetMode::kSameStep),
                                     [](std::span<const float> inside, std::span<float> out) {
                                       for (std::size_t i = 0; i < out.size(); ++i) out[i] = 2 * inside[i];
                                     });
  for (VectorEnv* envs : std::initializer_list<VectorEnv*>{&single, &batch}) {
    EXPECT_EQ(envs->reset(0).observations, (std::vector<float>{0, 0}));
    EXPECT_EQ(step(*envs).observations, (std::vector<float>{2, 2}));
    // the first ends, and its last observation is changed as well
    const VectorStep& last = step(*envs);
    EXPECT_EQ(last.observations, (std::vector<float>{0, 4}));
    EXPECT_EQ(last.has_final, (std::vector<std::uint8_t>{1, 0}));
    EXPECT_EQ(last.final_observations[0], 4);
  }
  EXPECT_EQ(single.spec().wrappers.back().name, "vector.TransformObservation");
}

TEST(VectorTransform, ChangesTheSizeOfRows) {
  vector::FlattenObservation flat(make_vec("FrozenLake-v1", 2));
  EXPECT_EQ(flat.observation_size(), 16u);
  std::vector<float> first(32);
  first[0] = first[16] = 1;
  EXPECT_EQ(flat.reset(0).observations, first);
  vector::FilterObservation kept(make_vec("Blackjack-v1", 2), {1});
  EXPECT_EQ(kept.observation_size(), 1u);
  vector::ReshapeObservation shaped(make_vec("MountainCar-v0", 2), {2, 1});
  EXPECT_EQ(shaped.reset(4).observations, make_vec("MountainCar-v0", 2)->reset(4).observations);
  EXPECT_EQ(static_cast<Box&>(shaped.single_observation_space()).shape(), (Shape{2, 1}));
}

TEST(VectorTransform, RescalesObservationsAsTheSingleWrapperDoes) {
  vector::RescaleObservation envs(make_vec("MountainCar-v0", 2), -1, 1);
  RescaleObservation single(make("MountainCar-v0"), -1, 1);
  const float expected = single.reset(5).observation.as_array().data<float>()[0];
  EXPECT_EQ(envs.reset(4).observations[2], expected);  // environment 1 has seed 4 + 1
}

TEST(VectorTransform, ActionsAreClippedAndRescaled) {
  // Pendulum's torque is in [-2, 2]
  const auto after = [](VectorEnv& envs, float action) {
    envs.reset(1);
    const std::vector<float> actions(envs.num_envs(), action);
    return envs.step(actions).observations;
  };
  const auto plain = make_vec("Pendulum-v1", 2);
  vector::RescaleAction rescaled(make_vec("Pendulum-v1", 2), -1, 1);
  EXPECT_EQ(after(rescaled, 0.25f), after(*plain, 0.5f));
  EXPECT_TRUE(rescaled.single_action_space().equals(Box(-1, 1, Shape{1})));
  vector::ClipAction clipped(make_vec("Pendulum-v1", 2));
  EXPECT_EQ(after(clipped, 9), after(*plain, 2));
  vector::TransformAction halved(make_vec("Pendulum-v1", 2),
                                 [](std::span<const float> actions, std::span<float> inside) {
                                   for (std::size_t i = 0; i < actions.size(); ++i) inside[i] = actions[i] / 2;
                                 });
  EXPECT_EQ(after(halved, 1), after(*plain, 0.5f));

  const std::vector<float> few{1};
  EXPECT_THROW(clipped.step(few), InvalidAction);
  const std::vector<std::int64_t> integers{1, 1};
  EXPECT_THROW(clipped.step(integers), InvalidAction);
  EXPECT_THROW(halved.step(integers), InvalidAction);
}

TEST(VectorTransform, DiscreteActionsBecomeContinuous) {
  vector::VectorizeTransformAction envs(make_vec("Pendulum-v1", 2), discretize_action({4}));
  envs.reset(1);
  const std::vector<std::int64_t> cells{3, 0};  // middles 1.5 and -1.5
  const std::vector<float> seen = envs.step(cells).observations;
  const auto plain = make_vec("Pendulum-v1", 2);
  plain->reset(1);
  const std::vector<float> torques{1.5f, -1.5f};
  EXPECT_EQ(seen, plain->step(torques).observations);
  const std::vector<std::int64_t> none{4, 0};
  EXPECT_THROW(envs.step(none), InvalidAction);

  vector::TransformAction turned(make_vec("CartPole-v1", 2),
                                 [](std::span<const std::int64_t> actions, std::span<std::int64_t> inside) {
                                   for (std::size_t i = 0; i < actions.size(); ++i) inside[i] = 1 - actions[i];
                                 });
  turned.reset(1);
  const auto straight = make_vec("CartPole-v1", 2);
  straight->reset(1);
  const std::vector<std::int64_t> left{0, 0}, right{1, 1};
  EXPECT_EQ(turned.step(left).observations, straight->step(right).observations);
}

TEST(VectorTransform, IgnoredActionsAreNotChecked) {
  vector::VectorizeTransformAction envs(make_vec("Pendulum-v1", 1, {.max_episode_steps = 1}), discretize_action({4}));
  envs.reset(1);
  const std::vector<std::int64_t> good{0}, wrong{99};
  EXPECT_TRUE(envs.step(good).truncated[0]);
  EXPECT_TRUE(envs.step(wrong).was_reset[0]);  // this step only resets
  EXPECT_THROW(envs.step(wrong), InvalidAction);
}

TEST(VectorTransform, Rewards) {
  vector::ClipReward clipped(make_vec("CartPole-v1", 2), std::nullopt, 0.5);
  clipped.reset(0);
  EXPECT_EQ(step(clipped).rewards, (std::vector<double>{0.5, 0.5}));
  vector::TransformReward batch(make_vec("CartPole-v1", 2), [](std::span<double> rewards) { rewards[1] = 7; });
  batch.reset(0);
  EXPECT_EQ(step(batch).rewards, (std::vector<double>{1, 7}));
  vector::VectorizeTransformReward single(make_vec("CartPole-v1", 2), transform_reward([](double r) { return -r; }));
  single.reset(0);
  EXPECT_EQ(step(single).rewards, (std::vector<double>{-1, -1}));
}

TEST(VectorNormalizeObservation, SharesItsMoments) {
  // the first batch, {0, 0}; the second, {1, 1}: mean of all ≈ 1/2, variance ≈ 1/4
  vector::NormalizeObservation envs(two_counters(9, 9));
  envs.reset(0);
  const double n = 2.0001, total = 4.0001, mean = 2 / total, variance = (0.0001 + n * 2 / total) / total;
  const auto seen = step(envs).observations;
  EXPECT_NEAR(seen[0], (1 - mean) / std::sqrt(variance + 1e-8), 1e-6);
  EXPECT_EQ(seen[0], seen[1]);
  const RunningMeanStd before = envs.statistics();
  envs.set_update_running_mean(false);
  step(envs);
  EXPECT_EQ(envs.statistics(), before);
}

TEST(VectorNormalizeObservation, RejectsModesThatCountRowsTwice) {
  for (const AutoresetMode mode : {AutoresetMode::kSameStep, AutoresetMode::kDisabled}) {
    EXPECT_THROW(vector::NormalizeObservation(two_counters(3, 3, mode)), InvalidArgument);
  }
  EXPECT_THROW(vector::NormalizeObservation(make_vec("Blackjack-v1", 2)), InvalidArgument);
  vector::NormalizeObservation envs(two_counters(3, 3));
  envs.reset(0);
  EXPECT_THROW(envs.reset({}, {{"reset_mask", Array::of({true, false})}}), InvalidArgument);
}

TEST(VectorNormalizeReward, SkipsStepsThatReset) {
  // γ = 1/2, rewards 1. Environment 0 ends with its second step, and the third only resets it: the returns heard are
  // {1, 1}, {1, 3/2} (a termination starts again with its reward), {7/4}, {3/2, 15/8}
  vector::NormalizeReward envs(two_counters(2, 9), 0.5, 1e-300);
  envs.reset(0);
  RunningMeanStd by_hand;
  for (const std::vector<float>& heard : {std::vector<float>{1, 1}, std::vector<float>{1, 1.5f},
                                          std::vector<float>{1.75f}, std::vector<float>{1.5f, 1.875f}}) {
    const VectorStep& last = step(envs);
    by_hand.update(std::span<const float>(heard));
    EXPECT_EQ(envs.statistics(), by_hand);
    EXPECT_EQ(last.rewards[1], 1 / std::sqrt(by_hand.variance().get(0)));
  }
  EXPECT_EQ(envs.discounted_returns()[0], 1.5f);
}

TEST(VectorRecordEpisodeStatistics, CountsEveryStepOnceInEveryMode) {
  for (const AutoresetMode mode : {AutoresetMode::kNextStep, AutoresetMode::kSameStep, AutoresetMode::kDisabled}) {
    SCOPED_TRACE(name_of(mode));
    double now = 0;
    vector::RecordEpisodeStatistics envs(two_counters(2, 3, mode), 5, "episode", [&] { return now; });
    envs.reset(0);
    for (int t = 0; t < 12; ++t) {
      if (mode == AutoresetMode::kDisabled) {
        const VectorStep& last = envs.last();
        const Array ended = Array::of({last.terminated[0] != 0, last.terminated[1] != 0});
        if (ended.get(0) + ended.get(1) > 0) envs.reset({}, {{"reset_mask", ended}});
      }
      now += 1;
      step(envs);
    }
    for (const auto length : envs.length_queue()) EXPECT_TRUE(length == 2 || length == 3);
    for (std::size_t i = 0; i < envs.length_queue().size(); ++i) {
      EXPECT_EQ(envs.return_queue()[i], static_cast<double>(envs.length_queue()[i]));
    }
    EXPECT_EQ(envs.episode_count(), mode == AutoresetMode::kNextStep ? 4 + 3 : 6 + 4);
    EXPECT_EQ(envs.length_queue().size(), 5u);
  }
}

TEST(VectorRecordEpisodeStatistics, AddsInfoWithItsMask) {
  double now = 0;
  vector::RecordEpisodeStatistics envs(two_counters(1, 2), 5, "episode", [&] { return now; });
  envs.reset(0);
  now = 0.25;
  const Dict info = step(envs).info;
  EXPECT_EQ(info.at("_episode"), Value(Array::of({true, false})));
  EXPECT_EQ(
      info.at("episode"),
      Value(Dict{{"r", Array::of({1.0, 0.0})}, {"l", Array::of<std::int64_t>({1, 0})}, {"t", Array::of({0.25, 0.0})}}));
  vector::RecordEpisodeStatistics twice(std::make_unique<vector::RecordEpisodeStatistics>(two_counters(1, 2)), 5,
                                        "episode");
  twice.reset(0);
  EXPECT_THROW(step(twice), InvalidArgument);
  EXPECT_THROW(vector::RecordEpisodeStatistics(two_counters(1, 2), 0), InvalidArgument);
}

TEST(DictInfoToList, SplitsInfoByEnvironment) {
  const Dict info{{"k", Array::of({0.0, 0.0, 0.5})},
                  {"_k", Array::of({false, false, true})},
                  {"all", Array::of<std::int64_t>({1, 2, 3})},
                  {"row", Array::of({1.f, 2.f, 3.f, 4.f, 5.f, 6.f}).reshaped({3, 2})},
                  {"inner", Dict{{"x", Array::of({true, false, true})}, {"_x", Array::of({true, true, false})}}},
                  {"_inner", Array::of({true, true, false})},
                  {"words", List{"a", "b", Value()}}};
  EXPECT_EQ(vector::info_to_list(info, 3),
            (List{Dict{{"all", 1}, {"row", floats({1, 2})}, {"inner", Dict{{"x", true}}}, {"words", "a"}},
                  Dict{{"all", 2}, {"row", floats({3, 4})}, {"inner", Dict{{"x", false}}}, {"words", "b"}},
                  Dict{{"k", 0.5}, {"all", 3}, {"row", floats({5, 6})}, {"words", Value()}}}));

  vector::DictInfoToList envs(
      std::make_unique<vector::RecordEpisodeStatistics>(two_counters(1, 2), 5, "episode", [] { return 0.0; }));
  envs.reset(0);
  EXPECT_EQ(envs.infos(), (List{Dict(), Dict()}));
  step(envs);
  EXPECT_EQ(envs.infos(), (List{Dict{{"episode", Dict{{"r", 1.0}, {"l", 1}, {"t", 0.0}}}}, Dict()}));
}

// 2 x 4 pixels, all of the number that the scripted environment's scene tells.
Array paint(const Scene& scene) {
  Array pixels(DType::kUInt8, Shape{2, 4, 3});
  std::ranges::fill(pixels.data<std::uint8_t>(), static_cast<std::uint8_t>(10 + std::stoi(scene.text.substr(6))));
  return pixels;
}

struct VideoWriter final : VideoSink {
  explicit VideoWriter(std::vector<Array>& all) : images(all) {}
  void add(const Array& pixels) override { images.push_back(pixels); }
  void finish() override {}
  std::vector<Array>& images;
};

TEST(VectorRecordVideo, TilesAllEnvironmentsIntoOneVideo) {
  std::vector<Array> images;
  std::vector<std::string> files;
  const VideoOpener open = [&](const std::filesystem::path& file, double) -> std::unique_ptr<VideoSink> {
    files.push_back(file.filename().string());
    return std::make_unique<VideoWriter>(images);
  };
  VideoOptions video{.folder = std::filesystem::temp_directory_path() / "ludus_vector_videos_of_a_test"};
  video.episode_trigger = [](std::int64_t) { return true; };
  vector::RecordVideo envs(two_counters(1, 9), paint, open, {.video = video});
  envs.reset(0);
  step(envs);  // environment 0 ends
  step(envs);  // and starts again
  envs.close();
  EXPECT_EQ(files, (std::vector<std::string>{"rl-video-episode-0.mp4", "rl-video-episode-1.mp4"}));
  ASSERT_EQ(images.size(), 3u);
  EXPECT_EQ(images[1].shape(), (Shape{2, 8, 3}));  // of 1 x 2 and no other grid
  EXPECT_EQ(images[2].get(0), 10);                 // environment 0 at its beginning,
  EXPECT_EQ(images[2].get(12), 12);                // environment 1 after two steps

  vector::RecordVideo first(two_counters(9, 9), paint, open, {.video = video, .record_first_only = true});
  first.reset(0);
  EXPECT_EQ(images.back().shape(), (Shape{2, 4, 3}));
  std::filesystem::remove_all(video.folder);
  EXPECT_THROW(vector::RecordVideo(two_counters(9, 9), paint, open, {.video = video, .aspect_ratio = {0, 1}}),
               InvalidArgument);
}

TEST(VectorEnv, EveryFormOfCartPoleDrawsTheSameScene) {
  std::vector<std::size_t> items;
  for (const auto mode : {VectorizationMode::kSync, VectorizationMode::kSimulator, VectorizationMode::kVectorEntry}) {
    const VectorEnvPtr envs = make_vec("CartPole-v1", 2, {.mode = mode});
    EXPECT_THROW(envs->render(0), ResetNeeded);
    envs->reset(1);
    items.push_back(envs->render(1).items.size());
    EXPECT_EQ(envs->frames_per_second(), 50);
    EXPECT_ANY_THROW(envs->render(2));
  }
  EXPECT_EQ(items, std::vector<std::size_t>(3, items[0]));
}

TEST(VectorRecordVideo, ChoosesTheGridNearestToTheAspectRatio) {
  // six images of 2 x 4 (height x width): 1 x 6 is 12 to 1, 2 x 3 is 3 to 1
  EXPECT_EQ(vector::grid_columns(6, 2, 4, 1), 3u);
  EXPECT_EQ(vector::grid_columns(6, 2, 4, 12), 6u);
  EXPECT_EQ(vector::grid_columns(5, 2, 4, 1), 5u);  // a prime fills no other grid
}

TEST(VectorHumanRendering, TilesAllEnvironmentsIntoOneFrame) {
  std::vector<Array> shown;
  vector::HumanRendering envs(two_counters(9, 9), paint, [&](const Array& pixels, double) { shown.push_back(pixels); });
  envs.reset(0);
  step(envs);
  ASSERT_EQ(shown.size(), 2u);
  // both in the room of one, 2 x 4: two columns and rows of half size, the rest black
  const Array& image = shown[1];
  EXPECT_EQ(image.shape(), (Shape{2, 4, 3}));
  for (std::size_t x = 0; x < 4; ++x) {
    EXPECT_EQ(image.get(3 * x), 11);
    EXPECT_EQ(image.get(12 + 3 * x), 0);
  }
  EXPECT_THROW(vector::HumanRendering(two_counters(9, 9), paint, {}), InvalidArgument);
  EXPECT_THROW(vector::HumanRendering(
                   two_counters(9, 9), paint, [](const Array&, double) {}, std::array<std::int64_t, 2>{0, 5}),
               InvalidArgument);
}

}  // namespace
}  // namespace ludus::envs
