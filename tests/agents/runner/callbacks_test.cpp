#include "agents/runner/callbacks.h"

#include <gtest/gtest.h>

#include "tests/agents/support/drive.h"
#include "tests/support/scratch.h"
#include "tests/agents/support/small_envs.h"

namespace ludus::agents {
namespace {

using testing::make_envs;

// Plays evaluation k by the k-th of its actions; in Target, up to 0.3, the greater action earns more.
class Scripted final : public Agent {
 public:
  explicit Scripted(std::vector<float> actions) : actions_(std::move(actions)) {}
  std::string_view algorithm() const override { return "scripted"; }
  Dict config() const override { return {}; }
  void act(std::span<const float>, Actions& out) override { out = {.integers = {}, .reals = {0}}; }
  void observe(const Experience&) override {}
  void update() override {}
  void predict(std::span<const float>, std::size_t, bool, Actions& out) override {
    out = {.integers = {}, .reals = {actions_.at(evaluations_++)}};
  }
  void save(Checkpoint&) const override {}
  void load(const Checkpoint&) override {}

 private:
  std::vector<float> actions_;
  std::size_t evaluations_ = 0;
};

// How a training of eight evaluations ended, and after how many of them. The 2nd is better than the 1st, the 3rd
// equals it, the 4th is worse, the 5th the best of all, and no other is better than that.
std::pair<TrainingEnd, std::int64_t> end_of_training(const EvaluationCallback::Options& asked) {
  testing::register_small_envs();
  const test_support::Scratch folder;
  Scripted agent({-0.9f, -0.5f, -0.5f, -0.7f, 0.2f, 0.2f, 0.1f, 0.2f});
  const auto envs = make_envs("AgentsTest/Target-v0", 1);
  EvaluationCallback::Options options = asked;
  options.every = 10;
  options.episodes = 1;
  const auto callback = std::make_shared<EvaluationCallback>(
      make_envs("AgentsTest/Target-v0", 1, envs::AutoresetMode::kDisabled), options, folder.path(),
      [](Trainer&, double) {}, [] { return false; });
  Trainer trainer(agent, *envs);
  trainer.add(callback);
  const TrainingEnd end = trainer.learn(80, 0);
  return {end == TrainingEnd::kCallback ? callback->stop().value() : end, trainer.steps() / 10};
}

TEST(EvaluationCallback, StopsWhenTooManyInARowBringNoBetterMean) {
  const auto end = [](std::int64_t most, std::int64_t min_evals) {
    return end_of_training({.max_no_improvement_evals = most, .min_evals = min_evals});
  };
  using enum TrainingEnd;
  EXPECT_EQ(end(0, 0), std::pair(kNoImprovement, std::int64_t{3}));  // an equal mean is no better one
  EXPECT_EQ(end(1, 0), std::pair(kNoImprovement, std::int64_t{4}));
  EXPECT_EQ(end(2, 0), std::pair(kNoImprovement, std::int64_t{8}));  // the 5th began the count anew
  EXPECT_EQ(end(3, 0), std::pair(kSteps, std::int64_t{8}));

  // the first three do not count: of the 3rd and the 4th only the latter, and of the 6th and the 7th both
  EXPECT_EQ(end(0, 3), std::pair(kNoImprovement, std::int64_t{4}));
  EXPECT_EQ(end(1, 3), std::pair(kNoImprovement, std::int64_t{7}));
  EXPECT_EQ(end(1, 6), std::pair(kNoImprovement, std::int64_t{8}));
}

TEST(EvaluationCallback, StopsAtTheReward) {
  // the 2nd earns -0.64, the 5th -0.01
  EXPECT_EQ(end_of_training({.stop_at_reward = -0.65}), std::pair(TrainingEnd::kReward, std::int64_t{2}));
  EXPECT_EQ(end_of_training({.stop_at_reward = -0.011}), std::pair(TrainingEnd::kReward, std::int64_t{5}));
  EXPECT_EQ(end_of_training({.stop_at_reward = 0.0}), std::pair(TrainingEnd::kSteps, std::int64_t{8}));
}

}  // namespace
}  // namespace ludus::agents
