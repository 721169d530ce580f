// Policies that nobody trains: random actions, hand-written rules for CartPole, controllers for landers and walkers
// (agents/rules/heuristic.h).
//
// They are the yardsticks of a comparison: what chance earns, and what a line of thought earns.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agents/core/agent.h"
#include "base/fields.h"

namespace ludus::agents {

// No built-in policy of that name; the message suggests the closest.
class UnknownPolicy : public InputError {
 public:
  using InputError::InputError;
};

struct BuiltinPolicy {
  std::string name;                       // "lean"
  std::string summary;                    // one sentence
  std::vector<std::string> environments;  // names without version that it fits; empty: every one
};

// Sorted by name.
const std::vector<BuiltinPolicy>& builtin_policies();

// Throws UnknownPolicy, and NotApplicable if the policy does not fit the environment.
std::unique_ptr<Policy> make_builtin(std::string_view name, const EnvSignature& facts);

// Actions drawn from the action space alone, as Space::sample draws them.
class RandomPolicy : public Policy {
 public:
  // Throws NotApplicable for a space whose actions are no rows of numbers (Dict, Tuple, Text, …).
  RandomPolicy(const EnvSignature& facts, std::uint64_t seed);

  // Draws whether `deterministic` or not: there is no best known action.
  void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) override;
  void seed(std::uint64_t seed) override;

  // n draws.
  void draw(std::size_t n, Actions& out);

  const Generator& generator() const { return *space_->seeded_generator(); }
  Generator& generator() { return space_->generator(); }

 private:
  std::unique_ptr<envs::Space> space_;
  bool reals_;
  std::size_t action_size_;
  std::vector<double> row_;
};

// Pushes the cart toward the side to which the pole leans: right if θ ≥ 0, else left.
class LeanPolicy : public Policy {
 public:
  // Throws NotApplicable unless the environment is CartPole.
  explicit LeanPolicy(const EnvSignature& facts);
  void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) override;
};

// Pushes toward the side to which the pole is falling: right if θ + θ̇/λ ≥ 0, else left.
//
// Proportional-derivative control, reduced to its sign because CartPole knows only full pushes, with the ratio of the
// two gains that the pole itself suggests. Near upright, and with no push, its equation of motion is θ̈ = λ² θ with
//   λ² = g / (l (4/3 - m_p / M))        (Barto, Sutton and Anderson 1983, appendix, linearised)
// for half-length l, pole mass m_p and total mass M. Its solutions are c₊ e^{λt} + c₋ e^{-λt}: the second part dies out
// by itself, and the first, c₊ = (θ + θ̇/λ) / 2, is all that must be fought. λ = 3.97 / s, 1/λ = 0.252 s.
class BalancePolicy : public Policy {
 public:
  // Throws NotApplicable unless the environment is CartPole.
  explicit BalancePolicy(const EnvSignature& facts);
  void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) override;
};

// The random policy as an algorithm that learns nothing: `train random` records what chance earns.
class RandomAgent : public Agent {
 public:
  struct Config {
    template <class Self, class Visit>
    static void fields(Self&, Visit&&) {}
  };

  RandomAgent(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  std::string_view algorithm() const override { return "random"; }
  Dict config() const override { return {}; }

  void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) override;
  void seed(std::uint64_t seed) override;

  void act(std::span<const float> observations, Actions& out) override;
  void observe(const Experience&) override {}
  void update() override {}

  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("generator", self.training_.generator());
    visit("eval_generator", self.predicting_.generator());
  }

 private:
  std::size_t observation_size_;
  RandomPolicy training_;  // what act() draws from: an evaluation in between does not disturb it
  RandomPolicy predicting_;
};

}  // namespace ludus::agents
