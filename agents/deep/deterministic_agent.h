// A deterministic policy a = μ(s) and critics Q_i(s, a), each with a target network: what DDPG and TD3 share.
#pragma once

#include <memory>

#include "agents/deep/continuous_agent.h"

namespace ludus::nn {
struct DeterministicActorCritic;
}

namespace ludus::agents {

class DeterministicAgent : public ContinuousAgent {
 public:
  ~DeterministicAgent() override;

 protected:
  /// `critics`: how many; the rest as ContinuousAgent.
  DeterministicAgent(std::string_view algorithm, const ContinuousConfig& config, Dict settings, std::int64_t critics,
                     const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  nn::DeterministicActorCritic& networks() { return *networks_; }

 private:
  void choose(std::span<const float> observations, std::size_t n, std::span<const float> noise,
              std::span<float> actions) const final;
  std::string add_actor(nn::PolicyGraph& graph) const final;
  NamedArrays actor_parameters() const final;
  const nn::Critics& critics() const final;
  void policy_state(StateWriter& visit) const final;
  void policy_state(StateReader& visit) final;
  void network_state(StateWriter& visit) const final;
  void network_state(StateReader& visit) final;

  std::unique_ptr<nn::DeterministicActorCritic> networks_;
};

}  // namespace ludus::agents
