// Imitation of successful random policies: run many random policies, keep the episodes with a high return, and train a
// classifier on their actions. Known as the naive network policy.
//
// The classifier is fitted by cross entropy on (observation, action) pairs: behavioural cloning (D. A. Pomerleau,
// "ALVINN: An Autonomous Land Vehicle in a Neural Network", NIPS 1988) of the elite episodes of one round of the
// cross-entropy method (R. Y. Rubinstein, "The Cross-Entropy Method for Combinatorial and Continuous Optimization",
// 1999). The behaviour policies are linear with random weights, new for every episode (or random actions).
//
// The training has two phases: while episodes are collected, update() does nothing; then every update() is one epoch,
// until `epochs` are done. Nothing is bootstrapped, so that terminated and truncated episodes are treated alike.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/core/agent.h"
#include "agents/search/linear_policy.h"
#include "base/fields.h"
#include "base/rng.h"
#include "nn/networks/network_config.h"

namespace ludus::agents {

/// Thrown if no episode exceeds the threshold.
class NothingToImitate : public WorkError {
 public:
  using WorkError::WorkError;
};

class Imitation : public Agent {
 public:
  struct Config {
    std::int64_t episodes = 500;
    double score_threshold = 100;
    std::string behaviour = "linear";
    nn::NetworkConfig network = {.hidden = {32}};
    std::int64_t epochs = 20;
    std::int64_t batch_size = 64;
    double learning_rate = 1e-3;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("episodes", self.episodes, at_least(1),
            "episodes of the behaviour policies before the classifier is trained");
      visit("score_threshold", self.score_threshold, finite_number().or_infinity(),
            "episodes with a return above this are imitated");
      visit("behaviour", self.behaviour, one_of("linear", "random"),
            "behaviour policies: linear, with weights uniform in [-1, 1], new for every episode, or random actions");
      nn::NetworkConfig::fields(self.network, visit);
      visit("epochs", self.epochs, at_least(1), "passes over the selected episodes");
      visit("batch_size", self.batch_size, at_least(1), "minibatch size, in pairs of observation and action");
      visit("learning_rate", self.learning_rate, learning_rate_range(), "learning rate of Adam");
    }
  };

  /// Throws NotApplicable unless observations are a Box and actions Discrete. The network is on `device`.
  Imitation(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);
  ~Imitation() override;

  std::string_view algorithm() const override { return "imitation"; }
  Dict config() const override { return fields_as_dict(config_); }

  /// Returns the action with the highest probability.
  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) override;
  nn::ExportedPolicy export_policy() const override;

  void act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) override;
  void observe(const Experience& experience) override;
  void update() override;  // throws NothingToImitate
  void restart_episodes() override;
  void finish() override;  // trains on the episodes collected so far; throws NothingToImitate
  bool finished() const override { return epoch_ >= config_.epochs; }

  Metrics metrics() override;
  std::vector<std::string> metric_names() const override;

  void write_state(StateWriter& visit) const override;
  void read_state(StateReader& visit) override;
  void write_policy(StateWriter& visit) const override;
  void read_policy(StateReader& visit) override;

  std::int64_t played() const { return played_; }    // episodes
  std::int64_t kept() const { return kept_; }        // episodes above the threshold
  std::int64_t samples() const { return samples_; }  // (observation, action) pairs in the kept episodes

 private:
  class Classifier;  // the network and its optimiser

  // The current episode of an environment.
  struct EnvEpisode {
    std::vector<double> parameters;     // of its linear behaviour policy
    std::vector<float> observations;    // (steps x observation_size)
    std::vector<std::int64_t> actions;  // (steps) counted from 0
    double total = 0;                   // current return

    template <class Self, class Visit>
    static void state(Self& self, Visit&& visit) {
      visit("parameters", self.parameters);
      visit("observations", self.observations, AnyLength{});
      visit("actions", self.actions, AnyLength{});
      visit("return", self.total);
    }
  };

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit);
  void check_samples() const;

  bool collecting() const { return played_ < config_.episodes && !fitting_; }
  void begin_episode(EnvEpisode& episode);
  void end_episode(EnvEpisode& episode);
  void fit_one_epoch();

  Config config_;
  std::string environment_;
  std::size_t observation_size_;
  std::int64_t first_action_;
  std::int64_t actions_;  // number of actions
  LinearPolicy behaviour_;
  Generator generator_;
  std::unique_ptr<Classifier> classifier_;

  std::vector<EnvEpisode> envs_;
  std::vector<float> good_observations_;    // (samples x observation_size)
  std::vector<std::int64_t> good_actions_;  // (samples)
  std::int64_t played_ = 0;
  std::int64_t kept_ = 0;
  std::int64_t samples_ = 0;
  bool fitting_ = false;  // collection is over
  std::int64_t epoch_ = 0;
  double loss_ = 0;  // mean cross entropy of the last epoch, nats
};

}  // namespace ludus::agents
