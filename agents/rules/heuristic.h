// The scripted controllers of the Box2D environments as policies. Their arithmetic is in envs/box2d/controllers.h.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "agents/core/policy.h"
#include "envs/box2d/controllers.h"

namespace ludus::agents {

/// Returns the controller for the environment, a lander or a walker. Throws NotApplicable for any other environment.
std::unique_ptr<Policy> make_heuristic(const EnvSignature& facts);

class LanderHeuristic : public Policy {
 public:
  explicit LanderHeuristic(const EnvSignature& facts);
  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) override;

 private:
  bool continuous_;
};

/// Stores the phase of the gait of every environment's walker.
class WalkerHeuristic : public Policy {
 public:
  /// Throws InvalidArgument for a batch without the environments or the starts of episodes of its rows.
  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) override;

 private:
  std::map<std::size_t, envs::WalkerGait> gaits_;  // by environment index
  std::mutex mutex_;                               // guards gaits_
};

}  // namespace ludus::agents
