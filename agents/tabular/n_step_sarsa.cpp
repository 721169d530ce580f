#include "agents/tabular/n_step_sarsa.h"

namespace ludus::agents {

NStepSarsa::NStepSarsa(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : NStepAgent("n_step_sarsa", config, facts, seed) {}

// from the last reward back:  G_k = R_k + γ G_{k+1}
double n_step_return(std::span<const Record> window, double discount, double after) {
  double g = after;
  for (std::size_t k = window.size(); k-- > 0;) g = window[k].number + discount * g;
  return g;
}

// G_{τ:h} = R_{τ+1} + γ R_{τ+2} + … + γ^(h-τ) (1 - terminated) Q(S_h,A_h),   h = min(τ + n, T)      Sutton & Barto 7.4
// Q(S_τ,A_τ) ← Q(S_τ,A_τ) + α [G_{τ:h} - Q(S_τ,A_τ)]                                               7.5
void NStepSarsa::learn(const TabularStep& step) {
  // a truncated episode bootstraps from the table's estimate of its last state
  const bool bootstrap = ready(step) && !step.terminated;
  const double after = bootstrap ? q(step.next_state, next_action(step)) : 0.0;

  advance(step, [&](std::span<const Record> window) {
    const auto [state, action, reward] = window.front();
    correct(state, action, learning_rate(), n_step_return(window, discount(), after) - q(state, action));
  });
}

}  // namespace ludus::agents
