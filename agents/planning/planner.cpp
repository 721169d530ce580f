#include "agents/planning/planner.h"

#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "envs/registry/registry.h"

namespace ludus::agents {
namespace {

std::shared_ptr<const envs::TransitionModel> model_of(const EnvSignature& facts, std::string_view algorithm) {
  const std::string who = std::string(algorithm);
  if (!facts.spec.wrappers.empty()) {
    std::vector<std::string> names;
    for (const envs::WrapperSpec& wrapper : facts.spec.wrappers) names.push_back(wrapper.name);
    throw NotApplicable(formatted(
        "{}: planning needs the transitions of the bare environment, and these wrappers change them: {}; remove them",
        who, joined(names)));
  }
  std::shared_ptr<const envs::TransitionModel> model;
  try {
    model = envs::transition_model(*envs::make(facts.spec));
  } catch (const envs::NotSupported& error) {
    throw NotApplicable(who + " plans with the probability of every transition: " + error.what());
  }
  // states and actions are identified by their numbers, from 0
  const auto numbers = [](const envs::Space& space, std::int64_t n) {
    const auto* discrete = dynamic_cast<const envs::Discrete*>(&space);
    return discrete && discrete->n() == n && discrete->start() == 0;
  };
  if (!numbers(*facts.observation_space, model->num_states()) || !numbers(*facts.action_space, model->num_actions())) {
    throw NotApplicable(who + " needs the states and actions of the table themselves (Discrete(" +
                        std::to_string(model->num_states()) + ") and Discrete(" + std::to_string(model->num_actions()) +
                        ")), and those of " + facts.spec.id + " are " + facts.observation_space->to_string() + " and " +
                        facts.action_space->to_string());
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

void Planner::predict(std::span<const float> observations, std::size_t n, bool, Actions& out) {
  if (!finished()) throw WorkError(algorithm_ + " has no plan yet: begin() makes it, load() brings one");
  out.reals.clear();
  out.integers.resize(n);
  for (std::size_t i = 0; i < n; ++i) out.integers[i] = plan_.policy[static_cast<std::size_t>(observations[i])];
}

void Planner::act(std::span<const float> observations, Actions& out) {
  predict(observations, observations.size(), true, out);
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
