#include "agents/search/flat_policy.h"

#include <algorithm>
#include <utility>

#include "agents/search/linear_policy.h"
#include "agents/search/mlp_policy.h"
#include "base/format.h"
#include "envs/spaces/element.h"
#include "nn/model/exported_policy.h"

namespace ludus::agents {

FlatInput::FlatInput(const EnvSignature& facts, std::string_view algorithm) {
  if (const auto* discrete = dynamic_cast<const envs::Discrete*>(facts.observation_space.get())) {
    one_hot_ = true;
    first_ = discrete->start();
    size_ = static_cast<std::size_t>(discrete->n());
  } else if (facts.observation_space->kind() == "Box") {
    size_ = facts.observation_size;
  } else {
    throw NotApplicable(formatted("{}: observations must be Box or Discrete, got {} of {}", algorithm,
                                  facts.observation_space->to_string(), facts.spec.id));
  }
}

std::size_t FlatInput::hot(std::span<const float> observation) const {
  return static_cast<std::size_t>(static_cast<std::int64_t>(observation[0]) - first_);
}

nn::FeatureOptions FlatInput::features() const {
  const auto size = static_cast<std::int64_t>(size_);
  if (!one_hot_) return nn::FeatureOptions::numbers(size);
  return {.parts = {{.kind = nn::FeaturePart::Kind::kOneHot, .count = 1, .classes = size, .start = first_}}};
}

FlatOutput::FlatOutput(const EnvSignature& facts, std::string_view algorithm) {
  if (const auto* discrete = dynamic_cast<const envs::Discrete*>(facts.action_space.get())) {
    first_action_ = discrete->start();
    size_ = discrete->n() == 2 ? 1 : static_cast<std::size_t>(discrete->n());
  } else if (const auto* box = dynamic_cast<const envs::Box*>(facts.action_space.get())) {
    size_ = facts.action_size;
    envs::FloatBounds bounds = envs::float_bounds(*box);
    low_ = std::move(bounds.low);
    high_ = std::move(bounds.high);
  } else {
    throw NotApplicable(formatted("{}: actions must be Discrete or Box, got {} of {}", algorithm,
                                  facts.action_space->to_string(), facts.spec.id));
  }
}

nn::ActionDecoder FlatOutput::decoder(bool squashed) const {
  using Kind = nn::ActionDecoder::Kind;
  if (is_box()) return {.kind = squashed ? Kind::kRescale : Kind::kClip, .low = low_, .high = high_};
  if (size_ == 1) return {.kind = Kind::kBinary, .start = {first_action_}, .zero_is_one = true};
  return {.kind = Kind::kArgmax, .classes = {static_cast<std::int64_t>(size_)}, .start = {first_action_}};
}

void FlatOutput::resize(std::size_t n, envs::ActionBatch& out) const {
  out.discrete.resize(is_box() ? 0 : n);
  out.continuous.resize(is_box() ? n * size_ : 0);
}

void FlatOutput::write(std::span<const double> outputs, std::size_t i, envs::ActionBatch& out) const {
  if (is_box()) {
    for (std::size_t k = 0; k < size_; ++k) {
      out.continuous[i * size_ + k] = std::clamp(static_cast<float>(outputs[k]), low_[k], high_[k]);
    }
    return;
  }
  const std::int64_t chosen =
      size_ == 1 ? (outputs[0] >= 0 ? 1 : 0) : std::max_element(outputs.begin(), outputs.end()) - outputs.begin();
  out.discrete[i] = first_action_ + chosen;
}

std::shared_ptr<const FlatPolicy> make_flat_policy(const EnvSignature& facts, const FlatPolicyConfig& config,
                                                   std::string_view algorithm) {
  if (config.hidden.empty()) return std::make_shared<LinearPolicy>(facts, config.bias, algorithm);
  return std::make_shared<MlpPolicy>(facts, config.hidden, config.activation, algorithm);
}

}  // namespace ludus::agents
