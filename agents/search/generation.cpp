#include "agents/search/generation.h"

#include "base/format.h"
#include "base/size_limit.h"

namespace ludus::agents {
namespace {

std::size_t checked_size(std::size_t candidates) {
  SizeLimit::require(sizeof(double) * static_cast<double>(candidates));
  return candidates;
}

}  // namespace

Generation::Generation(std::size_t size, std::int64_t episodes, std::size_t num_envs)
    : episodes_(episodes),
      sums_(checked_size(size), 0.0),
      env_candidate_(num_envs, kNone),
      env_return_(num_envs, 0.0),
      env_fresh_(num_envs, 1) {
  for (std::int64_t& candidate : env_candidate_) candidate = assign_next();
}

std::int64_t Generation::assign_next() {
  const auto size = static_cast<std::int64_t>(sums_.size());
  return assigned_ == size * episodes_ ? kNone : assigned_++ % size;
}

void Generation::record(std::size_t env, double reward, bool ended) {
  env_return_[env] += reward;
  env_fresh_[env] = 0;
  if (!ended) return;

  if (env_candidate_[env] != kNone) {
    sums_[static_cast<std::size_t>(env_candidate_[env])] += env_return_[env];
    ++finished_;
  }
  env_return_[env] = 0;
  env_fresh_[env] = 1;
  env_candidate_[env] = assign_next();
}

bool Generation::begun() const {
  for (std::size_t env = 0; env < env_candidate_.size(); ++env) {
    if (env_candidate_[env] != kNone && env_fresh_[env] == 0) return true;
  }
  return finished_ > 0;
}

std::vector<double> Generation::mean_returns() const {
  std::vector<double> means;
  for (const double sum : sums_) means.push_back(sum / static_cast<double>(episodes_));
  return means;
}

void Generation::restart_episodes() {
  env_return_.assign(env_return_.size(), 0.0);
  env_fresh_.assign(env_fresh_.size(), 1);
}

std::int64_t Generation::least_steps() const {
  const auto n = static_cast<std::int64_t>(env_candidate_.size());
  return (episodes() + n - 1) / n * n;
}

void Generation::next() {
  assigned_ = 0;
  finished_ = 0;
  sums_.assign(sums_.size(), 0.0);
  for (std::size_t env = 0; env < env_candidate_.size(); ++env) {
    if (env_fresh_[env]) env_candidate_[env] = assign_next();
  }
}

void Generation::check_state() const {
  const auto size = static_cast<std::int64_t>(sums_.size());
  std::int64_t running = 0;
  for (const std::int64_t candidate : env_candidate_) {
    if (candidate < kNone || candidate >= size) {
      throw InvalidArgument(formatted("env/candidate must be 0 to {}, or {}, got {}", size - 1, kNone, candidate));
    }
    if (candidate != kNone) ++running;
  }
  // every assigned episode is either completed or running, otherwise the generation would never complete
  if (assigned_ < 0 || assigned_ > size * episodes_ || assigned_ != finished_ + running) {
    throw InvalidArgument(
        formatted("the episodes of a generation must add up, got {} assigned, {} finished, {} running", assigned_,
                  finished_, running));
  }
}

}  // namespace ludus::agents
