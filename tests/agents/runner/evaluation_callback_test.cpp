#include "agents/runner/evaluation_callback.h"

#include <gtest/gtest.h>

#include <sstream>

#include "agents/runner/trainer.h"
#include "base/file.h"
#include "runs/early_stopping.h"
#include "tests/agents/support/drive.h"
#include "tests/agents/support/small_envs.h"
#include "tests/support/scratch.h"

namespace ludus::agents {
namespace {

using testing::make_envs;

// Evaluation k uses the k-th of its actions; in Target, up to 0.3, the greater action earns more.
class Scripted final : public Agent {
 public:
  explicit Scripted(std::vector<float> actions) : actions_(std::move(actions)) {}
  std::string_view algorithm() const override { return "scripted"; }
  Dict config() const override { return {}; }
  void act(const envs::ObservationBatch&, envs::ActionBatch& actions) override {
    actions = {.discrete = {}, .continuous = {0}};
  }
  void observe(const Experience&) override {}
  void update() override {}
  void predict(const envs::ObservationBatch&, bool, envs::ActionBatch& actions) override {
    actions = {.discrete = {}, .continuous = {actions_.at(evaluations_++)}};
  }
  void write_state(StateWriter&) const override {}
  void read_state(StateReader&) override {}

 private:
  std::vector<float> actions_;
  std::size_t evaluations_ = 0;
};

// The end of a training of eight evaluations, and their number. The 2nd is better than the 1st, the 3rd equals it, the
// 4th is worse, the 5th is the best of all, and no later one is better.
struct End {
  runs::StopReason reason;
  std::int64_t evaluations = 0;
};
End train_with(runs::EarlyStopping::Options stopping) {
  testing::register_small_envs();
  const test_support::Scratch folder;
  Scripted agent({-0.9f, -0.5f, -0.5f, -0.7f, 0.2f, 0.2f, 0.1f, 0.2f});
  const auto envs = make_envs("AgentsTest/Target-v0", 1);
  Trainer trainer(agent, *envs);
  trainer.add(std::make_shared<EvaluationCallback>(
      agent, make_envs("AgentsTest/Target-v0", 1, envs::AutoresetMode::kDisabled),
      EvaluationCallback::Options{.every = 10, .episodes = 1}, folder.path(), [] { return false; }));
  stopping.metric = kEvaluationReturn;
  trainer.add(std::make_shared<runs::EarlyStopping>(stopping));
  const runs::StopReason reason = trainer.learn(80, 0);
  return {reason, trainer.steps() / 10};
}

TEST(EarlyStopping, EndsATrainingWhoseEvaluationsDoNotImprove) {
  const auto end = [](std::int64_t patience, std::int64_t warmup) {
    const End result = train_with({.metric = "", .patience = patience, .warmup = warmup});
    return std::pair(result.reason.kind, result.evaluations);
  };
  using enum runs::StopReason::Kind;
  EXPECT_EQ(end(0, 0), std::pair(kRequested, std::int64_t{3}));  // an equal mean is no better one
  EXPECT_EQ(end(1, 0), std::pair(kRequested, std::int64_t{4}));
  EXPECT_EQ(end(2, 0), std::pair(kRequested, std::int64_t{8}));  // the 5th restarts the count
  EXPECT_EQ(end(3, 0), std::pair(kCompleted, std::int64_t{8}));

  // the first three do not count: of the 3rd and the 4th only the latter, and of the 6th and the 7th both
  EXPECT_EQ(end(0, 3), std::pair(kRequested, std::int64_t{4}));
  EXPECT_EQ(end(1, 3), std::pair(kRequested, std::int64_t{7}));
  EXPECT_EQ(end(1, 6), std::pair(kRequested, std::int64_t{8}));
  EXPECT_EQ(train_with({.metric = "", .patience = 1}).reason.text, "eval/mean_reward did not improve in 2 evaluations");
}

TEST(EarlyStopping, EndsATrainingAtTheReward) {
  // the 2nd earns -0.64, the 5th -0.01
  const End second = train_with({.metric = "", .threshold = -0.65});
  EXPECT_EQ(second.reason, (runs::StopReason{runs::StopReason::Kind::kRequested, "eval/mean_reward ≥ -0.65"}));
  EXPECT_EQ(second.evaluations, 2);
  EXPECT_EQ(train_with({.metric = "", .threshold = -0.011}).evaluations, 5);
  EXPECT_EQ(train_with({.metric = "", .threshold = 0.0}).reason, runs::StopReason{});
}

// A training of 15 steps, evaluated at the 10th and at the end.
TEST(EvaluationCallback, EvaluatesTheFinalPolicyUnlessInterrupted) {
  testing::register_small_envs();
  for (const bool interrupt : {false, true}) {
    const test_support::Scratch folder;
    Scripted agent({-0.9f, -0.5f});
    const auto envs = make_envs("AgentsTest/Target-v0", 1);
    Trainer trainer(agent, *envs);
    const auto interrupted = [&] { return interrupt && trainer.steps() == 15; };
    trainer.add(std::make_shared<EvaluationCallback>(
        agent, make_envs("AgentsTest/Target-v0", 1, envs::AutoresetMode::kDisabled),
        EvaluationCallback::Options{.every = 10, .episodes = 1}, folder.path(), interrupted));
    EXPECT_EQ(trainer.learn(15, 0, interrupted).kind,
              interrupt ? runs::StopReason::Kind::kInterrupted : runs::StopReason::Kind::kCompleted);
    std::istringstream rows(read_text(folder / "evaluations.csv"));
    std::vector<std::string> steps;
    for (std::string row; std::getline(rows, row);) steps.push_back(row.substr(0, row.find(',')));
    EXPECT_EQ(steps,
              interrupt ? (std::vector<std::string>{"steps", "10"}) : (std::vector<std::string>{"steps", "10", "15"}));
    EXPECT_TRUE(std::filesystem::exists(folder / "best.safetensors"));
  }
}

}  // namespace
}  // namespace ludus::agents
