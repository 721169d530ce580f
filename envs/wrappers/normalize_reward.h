// Rewards on the scale of the returns they add up to.
#pragma once

#include "envs/core/wrapper.h"
#include "envs/wrappers/running_mean_std.h"

namespace ludus::envs {

// reward / √(variance of the discounted return + epsilon), all in double; the mean is not subtracted, which would change
// the task (Engstrom et al. 2020, "reward scaling"). The return runs on over truncations and resets and begins anew with
// a termination, as Gymnasium's does.
class NormalizeReward final : public Wrapper {
 public:
  explicit NormalizeReward(EnvPtr env, double gamma = 0.99, double epsilon = 1e-8);

  void step_into(const Value& action, Step& out) override;

  // Whether new rewards change the statistics; switch it off to evaluate.
  bool update_running_mean() const { return update_; }
  void set_update_running_mean(bool update) { update_ = update; }
  RunningMeanStd& statistics() { return statistics_; }  // of the discounted return
  double discounted_return() const { return discounted_return_; }

 protected:
  Value save() const override;
  void restore(const Value& saved) override;
  std::unique_ptr<Wrapper> rewrap(EnvPtr env) const override;

 private:
  double gamma_, epsilon_;
  bool update_ = true;
  RunningMeanStd statistics_;
  double discounted_return_ = 0;
};

}  // namespace ludus::envs
