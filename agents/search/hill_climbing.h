// Hill climbing: add noise to the best linear policy so far, run an episode, keep the new policy if its return is no
// lower.
//
// Source: the adaptive random search of M. A. Schumer and K. Steiglitz, "Adaptive Step Size Random Search" (IEEE
// Transactions on Automatic Control, 1968), in the form of the common CartPole exercise: a success halves the noise, to
// search locally; a failure doubles it, to search more widely.
//
// A candidate that equals the best replaces it: on a plateau, for example of episodes that reach the time limit, the
// search continues as a random walk, and spends most of its time in large flat regions, where policies are robust.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agents/search/search_agent.h"

namespace ludus::agents {

class HillClimbing final : public SearchAgent {
 public:
  struct Config {
    std::int64_t episodes = 1000;
    double noise = 0.01;
    double noise_min = 0.001;
    double noise_max = 2.0;
    bool bias = false;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("episodes", self.episodes, at_least(1), "number of candidates, each evaluated for one episode");
      visit("noise", self.noise, above(0), "initial standard deviation of the noise on every parameter");
      visit("noise_min", self.noise_min, above(0), "lower bound of that standard deviation");
      visit("noise_max", self.noise_max, above(0), "upper bound of that standard deviation");
      visit("bias", self.bias, "the policy has a bias term");
    }
    void check() const;  // throws InvalidArgument unless noise_min <= noise <= noise_max
  };

  /// Throws NotApplicable as SearchAgent does. `device` is ignored: a linear policy runs on the CPU.
  HillClimbing(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  void observe(const Experience& experience) override;
  std::string missing_for_update() const override { return tried_ > 0 ? "" : "one complete episode"; }
  void restart_episodes() override { env_return_.assign(env_return_.size(), 0.0); }
  bool finished() const override { return tried_ >= config_.episodes; }

  Metrics metrics() override;
  std::vector<std::string> metric_names() const override;

  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    SearchAgent::state(self, visit);
    visit("best_return", self.best_return_);
    visit("noise", self.noise_);
    visit("tried", self.tried_);
    visit("env/parameters", self.env_parameters_,
          Shape{static_cast<std::int64_t>(self.env_return_.size()), self.parameter_shape()[0]});
    visit("env/return", self.env_return_);
  }

  double best_return() const { return best_return_; }  // of parameters(), the best so far
  double noise() const { return noise_; }
  std::int64_t tried() const { return tried_; }  // completed episodes

 private:
  std::span<const double> candidate_in(std::size_t env) override;
  std::span<double> parameters_of(std::size_t env);
  void draw(std::size_t env);
  void evaluate_actions(std::size_t env);

  Config config_;

  double best_return_ = 0;  // of parameters(), once one has been tried
  double noise_;
  std::int64_t tried_ = 0;

  std::vector<double> env_parameters_;  // (N x parameter_count): the candidate of each environment
  std::vector<double> env_return_;      // (N) of the current episode
};

}  // namespace ludus::agents
