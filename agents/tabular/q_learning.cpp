#include "agents/tabular/q_learning.h"

#include <algorithm>
#include <cmath>

#include "agents/runner/saved_state.h"
#include "nn/io/checkpoint.h"

namespace ludus::agents {
namespace {

void check_within(const char* name, double value, double low, double high) {
  if (value >= low && value <= high) return;
  throw InvalidArgument(std::string(name) + " must lie between " + std::to_string(low) + " and " +
                        std::to_string(high) + ", and is " + std::to_string(value));
}

// initial + (final - initial) min(1, t / (fraction T))
double linear_decay(double initial, double final, double fraction, std::int64_t t, std::int64_t total) {
  const double length = fraction * static_cast<double>(total);
  const double progress = length > 0 ? std::min(1.0, static_cast<double>(t) / length) : 1.0;
  return initial + (final - initial) * progress;
}

std::int64_t first_greatest(std::span<const double> values) {
  return std::max_element(values.begin(), values.end()) - values.begin();
}

// Any of the greatest, each as likely: while the table is still flat, the first of equals would be tried for ever.
std::int64_t random_greatest(std::span<const double> values, envs::Generator& generator) {
  const double greatest = *std::max_element(values.begin(), values.end());
  const std::int64_t equals = std::count(values.begin(), values.end(), greatest);
  std::int64_t skip = equals > 1 ? generator.integers(equals) : 0;
  for (std::size_t a = 0;; ++a) {
    if (values[a] == greatest && skip-- == 0) return static_cast<std::int64_t>(a);
  }
}

}  // namespace

double q_learning_update(double& value, double learning_rate, double reward, double discount, bool terminated,
                         std::span<const double> next_values) {
  // bootstrap on truncation: only `terminated` says that nothing is to be earned beyond s'; an episode that was merely
  // cut would have gone on, and treating it as ended teaches that being alive at the time limit is worthless
  const double future = terminated ? 0.0 : *std::max_element(next_values.begin(), next_values.end());
  const double error = reward + discount * future - value;
  value += learning_rate * error;
  return error;
}

void QLearning::Config::check() const {
  check_within("discount", discount, 0, 1);
  check_within("learning_rate_initial", learning_rate_initial, 0, 1);
  check_within("learning_rate_final", learning_rate_final, 0, 1);
  check_within("learning_rate_fraction", learning_rate_fraction, 0, 1);
  check_within("exploration_initial", exploration_initial, 0, 1);
  check_within("exploration_final", exploration_final, 0, 1);
  check_within("exploration_fraction", exploration_fraction, 0, 1);
  if (!std::isfinite(initial_value)) throw InvalidArgument("initial_value must be a finite number");
}

QLearning::QLearning(const Config& config, const EnvFacts& facts, std::uint64_t seed, const std::string&)
    : config_(config),
      observation_size_(facts.observation_size),
      discretizer_(Discretizer::of(*facts.observation_space, config.bins, config.low, config.high, "q_learning")),
      actions_(facts.discrete_actions("q_learning").n()),
      first_action_(facts.discrete_actions("q_learning").start()),
      generator_(seed),
      predict_generator_(seed),
      exploration_rate_(config.exploration_initial),
      learning_rate_(config.learning_rate_initial) {
  config_.check();
  if (actions_ > Discretizer::kMaxStates / static_cast<std::int64_t>(discretizer_.states())) {
    throw InvalidArgument("a table of " + std::to_string(discretizer_.states()) + " states and " +
                          std::to_string(actions_) + " actions has more than " +
                          std::to_string(Discretizer::kMaxStates) + " entries; give fewer bins");
  }
  table_.assign(discretizer_.states() * static_cast<std::size_t>(actions_), config_.initial_value);
}

void QLearning::predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) {
  out.reals.clear();
  out.integers.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const bool explore = !deterministic && predict_generator_.random() < exploration_rate_;
    out.integers[i] = first_action_ + (explore ? predict_generator_.integers(actions_)
                                               : first_greatest(values(state_in(observations, i))));
  }
}

