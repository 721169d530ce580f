// Scripted baselines: random actions, hand-written rules for CartPole, controllers for landers and walkers
// (agents/rules/heuristic.h).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "agents/core/agent.h"
#include "base/fields.h"

namespace ludus::agents {

/// Thrown for an unknown name of a built-in policy; the message suggests the closest.
class UnknownPolicy : public InputError {
 public:
  using InputError::InputError;
};

struct BuiltinPolicy {
  std::string name;                       // "lean"
  std::string summary;                    // one sentence
  std::vector<std::string> environments;  // supported environments, without version; empty: all
};

/// Returns all built-in policies, sorted by name.
const std::vector<BuiltinPolicy>& builtin_policies();

/// Creates a built-in policy. Throws UnknownPolicy, and NotApplicable if the policy does not support the environment.
std::unique_ptr<Policy> make_builtin(std::string_view name, const EnvSignature& facts);

/// Random actions, sampled with Space::sample.
class RandomPolicy : public Policy {
 public:
  /// Throws NotApplicable for a space without rows of numbers (Dict, Tuple, Text, …), InvalidArgument for a Box that
  /// holds no float32.
  RandomPolicy(const EnvSignature& facts, std::uint64_t seed);

  /// Samples actions, whatever `deterministic` is: there is no best known action.
  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) override;
  void seed(std::uint64_t seed) override;

  /// Samples n actions.
  void draw(std::size_t n, envs::ActionBatch& out);

  const Generator& generator() const { return *space_->seeded_generator(); }
  Generator& generator() { return space_->generator(); }

 private:
  std::unique_ptr<envs::Space> space_;
  bool reals_;
  std::size_t action_size_;
  std::vector<double> row_;
  std::vector<float> low_, high_;  // bounds of a Box
  std::mutex mutex_;               // guards space_ and row_ in predict()
};

/// Pushes the cart toward the side to which the pole leans: right if θ ≥ 0, else left.
class LeanPolicy : public Policy {
 public:
  /// Throws NotApplicable unless the environment is CartPole.
  explicit LeanPolicy(const EnvSignature& facts);
  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) override;
};

/// Pushes toward the side to which the pole falls: right if θ + θ̇/λ ≥ 0, else left.
///
/// Proportional-derivative control, reduced to its sign because CartPole only has full pushes, with the ratio of the
/// two gains derived from the pole. Near upright, and without a push, its equation of motion is θ̈ = λ² θ with
///   λ² = g / (l (4/3 - m_p / M))        (Barto, Sutton and Anderson 1983, appendix, linearised)
/// for half-length l, pole mass m_p and total mass M. Its solutions are c₊ e^{λt} + c₋ e^{-λt}: the second term decays,
/// and the first, c₊ = (θ + θ̇/λ) / 2, must be controlled. λ = 3.97 / s, 1/λ = 0.252 s.
class BalancePolicy : public Policy {
 public:
  /// Throws NotApplicable unless the environment is CartPole.
  explicit BalancePolicy(const EnvSignature& facts);
  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) override;
};

/// The random policy as an algorithm that learns nothing: `train random` records a baseline.
class RandomAgent : public Agent {
 public:
  struct Config {
    template <class Self, class Visit>
    static void fields(Self&, Visit&&) {}
  };

  RandomAgent(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  std::string_view algorithm() const override { return "random"; }
  Dict config() const override { return {}; }

  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) override;
  void seed(std::uint64_t seed) override;

  void act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) override;
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
  RandomPolicy training_;  // for act(), so that an evaluation does not affect it
  RandomPolicy predicting_;
};

}  // namespace ludus::agents
