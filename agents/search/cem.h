// The cross-entropy method: draw policies from a normal distribution, fit it to the best of them, and again.
//
// Source: I. Szita and A. Lőrincz, "Learning Tetris Using the Noisy Cross-Entropy Method" (Neural Computation 18, 2006),
// whose numbers are the defaults; R. Y. Rubinstein, "The Cross-Entropy Method for Combinatorial and Continuous
// Optimization" (1999).
//
// The distribution has a mean and a variance for every parameter, and no covariances. What is played is its mean.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/runner/agent.h"
#include "agents/search/flat_policy.h"
#include "agents/search/generation.h"
#include "base/fields.h"
#include "envs/core/rng.h"

namespace ludus::agents {

class Cem final : public Agent {
 public:
  struct Config {
    std::int64_t population = 100;
    double elite_fraction = 0.1;
    double initial_deviation = 10.0;
    double noise = 5.0;
    double noise_decay = 0.1;
    std::int64_t episodes = 1;
    FlatPolicyConfig policy = {};

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("population", self.population, "policies that are drawn in each generation");
      visit("elite_fraction", self.elite_fraction, "share of them to which the distribution is fitted");
      visit("initial_deviation", self.initial_deviation, "standard deviation of every parameter at first, around 0");
      visit("noise", self.noise,
            "variance that is added to the first fit, so that the search does not close too early");
      visit("noise_decay", self.noise_decay, "how much less noise is added in each further generation, down to none");
      visit("episodes", self.episodes, "episodes that each policy plays");
      FlatPolicyConfig::fields(self.policy, visit);
    }
    void check() const;  // throws InvalidArgument
  };

  // Throws NotApplicable unless observations are Box or Discrete, and actions Discrete or Box. `device` is not needed:
  // policies this small run on the processor.
  Cem(const Config& config, const EnvFacts& facts, std::uint64_t seed, const std::string& device);

  std::string_view algorithm() const override { return "cem"; }
  Dict config() const override { return fields_as_dict(config_); }

  // By the mean of the distribution.
  void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) override;

  void act(std::span<const float> observations, Actions& out) override;
  void observe(const Experience& experience) override;
  void update() override {}  // nothing but what observe() does at the end of a generation

  Metrics metrics() override;
  std::vector<std::string> metric_names() const override;

  void save(nn::Checkpoint& checkpoint) const override;
  void load(const nn::Checkpoint& checkpoint) override;
  void save_policy(nn::Checkpoint& checkpoint) const override;
  void load_policy(const nn::Checkpoint& checkpoint) override;

  const std::vector<double>& mean() const { return mean_; }
  const std::vector<double>& variance() const { return variance_; }
  std::int64_t generations() const { return generations_; }  // that are over
  std::size_t elites() const;                                // to how many the distribution is fitted

 private:
  std::span<const double> parameters_of(std::int64_t candidate) const;
  void draw();
  void fit(const std::vector<double>& returns);

  Config config_;
  std::size_t observation_size_;
  std::shared_ptr<const FlatPolicy> policy_;
  envs::Generator generator_;

  std::vector<double> mean_, variance_;  // of every parameter
  std::vector<double> candidates_;       // (population x parameter_count), row-major
  Generation generation_;
  std::int64_t generations_ = 0;
  double mean_return_ = 0, elite_return_ = 0;  // of the last generation that is over, and of its elite
};

}  // namespace ludus::agents
