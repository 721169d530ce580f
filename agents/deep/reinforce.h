// REINFORCE: the policy gradient from whole episodes, with or without a learnt baseline.
//
// Source: R. J. Williams, "Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning"
// (Machine Learning 8, 1992); with the baseline: R. S. Sutton and A. G. Barto, "Reinforcement Learning: An
// Introduction" (2nd edition, 2018), section 13.4.
//
// Deviations: Adam instead of plain gradient ascent, one step per `episodes` episodes; gradients are clipped by their
// norm; Sutton and Barto's factor γ^t of each step's gradient is omitted, as is common; a truncated episode bootstraps
// from the value function.
#pragma once

#include "agents/deep/actor_critic.h"
#include "replay/episode_buffer.h"

namespace ludus::agents {

class Reinforce final : public ActorCriticAgent {
 public:
  struct Config : ActorCriticConfig {
    Config() { learning_rate = 1e-3; }
    std::int64_t episodes = 8;
    bool baseline = true;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("episodes", self.episodes, at_least(1), "complete episodes between two updates, over all environments");
      visit("baseline", self.baseline,
            "subtracts V(s) from the returns; false: V(s) only bootstraps truncated episodes");
      ActorCriticConfig::fields(self, visit);
    }
  };

  /// Throws NotApplicable unless the action space is Discrete, MultiDiscrete, MultiBinary or a Box of floating-point
  /// numbers.
  Reinforce(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  std::string_view algorithm() const override { return "reinforce"; }
  Dict config() const override;
  void update() override;
  std::int64_t first_update_step() const override;
  std::string missing_for_update() const override;
  bool is_collecting() const override { return !episodes_.empty(); }
  void restart_episodes() override {
    ActorCriticAgent::restart_episodes();
    episodes_.restart();
  }
  void write_state(StateWriter& visit) const override {
    ActorCriticAgent::write_state(visit);
    visit("episodes", episodes_);
  }
  void read_state(StateReader& visit) override {
    ActorCriticAgent::read_state(visit);
    visit("episodes", episodes_);
  }

 private:
  void remember(const replay::StepRows& step) override { episodes_.add(step); }

  Config config_;
  replay::EpisodeBuffer episodes_;
};

}  // namespace ludus::agents
