#include "envs/wrappers/add_render_observation.h"

#include "envs/spaces/dict.h"

namespace ludus::envs {
namespace {

WrapperSpec self_spec(bool render_only, const std::string& render_key, const std::string& obs_key) {
  return {"AddRenderObservation", {{"render_only", render_only}, {"render_key", render_key}, {"obs_key", obs_key}}};
}

}  // namespace

AddRenderObservation::AddRenderObservation(EnvPtr env, SceneRenderer renderer, bool render_only,
                                           const std::string& render_key, const std::string& obs_key)
    : ObservationWrapper(std::move(env), self_spec(render_only, render_key, obs_key)),
      renderer_(std::move(renderer)),
      render_only_(render_only),
      render_key_(render_key),
      obs_key_(obs_key) {
  inner().reset();
  auto pixels = std::make_unique<Box>(0, 255, renderer_(inner().render()).shape(), DType::kUInt8);
  if (render_only) {
    space_ = std::move(pixels);
    return;
  }
  std::vector<DictSpace::Part> parts;
  parts.emplace_back(render_key, std::move(pixels));
  if (const auto* dict = dynamic_cast<const DictSpace*>(&inner().observation_space())) {
    for (const std::string& key : dict->keys()) parts.emplace_back(key, dict->at(key).clone());
  } else {
    parts.emplace_back(obs_key, inner().observation_space().clone());
  }
  space_ = std::make_unique<DictSpace>(std::move(parts));
}

AddRenderObservation::AddRenderObservation(EnvPtr env, const AddRenderObservation& like)
    : ObservationWrapper(std::move(env), self_spec(like.render_only_, like.render_key_, like.obs_key_)),
      renderer_(like.renderer_),
      render_only_(like.render_only_),
      render_key_(like.render_key_),
      obs_key_(like.obs_key_),
      space_(like.space_->clone()) {}

void AddRenderObservation::observe(const Value& inside, Value& out) {
  if (render_only_) {
    out = renderer_(inner().render());
    return;
  }
  if (!out.is_dict()) out = Dict();
  if (inside.is_dict()) {
    for (const auto& [key, part] : inside.as_dict()) out.as_dict()[key] = part;
  } else {
    out.as_dict()[obs_key_] = inside;
  }
  out.as_dict()[render_key_] = renderer_(inner().render());
}

std::unique_ptr<Wrapper> AddRenderObservation::clone_around(EnvPtr env) const {
  return std::unique_ptr<Wrapper>(new AddRenderObservation(std::move(env), *this));
}

}  // namespace ludus::envs
