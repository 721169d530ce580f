// Policies: the inference interface of an agent.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/value.h"
#include "envs/core/spec.h"
#include "envs/spaces/space.h"
#include "envs/vector/vector_env.h"

namespace ludus::agents {

/// A batch of actions in the form that VectorEnv::step takes: integers for Discrete, MultiDiscrete and MultiBinary
/// spaces, floats for Box. One of the two is empty.
struct Actions {
  std::vector<std::int64_t> integers;  // (n x action_size), row-major
  std::vector<float> reals;            // (n x action_size), row-major
};

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

/// Identifies the environment and the episode start of a row of predict().
struct EpisodeRow {
  std::size_t env = 0;  // environment index
  bool begins = false;  // true for the first observation of an episode
};

class Policy {
 public:
  virtual ~Policy() = default;

  /// Called before every predict() of an evaluation or of play: row k of the observations belongs to rows[k]. Only
  /// stateful policies need it.
  virtual void follow(std::span<const EpisodeRow>) {}

  /// Computes actions for n observations, rows of (n x observation_size). If `deterministic`, the best known action;
  /// otherwise the policy may sample or explore. As predict() in Stable-Baselines3.
  virtual void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) = 0;

  /// Returns whether the policy needs the masks of allowed actions (info["action_mask"], see action_masks.h).
  virtual bool wants_action_masks() const { return false; }
  /// As predict(), restricted to the allowed actions: `masks` is (n x action_mask_size) of 0 and 1. Only called with
  /// masks if wants_action_masks(); otherwise `masks` is empty.
  virtual void predict_masked(std::span<const float> observations, std::size_t n, std::span<const std::uint8_t>,
                              bool deterministic, Actions& out) {
    predict(observations, n, deterministic, out);
  }

  /// Seeds the policy's random generator, if it has one, so that an evaluation is repeatable.
  virtual void seed(std::uint64_t) {}
};

/// Steps the environments with whichever of the two arrays of actions is in use.
const envs::VectorStep& step(envs::VectorEnv& envs, const Actions& actions);

}  // namespace ludus::agents
