// Several steps of the environment as one.
#pragma once

#include "envs/core/wrapper.h"

namespace ludus::envs {

// Does each action `num_repeats` times and gives the sum of the rewards; an episode's end stops it early.
class RepeatAction final : public Wrapper {
 public:
  // Throws InvalidArgument if num_repeats < 1.
  RepeatAction(EnvPtr env, std::int64_t num_repeats);

  void step_into(const Value& action, Step& out) override;

 protected:
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  std::int64_t num_repeats_;
};

// The same, and the observation is the maximum, element by element, of the last two: sprites that flicker on an Atari's
// screen are in one of them. After an early end it is that of whatever two were kept last, as in Gymnasium.
class MaxAndSkipObservation final : public Wrapper {
 public:
  // Throws InvalidArgument if skip < 2 or the observations are no arrays.
  explicit MaxAndSkipObservation(EnvPtr env, std::int64_t skip = 4);

  void step_into(const Value& action, Step& out) override;

 protected:
  Value save() const override { return List{before_last_, last_}; }
  void restore(const Value& saved) override;
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  std::int64_t skip_;
  Array before_last_, last_;
};

}  // namespace ludus::envs
