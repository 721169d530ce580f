#include "agents/search/search_agent.h"

namespace ludus::agents {

void SearchAgent::predict(std::span<const float> observations, std::size_t n, bool, Actions& out) {
  policy_->choose_all(parameters_, observations, n, out);
}

void SearchAgent::act(std::span<const float> observations, Actions& out) {
  policy_->choose_each([&](std::size_t env) { return candidate_in(env); }, observations,
                       observations.size() / observation_size_, out);
}

}  // namespace ludus::agents
