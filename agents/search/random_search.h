// Random search: sample the weights of a linear policy, run an episode, keep the best.
//
// Source: H. Mania, A. Guy and B. Recht, "Simple random search provides a competitive approach to reinforcement
// learning" (NeurIPS 2018) for the performance of linear policies; the search itself is much older (L. A. Rastrigin,
// "The convergence of the random search method in the extremal control of a many parameter system", 1963). Here in the
// form of the common CartPole exercise: parameters uniform in [-1, 1], the best of 100 episodes.
//
// Deviation: candidates that tie for the best episode run further episodes until their means differ. On CartPole-v0
// about 7 of 100 candidates reach the 200 steps in their one episode, and only 2 in 5 of those always do. Of 100
// trainings (seeds 100 to 199), 46 ended with a policy that balances in each of 100 new episodes if the first tie is
// kept, and 92 with up to 50 further episodes. `confirm_episodes = 0` is the literal exercise.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "agents/search/search_agent.h"

namespace ludus::agents {

class RandomSearch final : public SearchAgent {
 public:
  struct Config {
    std::int64_t episodes = 100;
    std::int64_t confirm_episodes = 50;
    double range = 1.0;
    bool bias = false;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("episodes", self.episodes, at_least(1), "number of candidates, each evaluated for one episode");
      visit("confirm_episodes", self.confirm_episodes, at_least(0),
            "maximum further episodes of each candidate that ties for the best; 0 keeps the first of them");
      visit("range", self.range, above(0), "parameters are drawn uniformly from [-range, range]");
      visit("bias", self.bias, "the policy has a bias term");
    }
  };

  /// Throws NotApplicable as SearchAgent does. `device` is ignored: a linear policy runs on the CPU.
  RandomSearch(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  void observe(const Experience& experience) override;
  std::string missing_for_update() const override {
    const bool tried = std::any_of(counts_.begin(), counts_.end(), [](std::int64_t count) { return count > 0; });
    return tried ? "" : "one complete episode";
  }
  void restart_episodes() override { env_return_.assign(env_return_.size(), 0.0); }
  bool finished() const override { return finished_; }

  Metrics metrics() override;
  std::vector<std::string> metric_names() const override;

  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    SearchAgent::state(self, visit);
    visit("candidates/parameters", self.drawn_, AnyLength{self.parameters_.size()});
    visit("candidates/return_sums", self.sums_, AnyLength{});
    visit("candidates/episodes", self.counts_, AnyLength{});
    visit("candidates/contending", self.contending_, AnyLength{});
    visit("env/candidate", self.env_candidate_);
    visit("env/return", self.env_return_);
    visit("best_return", self.best_return_);
    visit("round", self.round_);
    visit("finished", self.finished_);
    visit.check([&] { self.check_candidates(); });
  }

  double best_return() const { return best_return_; }  // of parameters(), the best so far: the mean over its episodes
  std::int64_t candidates() const { return static_cast<std::int64_t>(sums_.size()); }  // drawn so far

 private:
  static constexpr std::int64_t kNone = -1;

  std::span<const double> candidate_in(std::size_t env) override;
  std::span<const double> parameters_of(std::int64_t candidate) const;
  double mean_of(std::size_t candidate) const { return sums_[candidate] / static_cast<double>(counts_[candidate]); }
  std::int64_t next_candidate();  // candidate of the next episode, or kNone
  std::int64_t running_episodes(std::size_t candidate) const;
  void check_candidates() const;
  void keep_best();
  void end_round();

  Config config_;

  // candidates, in the order of sampling
  std::vector<double> drawn_;             // (candidates x parameter_count), row-major
  std::vector<double> sums_;              // of the returns of its episodes
  std::vector<std::int64_t> counts_;      // completed episodes
  std::vector<std::uint8_t> contending_;  // 1: may still become the best
  std::int64_t round_ = 0;                // 0: one episode for each; k: the k-th further one
  bool finished_ = false;

  // environments
  std::vector<std::int64_t> env_candidate_;  // the candidate it runs; kNone: the best one, not counted
  std::vector<double> env_return_;           // of the current episode

  double best_return_ = 0;  // of parameters()
};

}  // namespace ludus::agents
