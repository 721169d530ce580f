// Base of all tabular algorithms: states from observations, ε-greedy action selection, schedules, checkpoints.
//
// A derived algorithm implements learn(), the update for one transition.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/core/agent.h"
#include "agents/tabular/action_values.h"
#include "agents/tabular/discretizer.h"
#include "base/fields.h"
#include "base/rng.h"
#include "runs/schedule.h"

namespace ludus::agents {

struct TabularConfig {
  std::vector<std::int64_t> bins = {10};
  std::vector<double> low = {};
  std::vector<double> high = {};
  double discount = 0.99;
  runs::Schedule learning_rate = "lin_0.5_0.05";
  runs::Schedule exploration = "lin_1_0.05_0.5";
  double initial_value = 0.0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("learning_rate", self.learning_rate, learning_rate_range().at_most(1),
          "learning rate α: a number or a schedule");
    visit("bins", self.bins, at_least(1), "bins of each dimension of a Box observation, or one number for all");
    visit("low", self.low, finite_number(),
          "lower bound of each dimension; empty: the bounds of the observation space");
    visit("high", self.high, finite_number(),
          "upper bound of each dimension; empty: the bounds of the observation space");
    visit("discount", self.discount, between(0, 1), "discount factor γ");
    visit("exploration", self.exploration, between(0, 1),
          "ε, the probability of a random action: a number or a schedule");
    visit("initial_value", self.initial_value, finite_number(), "initial value of every entry of the table");
  }
};

/// One transition of an environment.
struct TabularStep {
  std::size_t env;         // environment index
  std::size_t state;       // S
  std::size_t action;      // A, a column of the table
  double reward;           // R
  std::size_t next_state;  // S': at the end of an episode its last state
  bool terminated;         // the value after S' is 0
  bool truncated;          // the table's estimate of S' is used
  bool ended() const { return terminated || truncated; }
};

class TabularAgent : public Agent {
 public:
  /// Throws NotApplicable, naming `algorithm`, unless observations are discrete or Box and actions Discrete;
  /// InvalidArgument if a setting is out of range, the bins or bounds do not fit, or the table would be too large.
  template <std::derived_from<TabularConfig> Config>
  TabularAgent(std::string_view algorithm, const Config& config, const EnvSignature& facts, std::uint64_t seed)
      : TabularAgent(algorithm, checked(config, algorithm), fields_as_dict(config), facts, seed) {}

  std::string_view algorithm() const final { return algorithm_; }
  Dict config() const final { return settings_; }

  /// Computes the greedy action, the first of equals; if not `deterministic`, a random one with the current exploration
  /// rate.
  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) final;
  /// Throws NotApplicable unless observations are Discrete.
  nn::ExportedPolicy export_policy() const final;
  void seed(std::uint64_t seed) final { eval_generator_ = Generator(seed); }

  void act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) final;
  void observe(const Experience& experience) final;  // calls learn() for each environment in order
  void update() final;                               // advances the schedules
  void restart_training() override { steps_ = 0; }
  void restart_episodes() override { next_actions_.assign(next_actions_.size(), kNone); }

  Metrics metrics() final;
  std::vector<std::string> metric_names() const final;

  /// Algorithms with more state than a table override the first two.
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }
  void write_policy(StateWriter& visit) const final { policy_state(*this, visit); }
  void read_policy(StateReader& visit) final { policy_state(*this, visit); }

  template <class Self, class Visit>
  static void policy_state(Self& self, Visit&& visit) {
    visit("table", self.table_.numbers(), self.table_shape());
    visit("exploration_rate", self.exploration_rate_);
  }
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    policy_state(self, visit);
    visit("generator", self.generator_);
    visit("eval_generator", self.eval_generator_);
    visit("next_actions", self.next_actions_);
    visit("steps", self.steps_);
    visit("learning_rate", self.learning_rate_);
    visit("error_sum", self.error_sum_);
    visit("errors", self.errors_);
    visit.check([&] { self.check_next_actions(); });
  }

  const Discretizer& discretizer() const { return discretizer_; }
  const ActionValues& table() const { return table_; }
  std::span<const double> values(std::size_t state) const { return table_.row(state); }  // Q(s, ·)
  double exploration_rate() const { return exploration_rate_; }
  double learning_rate() const { return learning_rate_; }

 protected:
  virtual void learn(const TabularStep& step) = 0;

  double& q(std::size_t state, std::size_t action) { return table_(state, action); }  // Q(s,a)
  /// Q(s,a) ← Q(s,a) + step_size · error
  void correct(std::size_t state, std::size_t action, double step_size, double error);
  /// Adds an error to the metrics, before an update other than correct() uses it. Throws WorkError if it is not finite:
  /// the values have diverged, and the table is left unchanged.
  void record_td_error(double error);

  /// Returns A', selected in S' as act() would, and stores it: act() then uses it. For a truncated episode it is not
  /// stored, because the next episode starts from another state.
  std::size_t next_action(const TabularStep& step);

  Generator& generator() { return generator_; }
  double discount() const { return discount_; }
  std::size_t num_envs() const { return next_actions_.size(); }
  Shape table_shape() const;  // of an array with a number for every state and action

 private:
  static constexpr std::int64_t kNone = -1;

  /// `settings`: every field of the algorithm's configuration.
  TabularAgent(std::string_view algorithm, const TabularConfig& config, Dict settings, const EnvSignature& facts,
               std::uint64_t seed);

  std::size_t state_in(std::span<const float> observations, std::size_t i) const;
  void check_next_actions() const;

  std::string algorithm_;
  Dict settings_;
  double discount_;
  runs::Schedule learning_schedule_;
  runs::Schedule exploration_schedule_;
  std::size_t observation_size_;
  std::optional<std::int64_t> first_state_;  // of Discrete observations, whose states are consecutive integers
  Discretizer discretizer_;
  std::int64_t first_action_;  // the action of column 0
  ActionValues table_;         // of the behaviour policy
  Generator generator_;
  Generator eval_generator_;  // separate, so that an evaluation does not affect the training
  std::unique_ptr<std::mutex> eval_mutex_ = std::make_unique<std::mutex>();  // guards eval_generator_; movable

  std::vector<std::int64_t> next_actions_;  // (environments): already selected for the current observation, or kNone
  std::int64_t steps_ = 0;                  // environment steps so far
  double exploration_rate_;
  double learning_rate_;
  double error_sum_ = 0;  // of |temporal-difference error| since the last metrics()
  std::int64_t errors_ = 0;
};

}  // namespace ludus::agents
