#include "envs/core/wrapper.h"

namespace ludus::envs {

Wrapper::Wrapper(EnvPtr&& env, WrapperSpec self) : env_(std::move(env)) {
  EnvSpec spec = env_->spec();
  if (!self.name.empty()) spec.wrappers.push_back(std::move(self));
  set_spec(std::move(spec));
}

Value Wrapper::get_state() const {
  return Dict{{"env", env_->get_state()}, {"wrapper", save()}};
}

void Wrapper::set_state(const Value& state) {
  env_->set_state(state.as_dict().at("env"));
  restore(state.as_dict().at("wrapper"));
}

std::unique_ptr<Env> Wrapper::clone() const {
  std::unique_ptr<Wrapper> copy = clone_around(env_->clone());
  copy->restore(save());
  copy->set_spec(spec());
  return copy;
}

}  // namespace ludus::envs
