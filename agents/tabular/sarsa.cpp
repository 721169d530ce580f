#include "agents/tabular/sarsa.h"

namespace ludus::agents {

Sarsa::Sarsa(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : TabularAgent("sarsa", config, facts, seed) {}

// Q(S,A) ← Q(S,A) + α [R + γ (1 - terminated) Q(S',A') - Q(S,A)]      Sutton & Barto 6.7
void Sarsa::learn(const TabularStep& step) {
  // A' is the action that is executed next, not another sample; after a truncation it is only sampled
  const double future = step.terminated ? 0.0 : q(step.next_state, next_action(step));
  const double error = step.reward + discount() * future - q(step.state, step.action);
  correct(step.state, step.action, learning_rate(), error);
}

}  // namespace ludus::agents
