#include "agents/tabular/monte_carlo.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace ludus::agents {

MonteCarlo::MonteCarlo(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : TabularAgent("monte_carlo", config, facts, seed), visits_(table().numbers().size(), 0), episodes_(num_envs()) {}

std::int64_t MonteCarlo::visits(std::size_t state, std::size_t action) const {
  return visits_[state * table().actions() + action];
}

std::string MonteCarlo::missing_for_update() const {
  const bool learnt = std::ranges::any_of(visits_, [](std::int64_t visits) { return visits > 0; });
  return learnt ? "" : "one complete episode";
}

// At the end of the episode S_0, A_0, R_1, …, S_T, for t = T - 1 down to 0, from G = 0, or
// Σ_a π(a|S_T) Q(S_T,a) if truncated:
//   G ← γ G + R_{t+1}
//   unless S_t, A_t occurs among the steps before t:
//     N(S_t,A_t) ← N(S_t,A_t) + 1
//     Q(S_t,A_t) ← Q(S_t,A_t) + max(1 / N(S_t,A_t), α) [G - Q(S_t,A_t)]      Sutton & Barto, section 5.4
void MonteCarlo::learn(const TabularStep& step) {
  Records& episode = episodes_[step.env];
  episode.push_back({step.state, step.action, step.reward});
  if (!step.ended()) return;

  const auto index = [&](const Record& record) { return record.state * table().actions() + record.action; };
  std::unordered_set<std::size_t> seen;
  std::vector<bool> first_visit;
  for (const Record& record : episode) first_visit.push_back(seen.insert(index(record)).second);

  // a truncated episode bootstraps from its last state
  double g = step.terminated ? 0.0 : epsilon_greedy_value(values(step.next_state), exploration_rate());
  for (std::size_t t = episode.size(); t-- > 0;) {
    const auto [state, action, reward] = episode[t];
    g = discount() * g + reward;
    if (!first_visit[t]) continue;
    const std::int64_t n = ++visits_[index(episode[t])];
    correct(state, action, std::max(1.0 / static_cast<double>(n), learning_rate()), g - q(state, action));
  }
  episode.clear();
}

}  // namespace ludus::agents
