#include "agents/tabular/q_learning.h"

namespace ludus::agents {

QLearning::QLearning(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : TabularAgent("q_learning", config, facts, seed) {}

// Q(S,A) ← Q(S,A) + α [R + γ (1 - terminated) max_a Q(S',a) - Q(S,A)]      Watkins 1989; Sutton & Barto 6.8
void QLearning::learn(const TabularStep& step) {
  // bootstrap on truncation: only `terminated` means that the value after S' is 0; treating a truncated episode as
  // terminated would teach that surviving until the time limit has no value
  const double future = step.terminated ? 0.0 : greatest(values(step.next_state));
  const double error = step.reward + discount() * future - q(step.state, step.action);
  correct(step.state, step.action, learning_rate(), error);
}

}  // namespace ludus::agents
