/// @file
/// Action repeat.
#pragma once

#include "envs/core/wrapper.h"

namespace ludus::envs {

/// Applies each action `num_repeats` times, or until the episode ends, and returns the sum of the rewards.
class RepeatAction final : public Wrapper {
 public:
  /// Throws InvalidArgument if num_repeats < 1.
  RepeatAction(EnvPtr env, std::int64_t num_repeats);

  void step_into(const Value& action, Step& out) override;

 protected:
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  std::int64_t num_repeats_;
};

/// Applies each action `skip` times and returns the element-wise maximum of the last two observations: sprites that
/// flicker on an Atari screen are visible in one of them. After an early end the two observations stored last are used,
/// as in Gymnasium.
class MaxAndSkipObservation final : public Wrapper {
 public:
  /// Throws InvalidArgument if skip < 2 or observations are not arrays.
  explicit MaxAndSkipObservation(EnvPtr env, std::int64_t skip = 4);

  void step_into(const Value& action, Step& out) override;

 protected:
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("before_last", self.before_last_);
    visit("last", self.last_);
  }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  std::int64_t skip_;
  Array before_last_, last_;
};

}  // namespace ludus::envs
