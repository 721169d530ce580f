#include "agents/search/random_search.h"

#include <algorithm>
#include <cmath>

#include "agents/core/saved_state.h"
#include "base/checkpoint.h"

namespace ludus::agents {

void RandomSearch::Config::check() const {
  if (episodes < 1) {
    throw InvalidArgument("random_search needs at least 1 episode, and episodes is " + std::to_string(episodes));
  }
  if (confirm_episodes < 0) {
    throw InvalidArgument("confirm_episodes must be 0 or more, and is " + std::to_string(confirm_episodes));
  }
  if (!(range > 0) || !std::isfinite(range)) {
    throw InvalidArgument("range must be a positive number, and is " + std::to_string(range));
  }
}

RandomSearch::RandomSearch(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : SearchAgent("random_search", config, {.bias = config.bias}, facts, seed),
      config_(config),
      lane_return_(facts.num_envs, 0.0) {
  for (std::size_t lane = 0; lane < facts.num_envs; ++lane) lane_candidate_.push_back(next_candidate());
}

void RandomSearch::observe(const Experience& experience) {
  for (std::size_t lane = 0; lane < lane_candidate_.size(); ++lane) {
    lane_return_[lane] += experience.rewards[lane];
    // an episode that was cut counts like one that ended: its return is what the time limit let it earn
    if (!experience.terminated[lane] && !experience.truncated[lane]) continue;

    // credit the candidate with its episode
    if (lane_candidate_[lane] != kNone && !finished_) {
      const auto candidate = static_cast<std::size_t>(lane_candidate_[lane]);
      sums_[candidate] += lane_return_[lane];
      ++counts_[candidate];
      --eval_generator_[candidate];
      keep_best();
      end_round();
    }

    // the next episode of this environment is somebody else's
    lane_return_[lane] = 0;
    lane_candidate_[lane] = next_candidate();
  }
}

// Round 0 draws the candidates; round k gives each contender that has not had it its k-th further episode.
std::int64_t RandomSearch::next_candidate() {
  if (finished_) return kNone;
  if (round_ == 0) {
    if (candidates() == config_.episodes) return kNone;
    for (std::size_t k = 0; k < parameters_.size(); ++k) {
      drawn_.push_back(generator_.uniform(-config_.range, config_.range));
    }
    sums_.push_back(0.0);
    counts_.push_back(0);
    eval_generator_.push_back(1);
    contending_.push_back(1);
    return candidates() - 1;
  }
  for (std::size_t candidate = 0; candidate < sums_.size(); ++candidate) {
    if (!contending_[candidate] || counts_[candidate] + eval_generator_[candidate] == 1 + round_) continue;
    ++eval_generator_[candidate];
    return static_cast<std::int64_t>(candidate);
  }
  return kNone;
}

// The contender of the highest mean, the first of equals.
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

// Once every contender has played the round's episode, those below the highest mean drop out. The search is over when
// one is left, or when the further episodes are used up.
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

std::span<const double> RandomSearch::candidate_in(std::size_t lane) {
  return parameters_of(lane_candidate_[lane]);
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

// --- checkpoints

void RandomSearch::save(Checkpoint& checkpoint) const {
  SearchAgent::save(checkpoint);
  put_numbers<double>(checkpoint, "agent/candidates/parameters", drawn_, Shape{candidates(), parameter_shape()[0]});
  put_numbers(checkpoint, "agent/candidates/return_sums", sums_);
  put_numbers(checkpoint, "agent/candidates/episodes", counts_);
  put_numbers(checkpoint, "agent/candidates/contending", contending_);
  put_numbers(checkpoint, "agent/lanes/candidate", lane_candidate_);
  put_numbers(checkpoint, "agent/lanes/return", lane_return_);
  put_real(checkpoint, "agent/best_return", best_return_);
  put_integer(checkpoint, "agent/round", round_);
  put_integer(checkpoint, "agent/finished", finished_ ? 1 : 0);
}

void RandomSearch::load(const Checkpoint& checkpoint) {
  RandomSearch loaded = *this;  // so that a broken checkpoint changes nothing
  loaded.SearchAgent::load(checkpoint);
  loaded.sums_ = take_numbers<double>(checkpoint, "agent/candidates/return_sums");
  const Shape all{static_cast<std::int64_t>(loaded.sums_.size())};
  const Shape lanes{static_cast<std::int64_t>(lane_candidate_.size())};
  loaded.drawn_ = take_numbers<double>(checkpoint, "agent/candidates/parameters", all.appended(parameter_shape()[0]));
  loaded.counts_ = take_numbers<std::int64_t>(checkpoint, "agent/candidates/episodes", all);
  loaded.contending_ = take_numbers<std::uint8_t>(checkpoint, "agent/candidates/contending", all);
  loaded.lane_candidate_ = take_numbers<std::int64_t>(checkpoint, "agent/lanes/candidate", lanes);
  loaded.lane_return_ = take_numbers<double>(checkpoint, "agent/lanes/return", lanes);
  loaded.best_return_ = take_real(checkpoint, "agent/best_return");
  loaded.round_ = take_integer(checkpoint, "agent/round");
  loaded.finished_ = take_integer(checkpoint, "agent/finished") != 0;

  // whose episodes are under way follows from the environments
  loaded.eval_generator_.assign(loaded.sums_.size(), 0);
  for (const std::int64_t candidate : loaded.lane_candidate_) {
    if (candidate == kNone) continue;
    if (candidate < 0 || candidate >= loaded.candidates()) {
      throw CorruptCheckpoint("the checkpoint's agent/lanes/candidate names the candidate " +
                                  std::to_string(candidate) + " of " + std::to_string(loaded.candidates()));
    }
    ++loaded.eval_generator_[static_cast<std::size_t>(candidate)];
  }
  *this = std::move(loaded);
}

}  // namespace ludus::agents
