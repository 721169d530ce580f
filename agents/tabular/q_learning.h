// Q-learning: a table of action values, improved after every step by what the step showed.
//
// Source: C. J. C. H. Watkins, "Learning from Delayed Rewards" (PhD thesis, Cambridge, 1989); R. S. Sutton and
// A. G. Barto, "Reinforcement Learning: An Introduction" (2nd edition, 2018), section 6.5, equation 6.8.
//
// Additions to the book's algorithm:
// - observations of a Box become states by a grid of bins (agents/tabular/discretizer.h);
// - exploration and learning rate decay in a straight line over a fraction of the training, then stay:
//     value(t) = initial + (final - initial) min(1, t / (fraction T))     after t of T environment steps;
// - several environments are learnt from in their order, one after another, into the one table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agents/runner/agent.h"
#include "agents/tabular/discretizer.h"
#include "base/fields.h"
#include "envs/core/rng.h"

namespace ludus::agents {

// Q(s,a) ← Q(s,a) + α [r + γ (1 - terminated) max_a' Q(s',a') - Q(s,a)]      Watkins 1989; Sutton & Barto 6.8
// Returns the bracket, the temporal-difference error. `next_values` are Q(s', ·).
double q_learning_update(double& value, double learning_rate, double reward, double discount, bool terminated,
                         std::span<const double> next_values);

class QLearning : public Agent {
 public:
  struct Config {
    std::vector<std::int64_t> bins = {10};
    std::vector<double> low = {};
    std::vector<double> high = {};
    double discount = 0.99;
    double learning_rate_initial = 0.5;
    double learning_rate_final = 0.05;
    double learning_rate_fraction = 1.0;
    double exploration_initial = 1.0;
    double exploration_final = 0.05;
    double exploration_fraction = 0.5;
    double initial_value = 0.0;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("bins", self.bins, "bins of every dimension of the observation, or one number for all");
      visit("low", self.low, "lower bound of every dimension; none: the observation space's own");
      visit("high", self.high, "upper bound of every dimension; none: the observation space's own");
      visit("discount", self.discount, "worth of a reward one step later, in [0, 1]");
      visit("learning_rate_initial", self.learning_rate_initial, "share of the error that is corrected, at first");
      visit("learning_rate_final", self.learning_rate_final, "the same after the decay");
      visit("learning_rate_fraction", self.learning_rate_fraction,
            "share of the training over which the learning rate decays");
      visit("exploration_initial", self.exploration_initial, "probability of a random action, at first");
      visit("exploration_final", self.exploration_final, "the same after the decay");
      visit("exploration_fraction", self.exploration_fraction,
            "share of the training over which the exploration decays");
      visit("initial_value", self.initial_value, "every entry of the table before it is first learnt");
    }
    void check() const;  // throws InvalidArgument
  };

  // Throws NotApplicable unless observations are Box or Discrete and actions Discrete; InvalidArgument where the bins
  // or bounds do not fit. `device` is not needed: a table lives on the processor.
  QLearning(const Config& config, const EnvFacts& facts, std::uint64_t seed, const std::string& device);

  std::string_view algorithm() const override { return "q_learning"; }
  Dict config() const override { return fields_as_dict(config_); }

  // The action of the greatest value, the first of equals; if not `deterministic`, a random one with the present
  // probability of exploration.
  void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) override;
  void seed(std::uint64_t seed) override { predict_generator_ = envs::Generator(seed); }

  void act(std::span<const float> observations, Actions& out) override;
  void observe(const Experience& experience) override;
  void update() override;

  Metrics metrics() override;
  std::vector<std::string> metric_names() const override;

  void save(nn::Checkpoint& checkpoint) const override;
  void load(const nn::Checkpoint& checkpoint) override;
  void save_policy(nn::Checkpoint& checkpoint) const override;
  void load_policy(const nn::Checkpoint& checkpoint) override;

  const Discretizer& discretizer() const { return discretizer_; }
  std::span<const double> values(std::size_t state) const;  // Q(s, ·): one number for every action
  double exploration_rate() const { return exploration_rate_; }
  double learning_rate() const { return learning_rate_; }

 private:
  double& value(std::size_t state, std::size_t action);
  std::size_t state_in(std::span<const float> observations, std::size_t i) const;
  void follow_schedules();

  Config config_;
  std::size_t observation_size_;
  Discretizer discretizer_;
  std::int64_t actions_;       // how many
  std::int64_t first_action_;  // the action of column 0
  std::vector<double> table_;  // Q: (states x actions), row-major
  envs::Generator generator_;
  envs::Generator predict_generator_;  // apart, so that an evaluation does not disturb the training

  std::int64_t steps_ = 0;  // environment steps learnt from
  double exploration_rate_;
  double learning_rate_;
  double error_sum_ = 0;  // of |temporal-difference error| since the last metrics()
  std::int64_t errors_ = 0;
};

}  // namespace ludus::agents
