#include "envs/core/wrapper.h"

namespace ludus::envs {

Wrapper::Wrapper(EnvPtr&& env, WrapperSpec self) : env_(std::move(env)) {
  EnvSpec spec = env_->spec();
  if (!self.name.empty()) spec.wrappers.push_back(std::move(self));
  set_spec(std::move(spec));
}

Value Wrapper::get_state() const {
  return Dict{{"env", env_->get_state()}, {"wrapper", wrapper_state()}};
}

void Wrapper::set_state(const Value& state) {
  StateReader reader(state.as_dict().at("wrapper").as_dict());
  read_state(reader);
  env_->set_state(state.as_dict().at("env"));
  reader.commit();
}

Dict Wrapper::wrapper_state() const {
  Dict state;
  StateWriter writer(state);
  write_state(writer);
  return state;
}

std::unique_ptr<Env> Wrapper::clone() const {
  std::unique_ptr<Wrapper> copy = clone_around(env_->clone());
  const Dict state = wrapper_state();
  StateReader reader(state);
  copy->read_state(reader);
  reader.commit();
  copy->set_spec(spec());
  return copy;
}

}  // namespace ludus::envs
