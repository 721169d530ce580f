/// @file
/// Rewards scaled by the standard deviation of the discounted return.
#pragma once

#include "envs/core/wrapper.h"
#include "envs/wrappers/running_mean_std.h"

namespace ludus::envs {

/// Returns reward / √(variance of the discounted return + epsilon), in double. The mean is not subtracted, which would
/// change the task (Engstrom et al. 2020, "reward scaling"). The discounted return carries over truncations and resets
/// to 0 on termination, as Gymnasium's. Freeze the statistics for evaluation (CarriesStatistics).
class NormalizeReward final : public Wrapper, public CarriesStatistics {
 public:
  explicit NormalizeReward(EnvPtr env, double gamma = 0.99, double epsilon = 1e-8);

  void step_into(const Value& action, Step& out) override;

  double discounted_return() const { return discounted_return_; }

 protected:
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    CarriesStatistics::state(self, visit);
    visit("discounted_return", self.discounted_return_);
  }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  double gamma_, epsilon_;
  double discounted_return_ = 0;
};

}  // namespace ludus::envs
