// What a replay memory takes, and what it gives.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ludus::replay {

// One thing to learn from: in state s the action a led, after k ≥ 1 steps, to s' and to rewards worth R together.
struct Transition {
  std::span<const float> observation;       // (observation_size): s
  std::span<const float> action;            // (action_size): a; whole numbers for discrete actions
  float reward = 0;                         // R = Σ_{i<k} γ^i r_i
  std::span<const float> next_observation;  // (observation_size): s'; of an ended episode, its own last
  bool terminated = false;                  // nothing follows s'. An episode that was cut goes on as far as values go
  float discount = 1;                       // γ^k: what the value of s' counts for
};

// Numbers in the parts of a transition.
struct TransitionSizes {
  std::size_t observation = 0;
  std::size_t action = 0;
};

// Transitions as arrays, one row each.
struct Batch {
  std::size_t size = 0;                  // n
  std::vector<float> observations;       // (n x observation_size)
  std::vector<float> actions;            // (n x action_size); whole numbers for discrete actions
  std::vector<float> rewards;            // (n)
  std::vector<float> next_observations;  // (n x observation_size)
  std::vector<float> terminated;         // (n) of 0 and 1: nothing follows. A truncated transition has 0 here
  std::vector<float> discounts;          // (n): γ^k, what the value of next_observations counts for, k steps later
  std::vector<float> weights;            // (n): importance-sampling weights, at most 1; all 1 of a uniform memory
  std::vector<std::size_t> slots;        // (n): where each lies; what Replay::update_priorities takes
};

}  // namespace ludus::replay
