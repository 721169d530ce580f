#include "envs/wrappers/order_enforcing.h"

namespace ludus::envs {

namespace {

// Empty for the innermost, which make() adds by the spec's order_enforce.
WrapperSpec recorded(Env& inside) {
  if (inside.spec().wrappers.empty() && !find_wrapper<OrderEnforcing>(inside)) return {};
  return {"OrderEnforcing", {}};
}

}  // namespace

OrderEnforcing::OrderEnforcing(EnvPtr env) : Wrapper(std::move(env), recorded(*env)) {
  if (spec().wrappers.size() > inner().spec().wrappers.size()) return;
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

std::unique_ptr<Wrapper> OrderEnforcing::clone_around(EnvPtr env) const {
  return std::make_unique<OrderEnforcing>(std::move(env));
}

}  // namespace ludus::envs
