#include "envs/wrappers/normalize_reward.h"

#include <cmath>

namespace ludus::envs {

NormalizeReward::NormalizeReward(EnvPtr env, double gamma, double epsilon)
    : Wrapper(std::move(env), {"NormalizeReward", {{"gamma", gamma}, {"epsilon", epsilon}}}),
      gamma_(gamma),
      epsilon_(epsilon) {}

void NormalizeReward::step_into(const Value& action, Step& out) {
  inner().step_into(action, out);

  // G ← γ (1 − terminated) G + r
  discounted_return_ = discounted_return_ * gamma_ * (out.terminated ? 0 : 1) + out.reward;
  if (update_) statistics_.update(std::span<const double>(&discounted_return_, 1));

  out.reward /= std::sqrt(statistics_.variance().data<double>()[0] + epsilon_);
}

Value NormalizeReward::save() const {
  return Dict{{"statistics", statistics_.to_value()},
              {"update_running_mean", update_},
              {"discounted_return", discounted_return_}};
}

void NormalizeReward::restore(const Value& saved) {
  const Dict& parts = saved.as_dict();
  const bool update = parts.at("update_running_mean").as_bool();
  const double discounted_return = parts.at("discounted_return").as_double();
  statistics_.restore(parts.at("statistics"));
  update_ = update, discounted_return_ = discounted_return;
}

std::unique_ptr<Wrapper> NormalizeReward::rewrap(EnvPtr env) const {
  return std::make_unique<NormalizeReward>(std::move(env), gamma_, epsilon_);
}

}  // namespace ludus::envs
