#include "agents/tabular/expected_sarsa.h"

namespace ludus::agents {

ExpectedSarsa::ExpectedSarsa(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : TabularAgent("expected_sarsa", config, facts, seed) {}

// Q(S,A) ← Q(S,A) + α [R + γ (1 - terminated) Σ_a π(a|S') Q(S',a) - Q(S,A)]      Sutton & Barto 6.9
void ExpectedSarsa::learn(const TabularStep& step) {
  const double future = step.terminated ? 0.0 : epsilon_greedy_value(values(step.next_state), exploration_rate());
  const double error = step.reward + discount() * future - q(step.state, step.action);
  correct(step.state, step.action, learning_rate(), error);
}

}  // namespace ludus::agents
