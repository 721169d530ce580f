#include "agents/planning/planner.h"

#include <utility>

#include "agents/core/saved_state.h"
#include "envs/registry/registry.h"
#include "base/checkpoint.h"
#include "base/format.h"
#include "base/text.h"

namespace ludus::agents {
namespace {

std::shared_ptr<const envs::TransitionModel> model_of(const EnvSignature& facts, std::string_view algorithm) {
  const std::string who = std::string(algorithm);
  if (!facts.spec.wrappers.empty()) {
    std::vector<std::string> names;
    for (const envs::WrapperSpec& wrapper : facts.spec.wrappers) names.push_back(wrapper.name);
    throw NotApplicable(formatted(
        "{}: planning needs the transitions of the bare environment, and these wrappers change them: {}; remove them", who,
        joined(names)));
  }
  std::shared_ptr<const envs::TransitionModel> model;
  try {
    model = envs::transition_model(*envs::make(facts.spec));
  } catch (const envs::NotSupported& error) {
    throw NotApplicable(who + " plans with the probability of every transition: " + error.what());
  }
  // states and actions are told by their numbers, from 0
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

void PlannerConfig::check() const {
  if (!(discount >= 0 && discount < 1)) {
    throw InvalidArgument("discount must be 0 or more and less than 1, and is " + std::to_string(discount));
  }
  if (!(tolerance > 0)) throw InvalidArgument("tolerance must be above 0, and is " + std::to_string(tolerance));
}

Planner::Planner(std::string_view algorithm, const Config& config, const EnvSignature& facts)
    : algorithm_(algorithm), config_(config), model_(model_of(facts, algorithm)) {
  config_.check();
}

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

void Planner::save(Checkpoint& checkpoint) const {
  put_numbers(checkpoint, "agent/values", plan_.values);
  put_numbers(checkpoint, "agent/policy", plan_.policy);
  put_integer(checkpoint, "agent/sweeps", plan_.sweeps);
}

void Planner::load(const Checkpoint& checkpoint) {
  const Shape states{model_->num_states()};
  Plan plan;
  plan.values = take_numbers<double>(checkpoint, "agent/values", states);
  plan.policy = take_numbers<std::int64_t>(checkpoint, "agent/policy", states);
  plan.sweeps = take_integer(checkpoint, "agent/sweeps");
  for (const std::int64_t action : plan.policy) {
    if (action >= 0 && action < model_->num_actions()) continue;
    throw CorruptCheckpoint("the checkpoint's agent/policy names action " + std::to_string(action) + " of " +
                                std::to_string(model_->num_actions()));
  }
  plan_ = std::move(plan);
}

}  // namespace ludus::agents
