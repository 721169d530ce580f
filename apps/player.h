// Episodes of one environment played one after another, with everything known that a viewer wants to see.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agents/core/policy.h"
#include "envs/core/env.h"
#include "render/viewer.h"

namespace ludus::apps {

class Player {
 public:
  struct Result {
    std::int64_t episode = 0;  // counted from 1
    std::uint64_t seed = 0;
    std::int64_t steps = 0;
    double episode_return = 0;  // sum of rewards, undiscounted
  };

  // Begins the first episode. Throws NotSupported if the environment cannot be drawn.
  Player(envs::EnvPtr env, std::uint64_t seed);

  // The episode of that number, from 1 on, from its beginning: by seed + number - 1.
  void begin(std::int64_t episode);

  void step(agents::Policy& policy);   // by the best action that the policy knows
  void step_by(const Value& action);   // throws InvalidAction
  bool over() const { return over_; }  // the episode has terminated or was truncated
  envs::Scene scene() const { return env_->render(); }
  const render::EpisodeStatus& facts() const { return facts_; }
  const std::vector<Result>& results() const { return results_; }  // of the episodes that came to their end
  envs::Env& env() { return *env_; }

 private:
  envs::EnvPtr env_;
  std::uint64_t seed_;
  bool over_ = false;
  render::EpisodeStatus facts_;
  std::vector<Result> results_;
  envs::Step step_;           // the last one; at an episode's beginning its info is the reset's
  std::vector<double> row_;         // the observation as numbers
  std::vector<float> observation_;  // the same as policies take them
  agents::Actions actions_;
};

// What the episodes came to, as a table.
std::string results_text(const std::vector<Player::Result>& results);

}  // namespace ludus::apps
