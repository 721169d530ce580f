#include "agents/rules/rules.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "agents/rules/heuristic.h"
#include "base/format.h"
#include "base/text.h"
#include "envs/classic_control/cart_pole.h"
#include "envs/spaces/element.h"

namespace ludus::agents {
namespace {

// CartPole's observation: cart position (m), cart velocity (m/s), pole angle (rad), pole velocity (rad/s).
constexpr std::size_t kObservationSize = 4;
constexpr std::size_t kTheta = 2;
constexpr std::size_t kThetaDot = 3;

void check_cart_pole(std::string_view policy, const EnvSignature& facts) {
  const auto* actions = dynamic_cast<const envs::Discrete*>(facts.action_space.get());
  if (envs::EnvId::parse(facts.spec.id).name == "CartPole" && facts.observation_size == kObservationSize && actions &&
      actions->n() == 2) {
    return;
  }
  throw NotApplicable(
      formatted("the policy {} is a rule for CartPole, got {}; the policy random works in every environment", policy,
                facts.spec.id));
}

// Pushes right (1) if rule(observation) ≥ 0, else left (0).
template <class Rule>
void push_by(std::span<const float> observations, std::size_t n, envs::ActionBatch& out, Rule rule) {
  out.continuous.clear();
  out.discrete.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    out.discrete[i] = rule(observations.subspan(i * kObservationSize, kObservationSize)) >= 0 ? 1 : 0;
  }
}

template <class P>
std::unique_ptr<Policy> make_rule(const EnvSignature& facts) {
  return std::make_unique<P>(facts);
}

struct Entry {
  BuiltinPolicy about;
  std::function<std::unique_ptr<Policy>(const EnvSignature&)> make;
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = {
      {{"balance", "pushes the cart toward the side to which the pole is falling", {"CartPole"}},
       make_rule<BalancePolicy>},
      {{"heuristic",
        "Gymnasium's own controllers: a pilot for landers, a gait for walkers",
        {"LunarLander", "LunarLanderContinuous", "BipedalWalker", "BipedalWalkerHardcore"}},
       make_heuristic},
      {{"lean", "pushes the cart toward the side to which the pole leans", {"CartPole"}}, make_rule<LeanPolicy>},
      {{"random", "draws every action from the action space", {}},
       [](const EnvSignature& facts) -> std::unique_ptr<Policy> { return std::make_unique<RandomPolicy>(facts, 0); }},
  };
  return all;
}

}  // namespace

const std::vector<BuiltinPolicy>& builtin_policies() {
  static const std::vector<BuiltinPolicy> policies = [] {
    std::vector<BuiltinPolicy> list;
    for (const Entry& entry : entries()) list.push_back(entry.about);
    return list;
  }();
  return policies;
}

std::unique_ptr<Policy> make_builtin(std::string_view name, const EnvSignature& facts) {
  std::vector<std::string> names;
  for (const Entry& entry : entries()) {
    if (entry.about.name == name) return entry.make(facts);
    names.push_back(entry.about.name);
  }
  throw UnknownPolicy(formatted("there is no built-in policy `{}`.{} The built-in policies are {}", name,
                                did_you_mean(name, names), joined(names)));
}

// --- random

RandomPolicy::RandomPolicy(const EnvSignature& facts, std::uint64_t seed)
    : space_(facts.action_space->clone()), reals_(space_->kind() == "Box"), action_size_(facts.action_size) {
  const std::vector<std::string> kinds = {"Box", "Discrete", "MultiBinary", "MultiDiscrete"};
  if (std::find(kinds.begin(), kinds.end(), space_->kind()) == kinds.end()) {
    throw NotApplicable(formatted("the policy random: the action space must be one of {}, got {} of {}", joined(kinds),
                                  space_->to_string(), facts.spec.id));
  }
  if (const auto* box = dynamic_cast<const envs::Box*>(space_.get())) {
    envs::FloatBounds bounds = envs::float_bounds(*box);
    low_ = std::move(bounds.low);
    high_ = std::move(bounds.high);
  }
  row_.resize(action_size_);
  space_->seed(seed);
}

void RandomPolicy::predict(const envs::ObservationBatch& batch, bool, envs::ActionBatch& actions) {
  const std::lock_guard lock(mutex_);
  draw(batch.size, actions);
}

void RandomPolicy::seed(std::uint64_t seed) {
  space_->seed(seed);
}

void RandomPolicy::draw(std::size_t n, envs::ActionBatch& out) {
  out.discrete.resize(reals_ ? 0 : n * action_size_);
  out.continuous.resize(reals_ ? n * action_size_ : 0);
  for (std::size_t i = 0; i < n; ++i) {
    space_->to_row(space_->sample(), row_);
    for (std::size_t k = 0; k < action_size_; ++k) {
      if (reals_) {
        // rounding a double must not move it beyond a bound
        out.continuous[i * action_size_ + k] = std::clamp(static_cast<float>(row_[k]), low_[k], high_[k]);
      } else {
        out.discrete[i * action_size_ + k] = static_cast<std::int64_t>(row_[k]);
      }
    }
  }
}

// --- rules for CartPole

LeanPolicy::LeanPolicy(const EnvSignature& facts) {
  check_cart_pole("lean", facts);
}

void LeanPolicy::predict(const envs::ObservationBatch& batch, bool, envs::ActionBatch& actions) {
  push_by(batch.rows, batch.size, actions, [](std::span<const float> observation) { return observation[kTheta]; });
}

BalancePolicy::BalancePolicy(const EnvSignature& facts) {
  check_cart_pole("balance", facts);
}

void BalancePolicy::predict(const envs::ObservationBatch& batch, bool, envs::ActionBatch& actions) {
  // 1/λ = sqrt(l (4/3 - m_p / M) / g), in seconds, of the pole of CartPole-v1
  const envs::CartPole::Config pole;
  const double fall_time = std::sqrt(pole.length * (4.0 / 3.0 - pole.masspole / pole.total_mass()) / pole.gravity);
  push_by(batch.rows, batch.size, actions, [fall_time](std::span<const float> observation) {
    return static_cast<double>(observation[kTheta]) + fall_time * static_cast<double>(observation[kThetaDot]);
  });
}

// --- random as an algorithm

RandomAgent::RandomAgent(const Config&, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : training_(facts, seed), predicting_(facts, seed) {}

void RandomAgent::predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) {
  predicting_.predict(batch, deterministic, actions);
}

void RandomAgent::seed(std::uint64_t seed) {
  predicting_.seed(seed);
}

void RandomAgent::act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) {
  training_.draw(batch.size, actions);
}

}  // namespace ludus::agents
