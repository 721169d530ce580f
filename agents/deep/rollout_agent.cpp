#include "agents/deep/rollout_agent.h"

namespace ludus::agents {

void RolloutAgent::update() {
  if (!rollout_.full()) return;
  estimate(rollout_.steps(), rollout_.stride(), gae_lambda_);
  learn(rollout_.steps());
  rollout_.clear();
}

}  // namespace ludus::agents
