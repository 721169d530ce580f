// The agents that learn from rollouts: a fixed number of steps of every environment for each update. This header does
// not include torch.
#pragma once

#include <cstdint>
#include <string>

#include "agents/deep/actor_critic.h"
#include "replay/rollout.h"

namespace ludus::agents {

class RolloutAgent : public ActorCriticAgent {
 public:
  void update() final;
  std::int64_t first_update_step() const final { return static_cast<std::int64_t>(rollout_.capacity()); }
  bool is_collecting() const final { return !rollout_.empty(); }
  void restart_episodes() final {
    ActorCriticAgent::restart_episodes();
    rollout_.clear();
  }
  void write_state(StateWriter& visit) const final {
    ActorCriticAgent::write_state(visit);
    visit("rollout", rollout_);
  }
  void read_state(StateReader& visit) final {
    ActorCriticAgent::read_state(visit);
    visit("rollout", rollout_);
  }

 protected:
  /// `n_steps`: steps of each environment between two updates; `gae_lambda`: λ of the advantages.
  RolloutAgent(std::string_view algorithm, const ActorCriticConfig& config, std::int64_t n_steps, double gae_lambda,
               const EnvSignature& facts, std::uint64_t seed, const std::string& device)
      : ActorCriticAgent(algorithm, config, facts, seed, device),
        gae_lambda_(gae_lambda),
        rollout_(static_cast<std::size_t>(n_steps), num_envs_, step_sizes()) {}

  /// Learns from a complete rollout, whose values, advantages and returns are estimated.
  virtual void learn(const replay::Trajectory& steps) = 0;

 private:
  void remember(const replay::StepRows& step) final { rollout_.add(step); }

  double gae_lambda_;
  replay::Rollout rollout_;
};

}  // namespace ludus::agents
