#include "agents/tabular/q_lambda.h"

namespace ludus::agents {

QLambda::QLambda(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : TraceAgent("q_lambda", config, facts, seed) {}

// δ ← R + γ (1 - terminated) max_a Q(S',a) - Q(S,A)
// E(S,A) ← E(S,A) + 1 (accumulating) or 1 (replacing)
// for all s, a:  Q(s,a) ← Q(s,a) + α δ E(s,a);  E(s,a) ← γ λ E(s,a) if A' is greedy, else 0
//                                                                        Sutton & Barto 1998, figure 7.14
void QLambda::learn(const TabularStep& step) {
  // whether A' is greedy is decided with the table before the update, as it was chosen; any of equal actions is greedy
  const std::size_t next = next_action(step);
  const double best = greatest(values(step.next_state));
  const bool greedy = q(step.next_state, next) == best;

  // a truncated episode bootstraps from its last state
  const double future = step.terminated ? 0.0 : best;
  const double error = step.reward + discount() * future - q(step.state, step.action);
  visit(step);
  correct_along_traces(step, error);

  // steps after an exploratory action say nothing about the greedy policy, nor do those of another episode
  if (step.ended() || !greedy) {
    forget(step);
  } else {
    decay(step);
  }
}

}  // namespace ludus::agents
