// Policies: the inference interface of an agent.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/value.h"
#include "envs/core/batches.h"
#include "envs/core/spec.h"
#include "envs/spaces/space.h"
#include "envs/vector/vector_env.h"

namespace ludus::nn {
struct ExportedPolicy;
}

namespace ludus::agents {

/// The environment's properties that an agent or a policy is constructed from.
struct EnvSignature {
  envs::EnvSpec spec;
  std::shared_ptr<const envs::Space> observation_space;
  std::shared_ptr<const envs::Space> action_space;
  std::size_t observation_size = 0;  // numbers per observation
  std::size_t action_size = 0;       // numbers per action
  std::size_t num_envs = 1;          // parallel environments during training

  static EnvSignature of(envs::VectorEnv& envs);
  /// Returns the action space as Discrete; throws NotApplicable, naming `algorithm`, if it is another space.
  const envs::Discrete& discrete_actions(std::string_view algorithm) const;
};

/// Thrown if an algorithm or a policy does not support the environment, for example its action space.
class NotApplicable : public InputError {
 public:
  using InputError::InputError;
};

class Policy {
 public:
  virtual ~Policy() = default;

  /// Computes the actions for a batch of observations. If `deterministic`, the best known action; otherwise the policy
  /// may sample or explore. As predict() in Stable-Baselines3. Several threads may call it at once, but not while the
  /// policy is trained, loaded or seeded; a stochastic policy then draws its numbers in the order of the calls.
  virtual void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) = 0;

  /// Returns whether the policy uses the masks of a batch, the allowed actions (info["action_mask"], see
  /// action_masks.h). Other policies are called without masks.
  virtual bool wants_action_masks() const { return false; }

  /// Returns the policy as data, with the actions of predict(…, deterministic = true), for writers of other formats
  /// (nn/model/exported_policy.h). Throws NotApplicable for a policy that is neither a network nor a table.
  virtual nn::ExportedPolicy export_policy() const;

  /// Seeds the policy's random generator, if it has one, so that an evaluation is repeatable.
  virtual void seed(std::uint64_t) {}
};

}  // namespace ludus::agents
