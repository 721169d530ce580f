// The hand-written controllers of the Box2D environments as policies. Their arithmetic is in envs/box2d/controllers.h.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

#include "agents/core/policy.h"
#include "envs/box2d/controllers.h"

namespace ludus::agents {

// The controller for that environment: a lander's or a walker's. Throws NotApplicable for any other environment.
std::unique_ptr<Policy> make_heuristic(const EnvSignature& facts);

class LanderHeuristic : public Policy {
 public:
  explicit LanderHeuristic(const EnvSignature& facts);
  void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) override;

 private:
  bool continuous_;
};

// Remembers the phase of every walker's gait.
class WalkerHeuristic : public Policy {
 public:
  void follow(std::span<const EpisodeRow> rows) override;
  // Throws InvalidArgument if follow() has not named the episodes of these n rows.
  void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) override;

 private:
  std::map<std::size_t, envs::WalkerGait> gaits_;  // by environment
  std::vector<std::size_t> lanes_;                 // of the rows to come
};

}  // namespace ludus::agents
