#include "agents/search/random_search.h"

#include <algorithm>

namespace ludus::agents {

RandomSearch::RandomSearch(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : SearchAgent("random_search", config, {.bias = config.bias}, facts, seed),
      config_(config),
      env_return_(facts.num_envs, 0.0) {
  for (std::size_t env = 0; env < facts.num_envs; ++env) env_candidate_.push_back(next_candidate());
}

void RandomSearch::observe(const Experience& experience) {
  for (std::size_t env = 0; env < env_candidate_.size(); ++env) {
    env_return_[env] += experience.rewards[env];
    // terminated and truncated episodes count alike
    if (!experience.terminated[env] && !experience.truncated[env]) continue;

    // credit the candidate with its episode
    if (env_candidate_[env] != kNone && !finished_) {
      const auto candidate = static_cast<std::size_t>(env_candidate_[env]);
      sums_[candidate] += env_return_[env];
      ++counts_[candidate];
      keep_best();
      end_round();
    }

    // the next episode of this environment may belong to another candidate
    env_return_[env] = 0;
    env_candidate_[env] = kNone;
    env_candidate_[env] = next_candidate();
  }
}

// Round 0 samples the candidates; round k assigns to each contender its k-th further episode.
std::int64_t RandomSearch::next_candidate() {
  if (finished_) return kNone;
  if (round_ == 0) {
    if (candidates() == config_.episodes) return kNone;
    for (std::size_t k = 0; k < parameters_.size(); ++k) {
      drawn_.push_back(generator_.uniform(-config_.range, config_.range));
    }
    sums_.push_back(0.0);
    counts_.push_back(0);
    contending_.push_back(1);
    return candidates() - 1;
  }
  for (std::size_t candidate = 0; candidate < sums_.size(); ++candidate) {
    if (!contending_[candidate] || counts_[candidate] + running_episodes(candidate) == 1 + round_) continue;
    return static_cast<std::int64_t>(candidate);
  }
  return kNone;
}

std::int64_t RandomSearch::running_episodes(std::size_t candidate) const {
  return std::count(env_candidate_.begin(), env_candidate_.end(), static_cast<std::int64_t>(candidate));
}

void RandomSearch::check_candidates() const {
  if (drawn_.size() != sums_.size() * parameters_.size() || counts_.size() != sums_.size() ||
      contending_.size() != sums_.size()) {
    throw InvalidArgument(
        "the candidates must have a row of parameters, a sum of returns, a number of episodes and a flag each");
  }
  for (const std::int64_t candidate : env_candidate_) {
    if (candidate >= kNone && candidate < candidates()) continue;
    throw InvalidArgument(
        formatted("env/candidate must be 0 to {}, or {}, got {}", candidates() - 1, kNone, candidate));
  }
}

// The contender with the highest mean, the first of equals.
void RandomSearch::keep_best() {
  std::size_t best = sums_.size();
  for (std::size_t candidate = 0; candidate < sums_.size(); ++candidate) {
    if (!contending_[candidate] || counts_[candidate] == 0) continue;
    if (best == sums_.size() || mean_of(candidate) > mean_of(best)) best = candidate;
  }
  const auto parameters = parameters_of(static_cast<std::int64_t>(best));
  best_return_ = mean_of(best);
  parameters_.assign(parameters.begin(), parameters.end());
}

// Once every contender has completed the round's episode, those below the highest mean are eliminated. The search ends
// when one contender is left, or when the further episodes are used up.
void RandomSearch::end_round() {
  if (round_ == 0 && candidates() < config_.episodes) return;
  for (std::size_t candidate = 0; candidate < sums_.size(); ++candidate) {
    if (contending_[candidate] && counts_[candidate] < 1 + round_) return;
  }
  std::int64_t left = 0;
  for (std::size_t candidate = 0; candidate < sums_.size(); ++candidate) {
    if (contending_[candidate] && mean_of(candidate) < best_return_) contending_[candidate] = 0;
    left += contending_[candidate];
  }
  finished_ = left == 1 || round_ == config_.confirm_episodes;
  if (!finished_) ++round_;
}

std::span<const double> RandomSearch::parameters_of(std::int64_t candidate) const {
  if (candidate == kNone) return parameters_;
  const std::size_t count = parameters_.size();
  return std::span<const double>(drawn_).subspan(static_cast<std::size_t>(candidate) * count, count);
}

std::span<const double> RandomSearch::candidate_in(std::size_t env) {
  return parameters_of(env_candidate_[env]);
}

Metrics RandomSearch::metrics() {
  Metrics metrics = {{"train/candidates", static_cast<double>(candidates())},
                     {"train/contenders", static_cast<double>(std::count(contending_.begin(), contending_.end(), 1))}};
  if (std::any_of(counts_.begin(), counts_.end(), [](std::int64_t count) { return count > 0; })) {
    metrics["train/best_return"] = best_return_;
  }
  return metrics;
}

std::vector<std::string> RandomSearch::metric_names() const {
  return {"train/best_return", "train/candidates", "train/contenders"};
}

}  // namespace ludus::agents
