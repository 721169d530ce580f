// Advantage actor-critic: a policy follows the gradient of its return, judged by a value function, after a few steps of
// several environments side by side.
//
// Source: V. Mnih et al., "Asynchronous Methods for Deep Reinforcement Learning" (ICML 2016, arXiv:1602.01783), section
// 4, with environments in step in place of asynchronous workers; advantages: J. Schulman et al. 2016 (arXiv:1506.02438).
//
// Deviations from the paper, all of them Stable-Baselines3's: synchronous; the perceptrons of policy and value are
// apart; episodes that were truncated are bootstrapped; orthogonal weights. RMSprop adds its epsilon outside the root,
// as torch does; TensorFlow's, with which the paper's followers tuned, adds it inside. Defaults are
// Stable-Baselines3's.
#pragma once

#include "agents/deep/actor_critic.h"
#include "replay/rollout.h"

namespace ludus::agents {

class A2c final : public ActorCriticAgent {
 public:
  struct Config : ActorCriticConfig {
    Config() { learning_rate = 7e-4; }
    std::int64_t n_steps = 5;
    double gae_lambda = 1.0;
    std::string optimizer = "rmsprop";
    double optimizer_epsilon = 1e-5;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("n_steps", self.n_steps, "steps of each environment between two updates");
      visit("gae_lambda", self.gae_lambda,
            "λ of the advantages: 1 sums rewards, 0 believes the value of the next state");
      visit("optimizer", self.optimizer, "\"rmsprop\" or \"adam\"");
      visit("optimizer_epsilon", self.optimizer_epsilon, "added to the root of the mean squared gradient");
      shared_fields(self, visit);
    }
    void check() const;  // throws InvalidArgument
  };

  // Throws NotApplicable for actions of other kinds than Discrete, MultiDiscrete, MultiBinary and Box of reals.
  A2c(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  std::string_view algorithm() const override { return "a2c"; }
  Dict config() const override;
  void update() override;
  void write_state(StateWriter& visit) const override {
    ActorCriticAgent::write_state(visit);
    visit("rollout", rollout_);
  }
  void read_state(StateReader& visit) override {
    ActorCriticAgent::read_state(visit);
    visit("rollout", rollout_);
  }

 private:
  void remember(const replay::StepRows& step) override { rollout_.add(step); }

  Config config_;
  replay::Rollout rollout_;
};

}  // namespace ludus::agents
