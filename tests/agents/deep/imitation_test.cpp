#include "agents/deep/imitation.h"

#include <gtest/gtest.h>

#include "nn/core/threads.h"
#include "tests/agents/support/resume.h"
#include "tests/agents/support/small_envs.h"

namespace ludus::agents {
namespace {

using testing::Driver;
using testing::make_envs;
using testing::mean_return;

class ImitationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::register_small_envs();
    nn::use_single_thread();
  }
};

// The only weight of the linear policy determines the return: if positive, every sign is right and the episode returns
// 10; if negative, every one is wrong. So the kept episodes are those with a positive weight, and imitating them is
// always right except for numbers close to 0.
TEST_F(ImitationTest, KeepsTheGoodEpisodesAndActsAsTheyDid) {
  Generator generator(5);
  std::int64_t positive = 0;
  for (int i = 0; i < 40; ++i) positive += generator.uniform(-1, 1) > 0 ? 1 : 0;

  const auto envs = make_envs("AgentsTest/Signs-v0", 1);
  Imitation agent({.episodes = 40, .score_threshold = 9, .epochs = 60, .batch_size = 16, .learning_rate = 0.01},
                  EnvSignature::of(*envs), 5, "cpu");
  Driver driver(*envs, agent, 0);
  driver.run(400);
  EXPECT_EQ(agent.played(), 40);
  EXPECT_EQ(agent.kept(), positive);
  EXPECT_EQ(agent.samples(), 10 * positive);
  EXPECT_FALSE(agent.finished());
  driver.run(1000);
  EXPECT_TRUE(agent.finished());
  EXPECT_EQ(driver.steps(), 400 + 59);  // the first epoch follows the last episode at once
  EXPECT_GE(mean_return(agent, "AgentsTest/Signs-v0", 100, 50), 9.7);
  EXPECT_LT(agent.metrics().at("train/loss"), 0.2);  // ln 2 = 0.69 before it has learnt
}

// finish() trains on the episodes so far, as when the steps run out before the episodes do.
TEST_F(ImitationTest, FinishTrainsOnWhatThereIs) {
  const auto envs = make_envs("AgentsTest/Signs-v0", 2);
  Imitation agent({.episodes = 1000, .score_threshold = 9, .epochs = 40, .batch_size = 16, .learning_rate = 0.01},
                  EnvSignature::of(*envs), 5, "cpu");
  Driver driver(*envs, agent, 0);
  driver.run(400);
  EXPECT_EQ(agent.played(), 40);
  agent.finish();
  EXPECT_TRUE(agent.finished());
  EXPECT_GE(mean_return(agent, "AgentsTest/Signs-v0", 100, 50), 9.5);
}

// Measured with these settings over seeds 100 to 119: mean 137, lowest 115; random actions earn 22.
TEST_F(ImitationTest, EarnsOver100OnCartPole) {
  const auto envs = make_envs("CartPole-v0", 4);
  Imitation agent({}, EnvSignature::of(*envs), 0, "cpu");
  Driver driver(*envs, agent, 17);
  driver.run(200000);
  EXPECT_TRUE(agent.finished());
  EXPECT_GT(mean_return(agent, "CartPole-v0", 100, 1000000), 100);
}

TEST_F(ImitationTest, SaysSoIfNoEpisodeWentWell) {
  const auto envs = make_envs("CartPole-v0", 1);
  Imitation agent({.episodes = 3, .score_threshold = 190, .behaviour = "random"}, EnvSignature::of(*envs), 0, "cpu");
  Driver driver(*envs, agent, 0);
  EXPECT_THROW(driver.run(5000), NothingToImitate);
  EXPECT_EQ(agent.played(), 3);
  EXPECT_THROW(agent.finish(), NothingToImitate);
}

TEST_F(ImitationTest, ResumesExactlyWhileItPlaysAndWhileItLearns) {
  for (const std::string behaviour : {"linear", "random"}) {
    const auto make = [&](const EnvSignature& facts) -> AgentPtr {
      return std::make_unique<Imitation>(
          Imitation::Config{
              .episodes = 60, .score_threshold = 20, .behaviour = behaviour, .network = {.hidden = {8}}, .epochs = 40},
          facts, 1, "cpu");
    };
    testing::expect_exact_resume(make, "CartPole-v0", 1, 301, 300);    // within the episodes
    testing::expect_exact_resume(make, "CartPole-v0", 3, 300, 30000);  // from there to the end
  }
  const auto make = [&](const EnvSignature& facts) -> AgentPtr {
    return std::make_unique<Imitation>(Imitation::Config{.episodes = 20, .score_threshold = 5, .epochs = 40}, facts, 1,
                                       "cpu");
  };
  testing::expect_exact_resume(make, "AgentsTest/Signs-v0", 1, 210, 20);  // within the epochs
}

TEST_F(ImitationTest, TheShippedPolicyActsAlike) {
  const auto make = [](const EnvSignature& facts) -> AgentPtr {
    return std::make_unique<Imitation>(Imitation::Config{.episodes = 50, .score_threshold = 50, .epochs = 2}, facts, 1,
                                       "cpu");
  };
  const auto envs = make_envs("CartPole-v0", 2);
  const AgentPtr agent = make(EnvSignature::of(*envs));
  Driver driver(*envs, *agent, 0);
  driver.run(100000);
  testing::expect_policy_alone_acts_alike(make, *agent, "CartPole-v0");
}

TEST_F(ImitationTest, RefusesSettingsOutOfRangeOtherSpacesAndForeignCheckpoints) {
  const EnvSignature facts = EnvSignature::of(*make_envs("CartPole-v0", 1));
  EXPECT_THROW(Imitation({.episodes = 0}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Imitation({.behaviour = "human"}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Imitation({.network = {.hidden = {0}}}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Imitation({.epochs = 0}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Imitation({.batch_size = 0}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Imitation({.learning_rate = 0}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Imitation({}, facts, 0, "abacus"), InvalidArgument);
  EXPECT_THROW(Imitation({}, EnvSignature::of(*make_envs("AgentsTest/Target-v0", 1)), 0, "cpu"), NotApplicable);
  EXPECT_THROW(Imitation({}, EnvSignature::of(*make_envs("AgentsTest/Chain-v0", 1)), 0, "cpu"), NotApplicable);

  Checkpoint other;
  Imitation({.network = {.hidden = {8}}}, facts, 0, "cpu").save(other);
  Imitation agent({}, facts, 0, "cpu");
  EXPECT_THROW(agent.load(other), CorruptCheckpoint);
  EXPECT_THROW(agent.load(Checkpoint()), CorruptCheckpoint);
}

}  // namespace
}  // namespace ludus::agents
