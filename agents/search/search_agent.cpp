#include "agents/search/search_agent.h"

#include "agents/core/saved_state.h"

namespace ludus::agents {

void SearchAgent::predict(std::span<const float> observations, std::size_t n, bool, Actions& out) {
  policy_->choose_all(parameters_, observations, n, out);
}

void SearchAgent::act(std::span<const float> observations, Actions& out) {
  policy_->choose_each([&](std::size_t lane) { return candidate_in(lane); }, observations,
                       observations.size() / observation_size_, out);
}

void SearchAgent::save_policy(Checkpoint& checkpoint) const {
  put_numbers(checkpoint, "agent/parameters", parameters_);
}

void SearchAgent::load_policy(const Checkpoint& checkpoint) {
  parameters_ = take_numbers<double>(checkpoint, "agent/parameters", parameter_shape());
}

void SearchAgent::save(Checkpoint& checkpoint) const {
  SearchAgent::save_policy(checkpoint);
  put_generator(checkpoint, "agent/generator", generator_);
}

void SearchAgent::load(const Checkpoint& checkpoint) {
  SearchAgent::load_policy(checkpoint);
  generator_ = take_generator(checkpoint, "agent/generator");
}

}  // namespace ludus::agents
