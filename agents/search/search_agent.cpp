#include "agents/search/search_agent.h"

#include "nn/model/exported_policy.h"

namespace ludus::agents {

void SearchAgent::predict(const envs::ObservationBatch& batch, bool, envs::ActionBatch& actions) {
  policy_->choose_all(parameters_, batch.rows, batch.size, actions);
}

nn::ExportedPolicy SearchAgent::export_policy() const {
  return policy_->export_policy(parameters_);
}

void SearchAgent::act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) {
  policy_->choose_each([&](std::size_t env) { return candidate_in(env); }, batch.rows, batch.size, actions);
}

}  // namespace ludus::agents
