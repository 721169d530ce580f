// Augmented random search: a step along random directions, each weighted by the difference of the returns of its two
// opposite perturbations.
//
// Source: H. Mania, A. Guy and B. Recht, "Simple random search provides a competitive approach to reinforcement
// learning" (NeurIPS 2018), algorithms 1 and 2. `normalize = false` is their V1, `normalize = true` their V2; `top`
// below `directions` makes the variants V1-t and V2-t. Defaults are those of Stable-Baselines3's contrib.
//
// Deviations: none for a linear policy. Policies with hidden layers (tanh between them) are Stable-Baselines3's
// addition, which uses ReLU.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agents/search/generation.h"
#include "agents/search/observation_moments.h"
#include "agents/search/search_agent.h"
#include "base/format.h"
#include "runs/schedule.h"

namespace ludus::agents {

class Ars final : public SearchAgent {
 public:
  struct Config {
    std::int64_t directions = 8;
    std::int64_t top = 0;
    runs::Schedule learning_rate = 0.02;
    runs::Schedule noise = 0.05;
    bool normalize = true;
    double alive_bonus_offset = 0.0;
    std::int64_t episodes = 1;
    FlatPolicyConfig policy = {};
    bool zero_policy = true;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("directions", self.directions, at_least(1),
            "number of random directions per iteration, N; each is tried with both signs");
      visit("top", self.top, at_least(0), "number of best directions in the update, b; 0: all");
      visit("learning_rate", self.learning_rate, learning_rate_range(), "step size α: a number or a schedule");
      visit("noise", self.noise, above(0), "standard deviation of the exploration noise ν: a number or a schedule");
      visit("normalize", self.normalize, "normalises observations to mean 0 and standard deviation 1 (V2)");
      visit("alive_bonus_offset", self.alive_bonus_offset, finite_number(),
            "offset added to each reward; a negative one cancels an alive bonus");
      visit("episodes", self.episodes, at_least(1), "episodes of each candidate");
      FlatPolicyConfig::fields(self.policy, visit);
      visit("zero_policy", self.zero_policy,
            "initialises all parameters to 0; false: uniformly in ±1/√(number of inputs of the layer)");
    }
    void check() const;  // throws InvalidArgument unless top <= directions
  };

  /// Throws NotApplicable as SearchAgent does, and for Discrete observations with `normalize`. `device` is ignored:
  /// policies this small run on the CPU.
  Ars(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  /// Acts by θ, the centre of the current directions.
  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) override;

  nn::ExportedPolicy export_policy() const override;
  void act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) override;
  void observe(const Experience& experience) override;
  std::int64_t first_update_step() const override { return generation_.least_steps(); }
  std::string missing_for_update() const override {
    return iterations_ > 0 ? "" : formatted("{} complete episodes", generation_.episodes());
  }
  void restart_episodes() override { generation_.restart_episodes(); }
  void restart_training() override { steps_ = 0; }
  bool is_collecting() const override { return generation_.begun(); }

  Metrics metrics() override;
  std::vector<std::string> metric_names() const override;

  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }
  void write_policy(StateWriter& visit) const override { policy_state(*this, visit); }
  void read_policy(StateReader& visit) override { policy_state(*this, visit); }

  template <class Self, class Visit>
  static void policy_state(Self& self, Visit&& visit) {
    SearchAgent::policy_state(self, visit);
    visit("normalizer", self.moments_.scaling());
  }
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    SearchAgent::state(self, visit);
    visit("normalizer", self.moments_.scaling());
    visit("observation_moments", self.moments_);
    visit("directions", self.directions_, Shape{self.config_.directions, self.parameter_shape()[0]});
    visit("noise", self.noise_);
    visit("steps", self.steps_);
    visit("iterations", self.iterations_);
    visit("mean_return", self.mean_return_);
    visit("return_std", self.return_std_);
    visit("generation", self.generation_);
  }

  std::span<const double> direction(std::size_t k) const;  // δ_k
  const ObservationMoments& moments() const { return moments_; }
  std::int64_t iterations() const { return iterations_; }  // completed
  double noise() const { return noise_; }                  // ν of the current iteration

 private:
  std::span<const double> candidate_in(std::size_t env) override;
  // Candidate 2k is θ + ν δ_k, candidate 2k + 1 is θ - ν δ_k.
  void candidate(std::int64_t index, std::vector<double>& out) const;
  void draw();
  void step(const std::vector<double>& returns);
  // Returns the observations as the policy receives them, valid until the next call of this thread.
  envs::ObservationBatch normalized(const envs::ObservationBatch& batch) const;

  Config config_;
  std::vector<double> directions_;  // δ: (directions x parameter_count), row-major
  double noise_ = 0;                // ν of this iteration
  ObservationMoments moments_;
  Generation generation_;
  std::int64_t steps_ = 0;  // environment steps
  std::int64_t iterations_ = 0;
  double mean_return_ = 0, return_std_ = 0;  // of the last completed iteration: over all candidates, and σ_R

  std::vector<double> trial_;  // parameters of one candidate, reused
};

}  // namespace ludus::agents
