#include "envs/wrappers/autoreset.h"

namespace ludus::envs {

Reset Autoreset::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  ended_ = false;
  return inner().reset(seed, options);
}

void Autoreset::step_into(const Value& action, Step& out) {
  if (ended_) {
    Reset begun = inner().reset();
    out.observation = std::move(begun.observation);
    out.info = std::move(begun.info);
    out.reward = 0;
    out.terminated = out.truncated = false;
  } else {
    inner().step_into(action, out);
  }
  ended_ = out.terminated || out.truncated;  // only for the life cycle: the flags stay apart
}

}  // namespace ludus::envs
