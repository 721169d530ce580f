// Actions as a linear function of the observation, its weights one flat vector: what the searches search over.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "agents/runner/policy.h"

namespace ludus::agents {

// With features f(o), the observation's numbers (of a Discrete observation, its one-hot form) and, if wanted, a
// constant 1 at the end:
//   Discrete of 2 actions:  one row of weights; the second action if w·f ≥ 0, else the first
//   Discrete of n actions:  n rows; the action whose row has the greatest w·f, the first of equals
//   Box:                    a row for every number of the action, clip(w·f, low, high)
// The rows lie one after another in the vector of parameters.
class LinearPolicy {
 public:
  // Throws NotApplicable, naming `algorithm`, for other spaces of observations or actions.
  LinearPolicy(const EnvFacts& facts, bool bias, std::string_view algorithm);

  std::size_t parameter_count() const { return rows_ * features_; }

  // Makes room for n actions, to be filled by choose().
  void resize(std::size_t n, Actions& out) const;
  // Writes row i of `out`, the action under `parameters` (parameter_count) for one `observation` (observation_size).
  void choose(std::span<const double> parameters, std::span<const float> observation, std::size_t i,
              Actions& out) const;

  // All n rows of `observations` (n x observation_size) under one vector of parameters.
  void choose_all(std::span<const double> parameters, std::span<const float> observations, std::size_t n,
                  Actions& out) const;

 private:
  double product(std::span<const double> weights, std::span<const float> observation) const;  // w·f

  std::size_t observation_size_;
  bool bias_;
  bool one_hot_ = false;
  std::int64_t first_observation_ = 0;  // of a Discrete observation space
  std::size_t features_ = 0;
  std::size_t rows_ = 0;
  std::int64_t first_action_ = 0;
  std::vector<float> low_, high_;  // of a Box of actions, else empty
};

}  // namespace ludus::agents
