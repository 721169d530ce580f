// The scripted controllers of the Box2D environments as policies. Their arithmetic is in envs/box2d/controllers.h.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

#include "agents/core/policy.h"
#include "envs/box2d/controllers.h"

namespace ludus::agents {

/// Returns the controller for the environment, a lander or a walker. Throws NotApplicable for any other environment.
std::unique_ptr<Policy> make_heuristic(const EnvSignature& facts);

class LanderHeuristic : public Policy {
 public:
  explicit LanderHeuristic(const EnvSignature& facts);
  void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) override;

 private:
  bool continuous_;
};

/// Stateful: stores the gait phase of every walker.
class WalkerHeuristic : public Policy {
 public:
  void follow(std::span<const EpisodeRow> rows) override;
  /// Throws InvalidArgument unless follow() has been called with these n rows.
  void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) override;

 private:
  std::map<std::size_t, envs::WalkerGait> gaits_;  // by environment index
  std::vector<std::size_t> envs_;                  // environment indices of the next rows
};

}  // namespace ludus::agents
