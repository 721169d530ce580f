// Rewards on the scale of the returns they add up to.
#pragma once

#include "envs/core/wrapper.h"
#include "envs/wrappers/running_mean_std.h"

namespace ludus::envs {

// reward / √(variance of the discounted return + epsilon), all in double; the mean is not subtracted, which would change
// the task (Engstrom et al. 2020, "reward scaling"). The return runs on over truncations and resets and begins anew with
// a termination, as Gymnasium's does. The
// statistics (CarriesStatistics: freeze them to evaluate) are the return's.
class NormalizeReward final : public Wrapper, public CarriesStatistics {
 public:
  explicit NormalizeReward(EnvPtr env, double gamma = 0.99, double epsilon = 1e-8);

  void step_into(const Value& action, Step& out) override;

  double discounted_return() const { return discounted_return_; }

 protected:
  Value save() const override;
  void restore(const Value& saved) override;
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  double gamma_, epsilon_;
  double discounted_return_ = 0;
};

}  // namespace ludus::envs
