#include "agents/tabular/tree_backup.h"

namespace ludus::agents {

TreeBackup::TreeBackup(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : NStepAgent("tree_backup", config, facts, seed) {}

// from the last step back, G_{h-1} = R_h + γ Σ_a π(a|S_h) Q(S_h,a) and
//   G_t = R_{t+1} + γ [Σ_{a ≠ A_{t+1}} π(a|S_{t+1}) Q(S_{t+1},a) + π(A_{t+1}|S_{t+1}) G_{t+1}]      Sutton & Barto 7.16
// With greedy π the bracket is max_a Q(S_{t+1},a) + π(A_{t+1}|S_{t+1}) [G_{t+1} - Q(S_{t+1},A_{t+1})]: the return after
// a non-greedy action has weight 0.
double tree_backup_return(const ActionValues& values, std::span<const Record> window, double discount, double after) {
  double g = window.back().number + discount * after;
  for (std::size_t k = window.size() - 1; k-- > 0;) {
    const Record& next = window[k + 1];
    const std::span<const double> row = values.row(next.state);
    const double branch = greedy_probability(row, next.action) * (g - row[next.action]);
    g = window[k].number + discount * (greatest(row) + branch);
  }
  return g;
}

// Q(S_τ,A_τ) ← Q(S_τ,A_τ) + α [G_{τ:h} - Q(S_τ,A_τ)],   h = min(τ + n, T)      Sutton & Barto 7.17
void TreeBackup::learn(const TabularStep& step) {
  // a truncated episode bootstraps from the table's estimate of its last state
  const double after = step.terminated ? 0.0 : greatest(values(step.next_state));

  advance(step, [&](std::span<const Record> window) {
    const auto [state, action, reward] = window.front();
    const double g = tree_backup_return(table(), window, discount(), after);
    correct(state, action, learning_rate(), g - q(state, action));
  });
}

}  // namespace ludus::agents
