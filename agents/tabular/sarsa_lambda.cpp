#include "agents/tabular/sarsa_lambda.h"

namespace ludus::agents {

SarsaLambda::SarsaLambda(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : TraceAgent("sarsa_lambda", config, facts, seed) {}

// δ ← R + γ (1 - terminated) Q(S',A') - Q(S,A)
// E(S,A) ← E(S,A) + 1 (accumulating) or 1 (replacing)
// for all s, a:  Q(s,a) ← Q(s,a) + α δ E(s,a);  E(s,a) ← γ λ E(s,a)      Sutton & Barto 1998, figure 7.11
void SarsaLambda::learn(const TabularStep& step) {
  // a truncated episode bootstraps from its last state
  const double future = step.terminated ? 0.0 : q(step.next_state, next_action(step));
  const double error = step.reward + discount() * future - q(step.state, step.action);
  visit(step);
  correct_along_traces(step, error);

  // the next episode starts from another state, whether this one was terminated or truncated
  if (step.ended()) {
    forget(step);
  } else {
    decay(step);
  }
}

}  // namespace ludus::agents
