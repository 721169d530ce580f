// Base of the off-policy algorithms for continuous actions: SAC, TD3, DDPG. Policies and critics see actions scaled to
// [-1, 1].
#pragma once

#include "agents/deep/action_noise.h"
#include "agents/deep/action_scale.h"
#include "agents/deep/off_policy_agent.h"
#include "base/named_arrays.h"

namespace ludus::nn {
class Critics;
class PolicyGraph;
struct NetworkOptions;
}  // namespace ludus::nn

namespace ludus::agents {

struct ContinuousConfig : ReplaySettings {
  ActionNoise::Options noise = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    ReplaySettings::fields(self, visit);
    ActionNoise::Options::fields(self.noise, visit);
  }
  void check() const { noise.check(); }
};

class ContinuousAgent : public OffPolicyAgent {
 public:
  void act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) final;
  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) final;
  void restart_episodes() final;

  nn::ExportedPolicy export_policy() const final;

  /// Q(s, a) of the (first) critic for n observations and actions in the environment's unit: n numbers.
  std::vector<float> action_values(std::span<const float> observations, std::span<const float> actions,
                                   std::size_t n) const;

 protected:
  /// `config`: already checked. `config_dict`: every field of the algorithm's configuration. `recorded`: the tags under
  /// which learn() records. Throws InvalidArgument, and NotApplicable unless the action space is a bounded Box of
  /// floating-point numbers.
  ContinuousAgent(std::string_view algorithm, const ContinuousConfig& config, Dict config_dict,
                  std::vector<std::string> recorded, const EnvSignature& facts, std::uint64_t seed,
                  const std::string& device);

  /// Writes the policy's actions for n observations, (n x action_size) in [-1, 1]: samples of a stochastic policy, made
  /// from `noise`, (n x noise_size()) standard normal numbers; without noise the deterministic ones. Thread-safe.
  virtual void choose(std::span<const float> observations, std::size_t n, std::span<const float> noise,
                      std::span<float> actions) const = 0;
  /// Adds the network of the deterministic actions to `graph` and returns its last node: (action_size) in [-1, 1].
  virtual std::string add_actor(nn::PolicyGraph& graph) const = 0;
  /// Returns the parameters from which add_actor() takes the weights.
  virtual NamedArrays actor_parameters() const = 0;
  /// Returns the number of noise samples for an action; 0 if the policy is not stochastic.
  virtual std::size_t noise_size() const { return 0; }
  /// Writes the actions of a step of training, before action noise is added: one for each environment.
  virtual void explore(std::span<const float> observations, std::span<float> actions);
  /// Whether the actions of the warm-up are uniform; else the policy explores from the first step.
  virtual bool warms_up_at_random() const { return true; }

  virtual const nn::Critics& critics() const = 0;
  virtual void network_state(StateWriter& visit) const = 0;
  virtual void network_state(StateReader& visit) = 0;

  /// Options of a network over the observations, with the configured layers.
  nn::NetworkOptions network_options(std::int64_t outputs, std::int64_t extra_inputs) const;

  std::size_t action_size() const { return action_size_; }
  /// A fresh seed for initialising the networks.
  std::uint64_t draw_seed() { return generator().next_uint64(); }

 private:
  void encode_actions(const envs::ActionBatch& actions, std::vector<float>& rows) const final;
  void after_observe(const Experience& experience) final;
  void learning_state(StateWriter& visit) const final;
  void learning_state(StateReader& visit) final;

  std::size_t action_size_;
  ActionScale scale_;
  mutable ActionNoise noise_;
};

}  // namespace ludus::agents
