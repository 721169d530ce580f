#include "envs/wrappers/render_collection.h"

namespace ludus::envs {

RenderCollection::RenderCollection(EnvPtr env, bool pop_frames, bool reset_clean)
    : Wrapper(std::move(env), {"RenderCollection", {{"pop_frames", pop_frames}, {"reset_clean", reset_clean}}}),
      pop_frames_(pop_frames),
      reset_clean_(reset_clean) {}

Reset RenderCollection::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  Reset result = inner().reset(seed, options);
  if (reset_clean_) frames_.clear();
  frames_.push_back(inner().render());
  return result;
}

void RenderCollection::step_into(const Value& action, Step& out) {
  inner().step_into(action, out);
  frames_.push_back(inner().render());
}

std::vector<Scene> RenderCollection::frames() {
  if (!pop_frames_) return frames_;
  return std::exchange(frames_, {});
}

std::unique_ptr<Wrapper> RenderCollection::clone_around(EnvPtr env) const {
  return std::make_unique<RenderCollection>(std::move(env), pop_frames_, reset_clean_);
}

}  // namespace ludus::envs
