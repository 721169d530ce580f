#include "agents/runner/trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/checkpoint.h"
#include "envs/registry/registry.h"
#include "tests/agents/support/drive.h"
#include "tests/support/scratch.h"

namespace ludus::agents {
namespace {

using Kind = runs::StopReason::Kind;

// Records its experience; always pushes right.
class Witness final : public Agent {
 public:
  struct Row {
    std::vector<float> observations, next_observations;
    std::vector<std::uint8_t> terminated, truncated;
  };
  std::vector<Row> rows;
  int updates = 0, finished_calls = 0;
  std::int64_t finish_after = -1;

  std::string_view algorithm() const override { return "witness"; }
  Dict config() const override { return {}; }
  void act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) override { predict(batch, true, actions); }
  void observe(const Experience& experience) override {
    rows.push_back({{experience.observations.begin(), experience.observations.end()},
                    {experience.next_observations.begin(), experience.next_observations.end()},
                    {experience.terminated.begin(), experience.terminated.end()},
                    {experience.truncated.begin(), experience.truncated.end()}});
  }
  void update() override { ++updates; }
  void finish() override { ++finished_calls; }
  bool finished() const override { return finish_after >= 0 && static_cast<std::int64_t>(rows.size()) >= finish_after; }
  void predict(const envs::ObservationBatch& batch, bool, envs::ActionBatch& actions) override {
    actions.continuous.clear();
    actions.discrete.assign(batch.size, 1);
  }
  void write_state(StateWriter&) const override {}
  void read_state(StateReader&) override {}
};

TEST(Trainer, NextObservationOfAFinishedEpisodeIsItsFinalOne) {
  const auto envs = testing::make_envs("CartPole-v1", 2, envs::AutoresetMode::kSameStep, {{"max_episode_steps", 3}});
  Witness agent;
  Trainer trainer(agent, *envs);
  EXPECT_EQ(trainer.learn(8, 4).kind, Kind::kCompleted);
  ASSERT_EQ(agent.rows.size(), 4u);
  EXPECT_EQ(agent.updates, 4);
  EXPECT_EQ(agent.finished_calls, 1);

  // the same three pushes by hand
  const auto env = envs::make("CartPole-v1");
  Value last = env->reset(4).observation;
  for (int t = 0; t < 3; ++t) {
    const auto before = last.as_array().data<float>();
    const std::vector<float> expected_before(before.begin(), before.end());
    last = env->step(1).observation;
    const auto after = last.as_array().data<float>();
    EXPECT_EQ(std::vector<float>(agent.rows[static_cast<std::size_t>(t)].observations.begin(),
                                 agent.rows[static_cast<std::size_t>(t)].observations.begin() + 4),
              expected_before);
    EXPECT_EQ(std::vector<float>(agent.rows[static_cast<std::size_t>(t)].next_observations.begin(),
                                 agent.rows[static_cast<std::size_t>(t)].next_observations.begin() + 4),
              std::vector<float>(after.begin(), after.end()));
  }

  // truncated, not terminated: the flags stay separate, and the next episode starts from another state
  EXPECT_EQ(agent.rows[2].truncated, (std::vector<std::uint8_t>{1, 1}));
  EXPECT_EQ(agent.rows[2].terminated, (std::vector<std::uint8_t>{0, 0}));
  EXPECT_NE(agent.rows[3].observations, agent.rows[2].next_observations);
  EXPECT_EQ(trainer.episodes(), 2);
  EXPECT_EQ(trainer.recent_return(), 3.0);
  EXPECT_EQ(trainer.recent_length(), 3.0);
}

TEST(Trainer, StopsForTheAgentACallbackOrAnInterruption) {
  struct Stop final : runs::Callback {
    std::string name() const override { return "stop"; }
    void on_step(runs::Training& training) override {
      if (training.progress().step == 5) training.request_stop("five steps are enough");
    }
  };
  const auto run = [](Witness& agent, bool stop, std::function<bool()> interrupted) {
    const auto envs = testing::make_envs("CartPole-v1", 1);
    Trainer trainer(agent, *envs);
    if (stop) trainer.add(std::make_shared<Stop>());
    const runs::StopReason end = trainer.learn(20, 0, interrupted);
    return std::pair(end.kind, trainer.steps());
  };
  Witness a, b, c;
  a.finish_after = 7;
  EXPECT_EQ(run(a, false, {}), std::pair(Kind::kFinished, std::int64_t{7}));
  EXPECT_EQ(run(b, true, {}), std::pair(Kind::kRequested, std::int64_t{5}));
  EXPECT_EQ(run(c, false, [] { return true; }), std::pair(Kind::kInterrupted, std::int64_t{1}));
  EXPECT_EQ(b.finished_calls, 1);
  EXPECT_EQ(c.finished_calls, 0);
}

TEST(Trainer, ACallbackCanStopBeforeTheFirstStep) {
  struct Over final : runs::Callback {
    bool over = false;
    std::string name() const override { return "over"; }
    void on_start(runs::Training& training) override {
      if (over) training.request_stop("over");
    }
  };
  const auto envs = testing::make_envs("CartPole-v1", 1);
  Witness agent;
  Trainer trainer(agent, *envs);
  const auto callback = std::make_shared<Over>();
  trainer.add(callback);
  EXPECT_EQ(trainer.learn(5, 0), runs::StopReason{});
  callback->over = true;
  EXPECT_EQ(trainer.learn(20, 0), (runs::StopReason{Kind::kRequested, "over"}));
  EXPECT_EQ(trainer.steps(), 5);
}

// An environment that breaks its promise after three steps.
struct Broken {
  using Scalar = float;
  struct Config {
    bool in_reward = true;
    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("in_reward", self.in_reward, "whether the reward or the observation is not finite");
    }
  };
  struct State {
    int t;
  };
  Config config;
  envs::SpacePtr observation_space() const { return std::make_unique<envs::Box>(-1.0, 1.0, Shape{4}); }
  envs::SpacePtr action_space() const { return std::make_unique<envs::Discrete>(2); }
  State reset(Generator&, const Dict&) const { return {0}; }
  envs::Transition step(State& state, std::int64_t, Generator&) const {
    ++state.t;
    return {config.in_reward && state.t > 3 ? std::numeric_limits<double>::quiet_NaN() : 1.0, false};
  }
  void observe(const State& state, std::span<float> out) const {
    std::fill(out.begin(), out.end(), !config.in_reward && state.t > 3 ? std::numeric_limits<float>::infinity() : 0.0f);
  }
};

