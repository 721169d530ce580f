#include "agents/runner/evaluation.h"

#include <gtest/gtest.h>

#include <limits>

#include "agents/rules/rules.h"
#include "envs/registry/registry.h"
#include "runs/training.h"
#include "tests/agents/support/drive.h"
#include "tests/agents/support/small_envs.h"

namespace ludus::agents {
namespace {

using testing::make_envs;

// A chain with infinite rewards.
struct Broken : testing::Chain {
  envs::Transition step(State&, std::int64_t, Generator&) const {
    return {.reward = std::numeric_limits<double>::infinity(), .terminated = true};
  }
};

TEST(Evaluation, RunsTheSameEpisodesOnAnyNumberOfEnvironments) {
  // by hand: episode k from reset(7 + k), pushing toward the lean
  std::vector<double> returns;
  std::vector<std::int64_t> lengths;
  for (int k = 0; k < 12; ++k) {
    const auto env = envs::make("CartPole-v1");
    Value observation = env->reset(7 + k).observation;
    double sum = 0;
    std::int64_t length = 0;
    while (true) {
      const envs::Step step = env->step(observation.as_array().data<float>()[2] >= 0 ? 1 : 0);
      observation = step.observation;
      sum += step.reward;
      ++length;
      if (step.terminated || step.truncated) break;
    }
    returns.push_back(sum);
    lengths.push_back(length);
  }

  for (const std::size_t n : {1u, 3u, 7u, 20u}) {
    const auto envs = make_envs("CartPole-v1", n, envs::AutoresetMode::kDisabled);
    const auto lean = make_builtin("lean", EnvSignature::of(*envs));
    const EpisodeResults episodes = evaluate(*lean, *envs, 12, 7);
    EXPECT_EQ(episodes.returns, returns) << n;
    EXPECT_EQ(episodes.lengths, lengths) << n;
  }
}

// A chain that never ends, or whose observation of step 3 is not a number.
struct Endless : testing::Chain {
  struct Config {
    bool breaks = false;
    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("breaks", self.breaks, "whether an observation is not a number");
    }
  };
  struct State {
    std::int64_t t;
  };
  Config config;
  envs::SpacePtr observation_space() const { return std::make_unique<envs::Box>(0.0, 1.0, Shape{1}); }
  State reset(Generator&, const Dict&) const { return {0}; }
  envs::Transition step(State& state, std::int64_t, Generator&) const {
    ++state.t;
    return {};
  }
  void observe(const State& state, std::span<float> out) const {
    out[0] = config.breaks && state.t == 3 ? std::numeric_limits<float>::quiet_NaN() : 0.5f;
  }
};

std::string error_of_evaluating(const Dict& kwargs, std::size_t n) {
  envs::Registry registry;
  registry.add<Endless>({.id = "Endless-v0"});
  const auto envs = registry.make_vec("Endless-v0", n, {.autoreset = envs::AutoresetMode::kDisabled}, kwargs);
  try {
    evaluate(*make_builtin("random", EnvSignature::of(*envs)), *envs, 5, 0);
  } catch (const WorkError& error) {
    return error.what();
  }
  return "";
}

TEST(Evaluation, AnEpisodeThatCannotEndNamesTheMissingLimit) {
  for (const std::size_t n : {1u, 3u}) {
    const std::string error = error_of_evaluating({}, n);
    EXPECT_NE(error.find("Endless-v0"), std::string::npos) << error;
    EXPECT_NE(error.find("--max-episode-steps"), std::string::npos) << error;
  }
  EXPECT_EQ(error_of_evaluating({{"max_episode_steps", 7}}, 2), "");
}

TEST(Evaluation, AnObservationThatIsNoNumberIsNamed) {
  const std::string error = error_of_evaluating({{"breaks", true}, {"max_episode_steps", 7}}, 2);
  EXPECT_NE(error.find("observations must be finite"), std::string::npos) << error;
  EXPECT_NE(error.find("step 3 of episode"), std::string::npos) << error;
}

TEST(Evaluation, TruncatesAtTheTimeLimit) {
  const auto envs = make_envs("CartPole-v1", 2, envs::AutoresetMode::kDisabled, {{"max_episode_steps", 5}});
  const auto lean = make_builtin("lean", EnvSignature::of(*envs));
  EXPECT_EQ(evaluate(*lean, *envs, 3, 0).returns, (std::vector<double>{5, 5, 5}));
}

TEST(Evaluation, RepeatsWithAStochasticPolicy) {
  const auto envs = make_envs("CartPole-v1", 4, envs::AutoresetMode::kDisabled);
  const auto random = make_builtin("random", EnvSignature::of(*envs));
  const EpisodeResults first = evaluate(*random, *envs, 10, 3);
  EXPECT_EQ(evaluate(*random, *envs, 10, 3).returns, first.returns);
  EXPECT_NE(evaluate(*random, *envs, 10, 4).returns, first.returns);
}

TEST(Evaluation, RejectsInvalidArgumentsAndStopsWhenInterrupted) {
  const auto wrong = make_envs("CartPole-v1", 1, envs::AutoresetMode::kSameStep);
  const auto envs = make_envs("CartPole-v1", 1, envs::AutoresetMode::kDisabled);
  const auto lean = make_builtin("lean", EnvSignature::of(*envs));
  EXPECT_THROW(evaluate(*lean, *wrong, 1, 0), InvalidArgument);
  EXPECT_THROW(evaluate(*lean, *envs, 0, 0), InvalidArgument);
  int calls = 0;
  EXPECT_THROW(evaluate(*lean, *envs, 100, 0, true, [&] { return ++calls > 5; }), runs::Interrupted);
  EXPECT_EQ(calls, 6);
}

// A reward that is not finite would corrupt every statistic.
TEST(Evaluation, RejectsNonFiniteRewards) {
  envs::register_env<Broken>({.id = "EvaluationBroken-v0"});
  const auto envs = make_envs("EvaluationBroken-v0", 2, envs::AutoresetMode::kDisabled);
  const auto random = make_builtin("random", EnvSignature::of(*envs));
  EXPECT_THROW(evaluate(*random, *envs, 3, 0), WorkError);
}

}  // namespace
}  // namespace ludus::agents
