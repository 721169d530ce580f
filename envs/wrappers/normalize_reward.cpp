#include "envs/wrappers/normalize_reward.h"

#include <cmath>

#include "envs/wrappers/wrapper_arguments.h"

namespace ludus::envs {

NormalizeReward::NormalizeReward(EnvPtr env, double gamma, double epsilon)
    : Wrapper(std::move(env), {"NormalizeReward", {{"gamma", gamma}, {"epsilon", epsilon}}}),
      CarriesStatistics(RunningMeanStd()),
      gamma_(gamma),
      epsilon_(epsilon) {
  check_fields(NormalizeRewardArguments{gamma, epsilon}, "NormalizeReward");
}

void NormalizeReward::step_into(const Value& action, Step& out) {
  inner().step_into(action, out);

  // G ← γ (1 − terminated) G + r
  discounted_return_ = discounted_return_ * gamma_ * (out.terminated ? 0 : 1) + out.reward;
  learn(std::span<const double>(&discounted_return_, 1));

  out.reward /= std::sqrt(statistics().variance().data<double>()[0] + epsilon_);
}

std::unique_ptr<Wrapper> NormalizeReward::clone_around(EnvPtr env) const {
  return std::make_unique<NormalizeReward>(std::move(env), gamma_, epsilon_);
}

}  // namespace ludus::envs
