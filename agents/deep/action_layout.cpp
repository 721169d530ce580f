#include "agents/deep/action_layout.h"

#include <algorithm>
#include <utility>

#include "envs/spaces/element.h"
#include "envs/spaces/multi_binary.h"
#include "envs/spaces/multi_discrete.h"
#include "nn/model/exported_policy.h"

namespace ludus::agents {

void ActionLayout::to_actions(std::span<const float> rows, envs::ActionBatch& out) const {
  const auto k = static_cast<std::size_t>(options.count);
  out.discrete.clear();
  out.continuous.clear();
  if (options.kind == nn::ActionOptions::Kind::kGaussian) {
    out.continuous.resize(rows.size());
    for (std::size_t a = 0; a < rows.size(); ++a) out.continuous[a] = std::clamp(rows[a], low[a % k], high[a % k]);
    return;
  }
  out.discrete.resize(rows.size());
  for (std::size_t a = 0; a < rows.size(); ++a) {
    out.discrete[a] = static_cast<std::int64_t>(rows[a]) + (start.empty() ? 0 : start[a % k]);
  }
}

nn::ActionDecoder ActionLayout::decoder() const {
  using Kind = nn::ActionDecoder::Kind;
  switch (options.kind) {
    case nn::ActionOptions::Kind::kCategorical:
      return {.kind = Kind::kArgmax, .classes = options.classes, .start = start};
    case nn::ActionOptions::Kind::kBernoulli:
      return {.kind = Kind::kBinary, .start = std::vector<std::int64_t>(static_cast<std::size_t>(options.count), 0)};
    case nn::ActionOptions::Kind::kGaussian: break;
  }
  return {.kind = Kind::kClip, .low = low, .high = high};
}

void ActionLayout::to_rows(const envs::ActionBatch& actions, std::vector<float>& rows) const {
  if (options.kind == nn::ActionOptions::Kind::kGaussian) {
    rows = actions.continuous;
    return;
  }
  const std::size_t k = start.size();
  rows.resize(actions.discrete.size());
  for (std::size_t a = 0; a < rows.size(); ++a) {
    rows[a] = static_cast<float>(actions.discrete[a] - (start.empty() ? 0 : start[a % k]));
  }
}

ActionLayout action_layout(const EnvSignature& facts, std::string_view algorithm) {
  const envs::Space& space = *facts.action_space;
  ActionLayout layout;
  if (const auto* discrete = dynamic_cast<const envs::Discrete*>(&space)) {
    layout.options = nn::ActionOptions::categorical({discrete->n()});
    layout.start = {discrete->start()};
    return layout;
  }
  if (const auto* several = dynamic_cast<const envs::MultiDiscrete*>(&space)) {
    const auto counts = several->nvec().data<std::int64_t>(), starts = several->start().data<std::int64_t>();
    layout.options = nn::ActionOptions::categorical({counts.begin(), counts.end()});
    layout.start.assign(starts.begin(), starts.end());
    return layout;
  }
  if (const auto* switches = dynamic_cast<const envs::MultiBinary*>(&space)) {
    layout.options = nn::ActionOptions::bernoulli(static_cast<std::int64_t>(switches->flat_size()));
    return layout;
  }
  const auto* box = dynamic_cast<const envs::Box*>(&space);
  if (box && is_floating(box->dtype())) {
    layout.options = nn::ActionOptions::gaussian(static_cast<std::int64_t>(box->flat_size()));
    envs::FloatBounds bounds = envs::float_bounds(*box);
    layout.low = std::move(bounds.low);
    layout.high = std::move(bounds.high);
    return layout;
  }
  throw NotApplicable(
      std::string(algorithm) +
      " needs actions that are Discrete, MultiDiscrete, MultiBinary or a Box of real numbers, and those of " +
      facts.spec.id + " are " + space.to_string());
}

}  // namespace ludus::agents
