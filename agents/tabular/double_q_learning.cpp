#include "agents/tabular/double_q_learning.h"

#include <utility>

namespace ludus::agents {

DoubleQLearning::DoubleQLearning(const Config& config, const EnvSignature& facts, std::uint64_t seed,
                                 const std::string&)
    : TabularAgent("double_q_learning", config, facts, seed), first_(table()), second_(table()) {}

// with probability ½:
//   Q₁(S,A) ← Q₁(S,A) + α [R + γ (1 - terminated) Q₂(S', argmax_a Q₁(S',a)) - Q₁(S,A)]      Sutton & Barto 6.10
// otherwise the same with Q₁ and Q₂ swapped
void DoubleQLearning::learn(const TabularStep& step) {
  const bool swapped = generator().random() >= 0.5;
  ActionValues& selecting = swapped ? second_ : first_;
  const ActionValues& evaluating = swapped ? first_ : second_;

  const std::size_t best = first_greatest(selecting.row(step.next_state));
  const double future = step.terminated ? 0.0 : evaluating(step.next_state, best);
  const double error = step.reward + discount() * future - selecting(step.state, step.action);
  record_td_error(error);
  selecting(step.state, step.action) += learning_rate() * error;

  q(step.state, step.action) = 0.5 * (first_(step.state, step.action) + second_(step.state, step.action));
}

}  // namespace ludus::agents
