#include "agents/tabular/tabular_agent.h"

#include <cmath>

#include "base/format.h"
#include "nn/model/exported_policy.h"

namespace ludus::agents {
namespace {

ActionValues table_for(const Discretizer& discretizer, const envs::Discrete& actions, double initial) {
  if (actions.n() > Discretizer::kMaxStates / static_cast<std::int64_t>(discretizer.states())) {
    throw InvalidArgument(
        formatted("the table must have at most {} entries, got {} states and {} actions; use fewer bins",
                  Discretizer::kMaxStates, discretizer.states(), actions.n()));
  }
  return {discretizer.states(), static_cast<std::size_t>(actions.n()), initial};
}

std::optional<std::int64_t> first_state_of(const envs::Space& observations) {
  const auto* discrete = dynamic_cast<const envs::Discrete*>(&observations);
  return discrete ? std::optional(discrete->start()) : std::nullopt;
}

}  // namespace

TabularAgent::TabularAgent(std::string_view algorithm, const TabularConfig& config, Dict settings,
                           const EnvSignature& facts, std::uint64_t seed)
    : algorithm_(algorithm),
      settings_(std::move(settings)),
      discount_(config.discount),
      learning_schedule_(config.learning_rate),
      exploration_schedule_(config.exploration),
      observation_size_(facts.observation_size),
      first_state_(first_state_of(*facts.observation_space)),
      discretizer_(Discretizer::of(*facts.observation_space, config.bins, config.low, config.high, algorithm)),
      first_action_(facts.discrete_actions(algorithm).start()),
      table_(table_for(discretizer_, facts.discrete_actions(algorithm), config.initial_value)),
      generator_(seed),
      eval_generator_(seed),
      next_actions_(facts.num_envs, kNone),
      exploration_rate_(config.exploration.initial()),
      learning_rate_(config.learning_rate.initial()) {}

void TabularAgent::predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) {
  const auto num_actions = static_cast<std::int64_t>(table_.actions());
  actions.continuous.clear();
  actions.discrete.resize(batch.size);
  std::unique_lock lock(*eval_mutex_, std::defer_lock);
  if (!deterministic) lock.lock();
  for (std::size_t i = 0; i < batch.size; ++i) {
    const bool explore = !deterministic && eval_generator_.random() < exploration_rate_;
    const std::int64_t column = explore ? eval_generator_.integers(num_actions)
                                        : static_cast<std::int64_t>(first_greatest(values(state_in(batch.rows, i))));
    actions.discrete[i] = first_action_ + column;
  }
}

nn::ExportedPolicy TabularAgent::export_policy() const {
  if (!first_state_) {
    throw NotApplicable(
        formatted("{}: a table can be exported for Discrete observations only; export a network instead", algorithm_));
  }
  std::vector<std::int64_t> greedy;
  for (std::size_t s = 0; s < table_.states(); ++s) {
    greedy.push_back(first_action_ + static_cast<std::int64_t>(first_greatest(values(s))));
  }
  return nn::table_policy(*first_state_, greedy, first_action_, static_cast<std::int64_t>(table_.actions()));
}

void TabularAgent::act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) {
  actions.continuous.clear();
  actions.discrete.resize(batch.size);
  for (std::size_t i = 0; i < batch.size; ++i) {
    if (next_actions_[i] == kNone) {
      next_actions_[i] =
          static_cast<std::int64_t>(epsilon_greedy(values(state_in(batch.rows, i)), exploration_rate_, generator_));
    }
    actions.discrete[i] = first_action_ + next_actions_[i];
    next_actions_[i] = kNone;
  }
}

void TabularAgent::observe(const Experience& experience) {
  const std::size_t n = experience.rewards.size();
  for (std::size_t i = 0; i < n; ++i) {
    learn({.env = i,
           .state = state_in(experience.observations, i),
           .action = static_cast<std::size_t>(experience.actions->discrete[i] - first_action_),
           .reward = experience.rewards[i],
           .next_state = state_in(experience.next_observations, i),
           .terminated = experience.terminated[i] != 0,
           .truncated = experience.truncated[i] != 0});
  }
  steps_ += static_cast<std::int64_t>(n);
}

void TabularAgent::update() {
  const double remaining = progress_remaining(steps_);
  exploration_rate_ = exploration_schedule_.at(remaining);
  learning_rate_ = learning_schedule_.at(remaining);
}

void TabularAgent::correct(std::size_t state, std::size_t action, double step_size, double error) {
  record_td_error(error);
  table_(state, action) += step_size * error;
}

void TabularAgent::record_td_error(double error) {
  if (!std::isfinite(error)) {
    throw WorkError(
        formatted("{}: the values diverged (TD error {}); use a smaller learning_rate or discount", algorithm_, error));
  }
  error_sum_ += std::abs(error);
  ++errors_;
}

std::size_t TabularAgent::next_action(const TabularStep& step) {
  const std::size_t chosen = epsilon_greedy(values(step.next_state), exploration_rate_, generator_);
  next_actions_[step.env] = step.ended() ? kNone : static_cast<std::int64_t>(chosen);
  return chosen;
}

Shape TabularAgent::table_shape() const {
  return {static_cast<std::int64_t>(table_.states()), static_cast<std::int64_t>(table_.actions())};
}

std::size_t TabularAgent::state_in(std::span<const float> observations, std::size_t i) const {
  return discretizer_.state_of(observations.subspan(i * observation_size_, observation_size_));
}

Metrics TabularAgent::metrics() {
  Metrics metrics = {{"rollout/exploration_rate", exploration_rate_}, {"train/learning_rate", learning_rate_}};
  if (errors_ > 0) metrics["train/td_error"] = error_sum_ / static_cast<double>(errors_);
  error_sum_ = 0;
  errors_ = 0;
  return metrics;
}

std::vector<std::string> TabularAgent::metric_names() const {
  return {"rollout/exploration_rate", "train/learning_rate", "train/td_error"};
}

void TabularAgent::check_next_actions() const {
  const auto actions = static_cast<std::int64_t>(table_.actions());
  for (const std::int64_t action : next_actions_) {
    if (action >= kNone && action < actions) continue;
    throw InvalidArgument(
        formatted("next_actions must be actions of the table, 0 to {}, or {}, got {}", actions - 1, kNone, action));
  }
}

}  // namespace ludus::agents