TEST(Trainer, RejectsNonFiniteNumbers) {
  envs::Registry own;
  own.add<Broken>({.id = "Broken-v0"});
  for (const bool in_reward : {true, false}) {
    const auto envs =
        own.make_vec("Broken-v0", 1, {.autoreset = envs::AutoresetMode::kSameStep}, {{"in_reward", in_reward}});
    Witness agent;
    Trainer trainer(agent, *envs);
    try {
      trainer.learn(10, 0);
      FAIL() << in_reward;
    } catch (const WorkError& error) {
      EXPECT_NE(std::string(error.what()).find("Broken-v0"), std::string::npos);
      EXPECT_EQ(trainer.steps(), 3);
    }
  }
}

// An environment whose observation is not a number at the end of an episode, after two steps, or at its beginning.
struct BrokenEnd : Broken {
  struct Config {
    bool at_reset = false;
    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("at_reset", self.at_reset, "whether the first observation is broken, or the last");
    }
  };
  Config config;
  envs::Transition step(State& state, std::int64_t, Generator&) const { return {1.0, ++state.t == 3}; }
  void observe(const State& state, std::span<float> out) const {
    const bool broken = config.at_reset ? state.t == 0 : state.t == 3;
    std::fill(out.begin(), out.end(), broken ? std::numeric_limits<float>::quiet_NaN() : 0.0f);
  }
};

TEST(Trainer, TheFirstAndTheLastObservationOfAnEpisodeAreChecked) {
  envs::Registry registry;
  registry.add<BrokenEnd>({.id = "Broken-v1"});
  for (const bool at_reset : {true, false}) {
    const auto envs =
        registry.make_vec("Broken-v1", 2, {.autoreset = envs::AutoresetMode::kSameStep}, {{"at_reset", at_reset}});
    Witness agent;
    Trainer trainer(agent, *envs);
    try {
      trainer.learn(10, 0);
      FAIL() << at_reset;
    } catch (const WorkError& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find(at_reset ? "first reset" : "step 3"), std::string::npos) << text;
      EXPECT_EQ(agent.rows.size(), at_reset ? 0u : 2u);
    }
  }
}

TEST(Trainer, NeedsTheSameStepMode) {
  const auto envs = testing::make_envs("CartPole-v1", 1, envs::AutoresetMode::kNextStep);
  Witness agent;
  EXPECT_THROW(Trainer(agent, *envs), InvalidArgument);
}

}  // namespace
}  // namespace ludus::agents