void QLearning::act(std::span<const float> observations, Actions& out) {
  // ε-greedy: a random action with probability ε, else one of the best
  const std::size_t n = observations.size() / observation_size_;
  out.reals.clear();
  out.integers.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const bool explore = generator_.random() < exploration_rate_;
    out.integers[i] = first_action_ + (explore ? generator_.integers(actions_)
                                               : random_greatest(values(state_in(observations, i)), generator_));
  }
}

void QLearning::observe(const Experience& experience) {
  // the table is the only memory: every transition is learnt from as it comes, and forgotten
  const std::size_t n = experience.rewards.size();
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t state = state_in(experience.observations, i);
    const std::size_t next_state = state_in(experience.next_observations, i);
    const auto action = static_cast<std::size_t>(experience.actions->integers[i] - first_action_);

    const double error = q_learning_update(value(state, action), learning_rate_, experience.rewards[i],
                                           config_.discount, experience.terminated[i] != 0, values(next_state));
    error_sum_ += std::abs(error);
    ++errors_;
  }
  steps_ += static_cast<std::int64_t>(n);
}

void QLearning::update() {
  follow_schedules();
}

void QLearning::follow_schedules() {
  exploration_rate_ = linear_decay(config_.exploration_initial, config_.exploration_final, config_.exploration_fraction,
                                   steps_, total_steps());
  learning_rate_ = linear_decay(config_.learning_rate_initial, config_.learning_rate_final,
                                config_.learning_rate_fraction, steps_, total_steps());
}

double& QLearning::value(std::size_t state, std::size_t action) {
  return table_[state * static_cast<std::size_t>(actions_) + action];
}

std::span<const double> QLearning::values(std::size_t state) const {
  const auto actions = static_cast<std::size_t>(actions_);
  return std::span<const double>(table_).subspan(state * actions, actions);
}

std::size_t QLearning::state_in(std::span<const float> observations, std::size_t i) const {
  return discretizer_.state_of(observations.subspan(i * observation_size_, observation_size_));
}

Metrics QLearning::metrics() {
  Metrics metrics = {{"rollout/exploration_rate", exploration_rate_}, {"train/learning_rate", learning_rate_}};
  if (errors_ > 0) metrics["train/td_error"] = error_sum_ / static_cast<double>(errors_);
  error_sum_ = 0;
  errors_ = 0;
  return metrics;
}

std::vector<std::string> QLearning::metric_names() const {
  return {"rollout/exploration_rate", "train/learning_rate", "train/td_error"};
}

// --- checkpoints

void QLearning::save_policy(nn::Checkpoint& checkpoint) const {
  put_numbers<double>(checkpoint, "agent/table", table_,
                      Shape{static_cast<std::int64_t>(discretizer_.states()), actions_});
  put_real(checkpoint, "agent/exploration_rate", exploration_rate_);
}

void QLearning::load_policy(const nn::Checkpoint& checkpoint) {
  auto table = take_numbers<double>(checkpoint, "agent/table",
                                    Shape{static_cast<std::int64_t>(discretizer_.states()), actions_});
  exploration_rate_ = take_real(checkpoint, "agent/exploration_rate");
  table_ = std::move(table);
}

void QLearning::save(nn::Checkpoint& checkpoint) const {
  save_policy(checkpoint);
  put_generator(checkpoint, "agent/generator", generator_);
  put_generator(checkpoint, "agent/policy_generator", predict_generator_);
  put_integer(checkpoint, "agent/steps", steps_);
  put_real(checkpoint, "agent/learning_rate", learning_rate_);
  put_real(checkpoint, "agent/error_sum", error_sum_);
  put_integer(checkpoint, "agent/errors", errors_);
}

void QLearning::load(const nn::Checkpoint& checkpoint) {
  QLearning loaded = *this;  // so that a broken checkpoint changes nothing
  loaded.load_policy(checkpoint);
  loaded.generator_ = take_generator(checkpoint, "agent/generator");
  loaded.predict_generator_ = take_generator(checkpoint, "agent/policy_generator");
  loaded.steps_ = take_integer(checkpoint, "agent/steps");
  loaded.learning_rate_ = take_real(checkpoint, "agent/learning_rate");
  loaded.error_sum_ = take_real(checkpoint, "agent/error_sum");
  loaded.errors_ = take_integer(checkpoint, "agent/errors");
  *this = std::move(loaded);
}

}  // namespace ludus::agents
