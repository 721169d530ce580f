#include "envs/wrappers/passive_env_checker.h"

#include <cmath>

#include "base/format.h"
#include "envs/spaces/dict.h"
#include "envs/spaces/tuple.h"

namespace ludus::envs {
namespace {

void check_space(const Space& space, const std::string& what, const Warn& warn) {
  if (const auto* box = dynamic_cast<const Box*>(&space)) {
    for (std::size_t i = 0; i < box->low().size(); ++i) {
      if (box->low().get(i) != box->high().get(i)) continue;
      warn(formatted("a Box of the {} space has equal low and high at element {}, which is constant", what, i));
      return;
    }
  } else if (const auto* tuple = dynamic_cast<const Tuple*>(&space)) {
    if (tuple->size() == 0) throw InvalidArgument(formatted("the {} space must not be an empty Tuple", what));
    for (std::size_t i = 0; i < tuple->size(); ++i) check_space(tuple->at(i), what, warn);
  } else if (const auto* dict = dynamic_cast<const DictSpace*>(&space)) {
    if (dict->size() == 0) throw InvalidArgument(formatted("the {} space must not be an empty Dict", what));
    for (std::size_t i = 0; i < dict->size(); ++i) check_space(dict->at(i), what, warn);
  }
}

}  // namespace

PassiveEnvChecker::PassiveEnvChecker(EnvPtr env, Warn warn)
    : Wrapper(std::move(env), {"PassiveEnvChecker", {}}), warn_(std::move(warn)) {
  check_space(inner().action_space(), "action", warn_);
  check_space(inner().observation_space(), "observation", warn_);
}

Reset PassiveEnvChecker::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  Reset result = inner().reset(seed, options);
  if (!checked_reset_) check_observation(result.observation, "reset()");
  checked_reset_ = true;
  return result;
}

void PassiveEnvChecker::step_into(const Value& action, Step& out) {
  inner().step_into(action, out);
  if (checked_step_) return;
  checked_step_ = true;
  check_observation(out.observation, "step()");
  if (std::isnan(out.reward)) warn_("the reward of step() is not a number");
  if (std::isinf(out.reward)) warn_("the reward of step() is infinite");
}

Scene PassiveEnvChecker::render() const {
  if (!checked_render_) {
    checked_render_ = true;
    const double fps = inner().frames_per_second();
    if (!(fps > 0 && std::isfinite(fps))) {
      warn_(formatted("frames_per_second() must be positive and finite, got {}", fps));
    }
  }
  return inner().render();
}

void PassiveEnvChecker::check_observation(const Value& observation, const char* function) {
  if (inner().observation_space().contains(observation)) return;
  warn_(formatted("the observation of {} must be an element of {}, got {}", function,
                  inner().observation_space().to_string(), observation.describe()));
}

std::unique_ptr<Wrapper> PassiveEnvChecker::clone_around(EnvPtr env) const {
  // no warnings: the spaces have been checked already
  auto copy = std::make_unique<PassiveEnvChecker>(std::move(env), [](const std::string&) {});
  copy->warn_ = warn_;
  return copy;
}

}  // namespace ludus::envs
