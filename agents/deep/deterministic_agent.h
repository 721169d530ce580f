// Learners whose policy is a function a = μ(s), judged by critics Q_i(s, a), each with a target network: DDPG and TD3.
#pragma once

#include <memory>

#include "agents/deep/off_policy_agent.h"

namespace ludus::nn {
struct DeterministicActorCritic;
}

namespace ludus::agents {

class DeterministicAgent : public OffPolicyAgent {
 public:
  ~DeterministicAgent() override;

 protected:
  // `critics`: how many there are; the rest as OffPolicyAgent.
  DeterministicAgent(std::string_view algorithm, const OffPolicyConfig& config, Dict settings, std::int64_t critics,
                     const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  nn::DeterministicActorCritic& networks() { return *networks_; }

 private:
  void choose(std::span<const float> observations, std::size_t n, bool deterministic, Generator& generator,
              std::span<float> actions) final;
  const nn::Critics& critics() const final;
  std::vector<Part> parts() const final;

  std::unique_ptr<nn::DeterministicActorCritic> networks_;
};

}  // namespace ludus::agents
