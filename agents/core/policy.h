// What chooses actions: the part of an agent that is shipped, watched and compared.
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

// A batch of actions in the form VectorEnv::step takes: integers for Discrete, MultiDiscrete and MultiBinary spaces,
// reals for Box. One of the two is empty.
struct Actions {
  std::vector<std::int64_t> integers;  // (n x action_size), row-major
  std::vector<float> reals;            // (n x action_size), row-major
};

// What an agent or a policy must know of the environment it is for.
struct EnvSignature {
  envs::EnvSpec spec;
  std::shared_ptr<const envs::Space> observation_space;
  std::shared_ptr<const envs::Space> action_space;
  std::size_t observation_size = 0;  // numbers in a row
  std::size_t action_size = 0;       // numbers in an action's row
  std::size_t num_envs = 1;          // environments side by side while training

  static EnvSignature of(envs::VectorEnv& envs);
  // The action space as Discrete; throws NotApplicable, naming `algorithm`, if it is another.
  const envs::Discrete& discrete_actions(std::string_view algorithm) const;
};

// An algorithm or a policy that does not fit the environment: another action space, other sizes.
class NotApplicable : public InputError {
 public:
  using InputError::InputError;
};

// Whose observation a row of predict() is.
struct EpisodeRow {
  std::size_t lane = 0;  // the environment it comes from
  bool begins = false;   // it is the first observation of an episode
};

class Policy {
 public:
  virtual ~Policy() = default;

  // Told before every predict() of an evaluation or a play: row k of its observations belongs to rows[k]. Only a policy
  // that remembers something within an episode needs it.
  virtual void follow(std::span<const EpisodeRow>) {}

  // Actions for n observations, rows of (n x observation_size). `deterministic` asks for the best known action;
  // otherwise the policy may explore or draw. As predict() in Stable-Baselines3.
  virtual void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) = 0;

  // Whether the policy wants to be told which actions are allowed (info["action_mask"], see action_masks.h).
  virtual bool wants_action_masks() const { return false; }
  // predict() for who wants them: `masks` is (n x action_mask_size) of 0 and 1, and the actions given are among those
  // that are allowed. Whoever does not want them is called with none.
  virtual void predict_masked(std::span<const float> observations, std::size_t n, std::span<const std::uint8_t>,
                              bool deterministic, Actions& out) {
    predict(observations, n, deterministic, out);
  }

  // Restarts the policy's own randomness, if it has any, so that an evaluation repeats.
  virtual void seed(std::uint64_t) {}
};

// Steps the environments by a batch of actions of whichever kind it holds.
const envs::VectorStep& step(envs::VectorEnv& envs, const Actions& actions);

}  // namespace ludus::agents
