#include "envs/vector/vector_wrapper.h"

namespace ludus::envs {
namespace {

EnvSpec with_wrapper(EnvSpec spec, WrapperSpec self) {
  if (!self.name.empty()) spec.wrappers.push_back(std::move(self));
  return spec;
}

SpacePtr space_or_clone(SpacePtr space, const Space& inner) {
  return space ? std::move(space) : inner.clone();
}

}  // namespace

VectorWrapper::VectorWrapper(VectorEnvPtr&& envs, WrapperSpec self, SpacePtr observation_space, SpacePtr action_space)
    : VectorEnv(envs->num_envs(), space_or_clone(std::move(observation_space), envs->single_observation_space()),
                space_or_clone(std::move(action_space), envs->single_action_space()), envs->autoreset_mode(),
                with_wrapper(envs->spec(), std::move(self))),
      envs_(std::move(envs)) {}

const VectorStep& VectorWrapper::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  Dict rest;
  const std::vector<std::uint8_t> mask = reset_mask(options, rest);
  after_reset(envs_->reset(seed, options), mask);
  return result_;
}

const VectorStep& VectorWrapper::step(ActionView actions) {
  after_step(envs_->step(actions));
  return result_;
}

Value VectorWrapper::get_state() const {
  Dict wrapper;
  StateWriter writer(wrapper);
  write_state(writer);
  return Dict{{"env", envs_->get_state()}, {"wrapper", wrapper}, {"result", state_as_dict(result_)}};
}

void VectorWrapper::set_state(const Value& state) {
  const Dict& parts = state.as_dict();
  StateReader wrapper(parts.at("wrapper").as_dict());
  read_state(wrapper);
  StateReader result(parts.at("result").as_dict());
  VectorStep::state(result_, result);
  envs_->set_state(parts.at("env"));
  result.commit();
  wrapper.commit();
}

void VectorWrapper::copy_all_but_observations(const VectorStep& inside) {
  result_.rewards = inside.rewards;
  result_.terminated = inside.terminated;
  result_.truncated = inside.truncated;
  result_.has_final = inside.has_final;
  result_.was_reset = inside.was_reset;
  result_.info = inside.info;
}

}  // namespace ludus::envs
