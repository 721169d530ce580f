#include "envs/wrappers/order_enforcing.h"

namespace ludus::envs {

OrderEnforcing::OrderEnforcing(EnvPtr env) : Wrapper(std::move(env), {}) {
  EnvSpec enforced = spec();
  enforced.order_enforce = true;
  set_spec(std::move(enforced));
}

Reset OrderEnforcing::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  Reset result = inner().reset(seed, options);
  has_reset_ = true;
  return result;
}

void OrderEnforcing::step_into(const Value& action, Step& out) {
  if (!has_reset_) throw ResetNeeded("step() was called before the first reset(); call reset() to begin an episode");
  inner().step_into(action, out);
}

Scene OrderEnforcing::render() const {
  if (!has_reset_) throw ResetNeeded("render() was called before the first reset(); call reset() to begin an episode");
  return inner().render();
}

std::unique_ptr<Wrapper> OrderEnforcing::rewrap(EnvPtr env) const {
  return std::make_unique<OrderEnforcing>(std::move(env));
}

}  // namespace ludus::envs
