#include "envs/wrappers/human_rendering.h"

namespace ludus::envs {

Reset HumanRendering::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  Reset result = inner().reset(seed, options);
  show();
  return result;
}

void HumanRendering::step_into(const Value& action, Step& out) {
  inner().step_into(action, out);
  show();
}

void HumanRendering::show() {
  if (screen_) screen_(renderer_(inner().render()), inner().frames_per_second());
}

std::unique_ptr<Wrapper> HumanRendering::clone_around(EnvPtr env) const {
  return std::make_unique<HumanRendering>(std::move(env), renderer_, Screen());
}

}  // namespace ludus::envs
