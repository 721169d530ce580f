// The cross-entropy method: sample policies from a normal distribution, refit it to the best of them, repeat.
//
// Source: I. Szita and A. Lőrincz, "Learning Tetris Using the Noisy Cross-Entropy Method" (Neural Computation 18,
// 2006), with its defaults; R. Y. Rubinstein, "The Cross-Entropy Method for Combinatorial and Continuous Optimization"
// (1999).
//
// The distribution has a mean and a variance for every parameter, and no covariances. predict() uses the mean.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agents/search/generation.h"
#include "agents/search/search_agent.h"
#include "base/format.h"

namespace ludus::agents {

class Cem final : public SearchAgent {
 public:
  struct Config {
    std::int64_t population = 100;
    double elite_fraction = 0.1;
    double initial_std = 10.0;
    double noise = 5.0;
    double noise_decay = 0.1;
    std::int64_t episodes = 1;
    FlatPolicyConfig policy = {};

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("population", self.population, at_least(2), "number of policies sampled in each generation");
      visit("elite_fraction", self.elite_fraction, above(0).at_most(1),
            "fraction of the population to which the distribution is refitted");
      visit("initial_std", self.initial_std, above(0),
            "initial standard deviation of every parameter; the initial mean is 0");
      visit("noise", self.noise, at_least(0), "variance added to the first fit, against premature convergence");
      visit("noise_decay", self.noise_decay, at_least(0),
            "decrease of that variance in each further generation, down to 0");
      visit("episodes", self.episodes, at_least(1), "episodes of each policy");
      FlatPolicyConfig::fields(self.policy, visit);
    }
  };

  /// Throws NotApplicable as SearchAgent does. `device` is ignored: policies this small run on the CPU.
  Cem(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  void observe(const Experience& experience) override;
  std::int64_t first_update_step() const override { return generation_.least_steps(); }
  std::string missing_for_update() const override {
    return generations_ > 0 ? "" : formatted("{} complete episodes", generation_.episodes());
  }
  void restart_episodes() override { generation_.restart_episodes(); }
  bool is_collecting() const override { return generation_.begun(); }

  Metrics metrics() override;
  std::vector<std::string> metric_names() const override;

  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    SearchAgent::state(self, visit);
    visit("variance", self.variance_);
    visit("candidates", self.candidates_, Shape{self.config_.population, self.parameter_shape()[0]});
    visit("generations", self.generations_);
    visit("mean_return", self.mean_return_);
    visit("elite_return", self.elite_return_);
    visit("generation", self.generation_);
  }

  const std::vector<double>& mean() const { return parameters(); }  // of the distribution, used by predict()
  const std::vector<double>& variance() const { return variance_; }
  std::int64_t generations() const { return generations_; }  // completed
  std::size_t elites() const;                                // number of candidates that the distribution is fitted to

 private:
  std::span<const double> candidate_in(std::size_t env) override;
  void draw();
  void fit(const std::vector<double>& returns);

  Config config_;
  std::vector<double> variance_;    // of every parameter
  std::vector<double> candidates_;  // (population x parameter_count), row-major
  Generation generation_;
  std::int64_t generations_ = 0;
  double mean_return_ = 0, elite_return_ = 0;  // of the last completed generation, and of its elite
};

}  // namespace ludus::agents
