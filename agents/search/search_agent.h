// Base of all search algorithms: candidates are parameter vectors of one policy, each environment runs an episode of
// one candidate, and the incumbent is a parameter vector too.
//
// A derived algorithm assigns candidates to environments in candidate_in(), and learns from the returns in observe().
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agents/core/agent.h"
#include "agents/search/flat_policy.h"
#include "base/fields.h"
#include "base/rng.h"

namespace ludus::agents {

class SearchAgent : public Agent {
 public:
  std::string_view algorithm() const final { return algorithm_; }
  Dict config() const final { return settings_; }

  /// Acts by parameters(). The policy is deterministic, whatever `deterministic` is.
  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) override;
  nn::ExportedPolicy export_policy() const override;
  /// Acts in each environment by its candidate.
  void act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) override;
  void update() final {}  // searches learn in observe(), at the end of episodes

  /// Algorithms override these to add their own state.
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }
  void write_policy(StateWriter& visit) const override { policy_state(*this, visit); }
  void read_policy(StateReader& visit) override { policy_state(*this, visit); }

  template <class Self, class Visit>
  static void policy_state(Self& self, Visit&& visit) {
    visit("parameters", self.parameters_);
  }
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    policy_state(self, visit);
    visit("generator", self.generator_);
  }

  /// Returns the incumbent; zeros initially, unless the algorithm samples it.
  const std::vector<double>& parameters() const { return parameters_; }

 protected:
  /// Throws the exceptions of check_fields(), and NotApplicable unless observations are Box or Discrete, and actions
  /// Discrete or Box.
  template <HasFields Config>
  SearchAgent(std::string_view algorithm, const Config& config, const FlatPolicyConfig& policy,
              const EnvSignature& facts, std::uint64_t seed)
      : algorithm_(algorithm),
        settings_(fields_as_dict(checked(config, algorithm))),
        observation_size_(facts.observation_size),
        policy_(make_flat_policy(facts, policy, algorithm)),
        parameters_(policy_->parameter_count(), 0.0),
        generator_(seed) {}

  /// Returns the parameters that an environment uses, valid until the next call.
  virtual std::span<const double> candidate_in(std::size_t env) = 0;

  const FlatPolicy& policy() const { return *policy_; }
  std::size_t observation_size() const { return observation_size_; }
  Shape parameter_shape() const { return {static_cast<std::int64_t>(parameters_.size())}; }

 private:
  std::string algorithm_;
  Dict settings_;
  std::size_t observation_size_;
  std::shared_ptr<const FlatPolicy> policy_;

 protected:
  std::vector<double> parameters_;
  Generator generator_;
};

}  // namespace ludus::agents
