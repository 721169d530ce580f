// Base of the planners: a policy computed from a transition model, without experience.
//
// A planner plans before the first step of a training and has nothing to learn afterwards: the run ends at once, and
// its policy is evaluated and saved like any other.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agents/core/agent.h"
#include "agents/planning/bellman.h"
#include "base/fields.h"

namespace ludus::agents {

struct PlannerConfig {
  double discount = 0.99;
  double tolerance = 1e-10;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("discount", self.discount, at_least(0).below(1), "discount factor γ");
    visit("tolerance", self.tolerance, above(0), "maximum distance of a value from the optimal one");
  }
};

struct Plan {
  StateValues values;   // V of the optimal policy
  StateActions policy;  // the first of the optimal actions of every state
  std::int64_t sweeps = 0;
};

class Planner : public Agent {
 public:
  using Config = PlannerConfig;

  /// Throws NotApplicable, naming `algorithm`, unless the environment has a transition model whose states are its
  /// observations and whose actions are its actions.
  Planner(std::string_view algorithm, const Config& config, const EnvSignature& facts);

  std::string_view algorithm() const final { return algorithm_; }
  Dict config() const final { return fields_as_dict(config_); }

  void begin(std::int64_t total_steps) final;  // plans, unless already done; throws PlanningFailed
  bool finished() const final { return !plan_.policy.empty(); }

  /// Computes the plan's actions, whatever `deterministic` is. Throws WorkError if there is no plan yet.
  void predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) final;

  nn::ExportedPolicy export_policy() const final;  // throws WorkError if there is no plan yet

  void act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) final;
  void observe(const Experience&) final {}  // experience does not change a plan
  void update() final {}

  void write_state(StateWriter& visit) const final { state(*this, visit); }
  void read_state(StateReader& visit) final { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("values", self.plan_.values, AnyLength{});
    visit("policy", self.plan_.policy, AnyLength{});
    visit("sweeps", self.plan_.sweeps);
    visit.check([&] { self.check_plan(); });
  }

  const Plan& plan() const { return plan_; }

 protected:
  virtual Plan make_plan(const envs::TransitionModel& model, const Config& config) const = 0;

 private:
  void check_plan() const;
  void require_plan() const;

  std::string algorithm_;
  Config config_;
  std::shared_ptr<const envs::TransitionModel> model_;
  Plan plan_;
};

}  // namespace ludus::agents
