#include "agents/search/random_search.h"

#include <gtest/gtest.h>

#include "tests/agents/support/resume.h"
#include "tests/agents/support/small_envs.h"

namespace ludus::agents {
namespace {

using testing::Driver;
using testing::make_envs;
using testing::mean_return;

// Consecutive samples are the candidates; the one nearest to the target must be kept, whichever environment ran it.
TEST(RandomSearch, KeepsTheBestOfItsDraws) {
  testing::register_small_envs();
  Generator generator(11);
  double nearest = 9;
  for (int i = 0; i < 100; ++i) {
    const double drawn = generator.uniform(-1, 1);
    if (std::abs(drawn - 0.3) < std::abs(nearest - 0.3)) nearest = drawn;
  }
  for (const std::size_t n : {1u, 3u, 8u}) {
    const auto envs = make_envs("AgentsTest/Target-v0", n);
    RandomSearch agent({}, EnvSignature::of(*envs), 11, "cpu");
    Driver driver(*envs, agent, 0);
    driver.run(1000);
    EXPECT_TRUE(agent.finished());
    EXPECT_EQ(agent.candidates(), 100);
    EXPECT_EQ(agent.parameters(), std::vector<double>{nearest}) << n;
    // the action travels as a float
    EXPECT_EQ(agent.best_return(), testing::Target::reward(static_cast<double>(static_cast<float>(nearest))));
    EXPECT_LE(driver.steps(), 100 + 2 * static_cast<std::int64_t>(n));  // one step an episode
  }
}

// Every action earns the same on a ring, so that all candidates tie for ever.
TEST(RandomSearch, CandidatesThatTiePlayOnAndTheFirstOfEqualsStays) {
  testing::register_small_envs();
  const auto envs = make_envs("AgentsTest/Ring-v0", 1);
  const auto played = [&](std::int64_t episodes, std::int64_t confirm) {
    RandomSearch agent({.episodes = episodes, .confirm_episodes = confirm}, EnvSignature::of(*envs), 2, "cpu");
    Driver driver(*envs, agent, 0);
    driver.run(100000);
    EXPECT_TRUE(agent.finished());
    EXPECT_EQ(agent.best_return(), 3);
    Generator generator(2);
    EXPECT_EQ(agent.parameters()[0], generator.uniform(-1, 1));
    return driver.steps() / 3;
  };
  EXPECT_EQ(played(10, 0), 10);  // to the letter: one episode each
  EXPECT_EQ(played(10, 4), 50);  // and four more each
  EXPECT_EQ(played(1, 4), 1);    // no other candidate to compare with
}

// A candidate that once was lucky gives way to one that always balances.
TEST(RandomSearch, FindsPoliciesThatBalanceInEveryEpisode) {
  for (const std::uint64_t seed : {0u, 1u, 2u}) {
    const auto envs = make_envs("CartPole-v0", 1 + 3 * static_cast<std::size_t>(seed));
    RandomSearch agent({}, EnvSignature::of(*envs), seed, "cpu");
    Driver driver(*envs, agent, 100 + seed);
    driver.run(500000);
    EXPECT_TRUE(agent.finished());
    EXPECT_EQ(mean_return(agent, "CartPole-v0", 100, 1000000), 200) << seed;
  }
}

TEST(RandomSearch, ResumesExactlyInEitherPhase) {
  const auto make = [](const EnvSignature& facts) -> AgentPtr {
    return std::make_unique<RandomSearch>(RandomSearch::Config{}, facts, 1, "cpu");
  };
  testing::expect_exact_resume(make, "CartPole-v0", 1, 700, 600);       // while candidates are drawn
  testing::expect_exact_resume(make, "CartPole-v0", 3, 1502, 1500);     // the same side by side
  testing::expect_exact_resume(make, "CartPole-v0", 3, 20001, 100000);  // while the best play on, and to the end
}

TEST(RandomSearch, TheShippedPolicyActsAlike) {
  const auto make = [](const EnvSignature& facts) -> AgentPtr {
    return std::make_unique<RandomSearch>(RandomSearch::Config{.bias = true}, facts, 1, "cpu");
  };
  const auto envs = make_envs("CartPole-v0", 2);
  const AgentPtr agent = make(EnvSignature::of(*envs));
  Driver driver(*envs, *agent, 0);
  driver.run(3000);
  testing::expect_policy_alone_acts_alike(make, *agent, "CartPole-v0");
}

TEST(RandomSearch, RefusesCheckpointsOfOtherShapesAndStaysAsItWas) {
  const auto envs = make_envs("CartPole-v0", 2);
  const EnvSignature two = EnvSignature::of(*envs), three = EnvSignature::of(*make_envs("CartPole-v0", 3));
  RandomSearch agent({}, two, 1, "cpu");
  Driver driver(*envs, agent, 0);
  driver.run(2000);
  Checkpoint before, after, other_envs, other_bias;
  agent.save(before);
  RandomSearch({}, three, 1, "cpu").save(other_envs);
  RandomSearch({.bias = true}, two, 1, "cpu").save(other_bias);
  EXPECT_THROW(agent.load(other_envs), CorruptCheckpoint);
  EXPECT_THROW(agent.load(other_bias), CorruptCheckpoint);
  EXPECT_THROW(agent.load(Checkpoint()), CorruptCheckpoint);
  agent.save(after);
  testing::expect_equal(before, after);
}

TEST(RandomSearch, RefusesSettingsOutOfRange) {
  const EnvSignature facts = EnvSignature::of(*make_envs("CartPole-v0", 1));
  EXPECT_THROW(RandomSearch({.episodes = 0}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(RandomSearch({.confirm_episodes = -1}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(RandomSearch({.range = 0}, facts, 0, "cpu"), InvalidArgument);
}

TEST(RandomSearch, MetricsAreTheOnesItNames) {
  const auto envs = make_envs("CartPole-v0", 1);
  RandomSearch agent({}, EnvSignature::of(*envs), 0, "cpu");
  EXPECT_FALSE(agent.metrics().contains("train/best_return"));
  Driver driver(*envs, agent, 0);
  driver.run(500);
  std::vector<std::string> names;
  for (const auto& [name, value] : agent.metrics()) names.push_back(name);
  EXPECT_EQ(names, agent.metric_names());
  EXPECT_EQ(agent.metrics()["train/best_return"], agent.best_return());
}

}  // namespace
}  // namespace ludus::agents
