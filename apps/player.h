/// @file
/// Runs the episodes of one environment one after another, with the status that a viewer shows.
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
    std::int64_t episode = 0;  ///< counted from 1
    std::uint64_t seed = 0;
    std::int64_t steps = 0;
    double episode_return = 0;  ///< sum of rewards, undiscounted
  };

  /// Starts the first episode. Throws NotSupported if the environment cannot be drawn.
  Player(envs::EnvPtr env, std::uint64_t seed);

  /// Starts episode number `episode`, counted from 1, with seed + episode - 1.
  void begin(std::int64_t episode);

  void step(agents::Policy& policy);   ///< with the deterministic action
  void step_by(const Value& action);   ///< throws InvalidAction
  bool over() const { return over_; }  ///< terminated or truncated
  envs::Scene scene() const { return env_->render(); }
  const render::EpisodeStatus& facts() const { return facts_; }
  const std::vector<Result>& results() const { return results_; }  ///< of the finished episodes
  envs::Env& env() { return *env_; }

 private:
  envs::EnvPtr env_;
  std::uint64_t seed_;
  bool over_ = false;
  render::EpisodeStatus facts_;
  std::vector<Result> results_;
  envs::Step step_;                 // the last one; at the start of an episode its info is that of the reset
  std::vector<double> row_;         // the observation as numbers
  std::vector<float> observation_;  // the same, as policies take it
  envs::ActionBatch actions_;
};

/// Returns a table of the episodes and their mean return.
std::string results_text(const std::vector<Player::Result>& results);

}  // namespace ludus::apps
