#include "agents/planning/planner.h"

#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "envs/registry/registry.h"
#include "nn/model/exported_policy.h"

namespace ludus::agents {
namespace {

std::shared_ptr<const envs::TransitionModel> model_of(const EnvSignature& facts, std::string_view algorithm) {
  if (!facts.spec.wrappers.empty()) {
    std::vector<std::string> names;
    for (const envs::WrapperSpec& wrapper : facts.spec.wrappers) names.push_back(wrapper.name);
    throw NotApplicable(formatted(
        "{}: planning needs the transitions of the bare environment, and these wrappers change them: {}; remove them",
        algorithm, joined(names)));
  }
  std::shared_ptr<const envs::TransitionModel> model;
  try {
    model = envs::transition_model(*envs::make(facts.spec));
  } catch (const envs::NotSupported& error) {
    throw NotApplicable(
        formatted("{}: planning needs the probability of every transition; {}", algorithm, error.what()));
  }
  // states and actions are identified by their numbers, from 0
  const auto numbers = [](const envs::Space& space, std::int64_t n) {
    const auto* discrete = dynamic_cast<const envs::Discrete*>(&space);
    return discrete && discrete->n() == n && discrete->start() == 0;
  };
  if (!numbers(*facts.observation_space, model->num_states()) || !numbers(*facts.action_space, model->num_actions())) {
    throw NotApplicable(
        formatted("{}: states and actions must be those of the transition model, Discrete({}) and Discrete({}), got {} "
                  "and {} of {}",
                  algorithm, model->num_states(), model->num_actions(), facts.observation_space->to_string(),
                  facts.action_space->to_string(), facts.spec.id));
  }
  return model;
}

}  // namespace

Planner::Planner(std::string_view algorithm, const Config& config, const EnvSignature& facts)
    : algorithm_(algorithm), config_(checked(config, algorithm)), model_(model_of(facts, algorithm)) {}

void Planner::begin(std::int64_t total_steps) {
  Agent::begin(total_steps);
  if (!finished()) plan_ = make_plan(*model_, config_);
}

void Planner::require_plan() const {
  if (!finished()) throw WorkError(formatted("{}: there is no plan yet; call begin() or load()", algorithm_));
}

nn::ExportedPolicy Planner::export_policy() const {
  require_plan();
  return nn::table_policy(0, plan_.policy, 0, model_->num_actions());
}

void Planner::predict(const envs::ObservationBatch& batch, bool, envs::ActionBatch& actions) {
  require_plan();
  actions.continuous.clear();
  actions.discrete.resize(batch.size);
  for (std::size_t i = 0; i < batch.size; ++i)
    actions.discrete[i] = plan_.policy[static_cast<std::size_t>(batch.rows[i])];
}

void Planner::act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) {
  predict(batch, true, actions);
}

void Planner::check_plan() const {
  const auto states = static_cast<std::size_t>(model_->num_states());
  if (plan_.values.size() != states || plan_.policy.size() != states) {
    throw InvalidArgument(formatted("the plan must have {} states, got {} values and {} actions", states,
                                    plan_.values.size(), plan_.policy.size()));
  }
  for (const std::int64_t action : plan_.policy) {
    if (action >= 0 && action < model_->num_actions()) continue;
    throw InvalidArgument(formatted("the plan's actions must be 0 to {}, got {}", model_->num_actions() - 1, action));
  }
}

}  // namespace ludus::agents
