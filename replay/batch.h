// Transitions stored in and sampled from a replay buffer.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ludus::replay {

/// A transition: in state s, action a led after k ≥ 1 steps to s', with the discounted reward R.
struct Transition {
  std::span<const float> observation;       // (observation_size): s
  std::span<const float> action;            // (action_size): a; whole numbers for discrete actions
  float reward = 0;                         // R = Σ_{i<k} γ^i r_i
  std::span<const float> next_observation;  // (observation_size): s'; at the end of an episode its last observation
  bool terminated = false;                  // s' is terminal. False for truncated episodes, which still bootstrap
  float discount = 1;                       // γ^k: factor of the value of s'
};

/// Number of elements in the parts of a transition.
struct TransitionSizes {
  std::size_t observation = 0;
  std::size_t action = 0;
};

/// Transitions as arrays, one row each.
struct Batch {
  std::size_t size = 0;                  // n
  std::vector<float> observations;       // (n x observation_size)
  std::vector<float> actions;            // (n x action_size); whole numbers for discrete actions
  std::vector<float> rewards;            // (n)
  std::vector<float> next_observations;  // (n x observation_size)
  std::vector<float> terminated;         // (n) of 0 and 1: next_observations is terminal. 0 for truncated transitions
  std::vector<float> discounts;          // (n): γ^k, factor of the value of next_observations
  std::vector<float> weights;            // (n): importance-sampling weights, at most 1; all 1 if sampled uniformly
  std::vector<std::size_t> slots;        // (n): slot of each transition, for update_priorities()
};

}  // namespace ludus::replay
