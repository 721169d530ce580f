/// @file
/// Observations with the time step.
#pragma once

#include "envs/spaces/dict.h"
#include "envs/spaces/tuple.h"
#include "envs/wrappers/transform_wrappers.h"

namespace ludus::envs {

/// Adds the number of steps since the reset: to a Dict under `dict_time_key`, to a Tuple as its last part; any other
/// observation becomes {"obs", "time"}. Time is int32 (1,) from 0 to the time limit, or, with `normalize_time`, float32
/// from 0 to 1. With `flatten` the result is flattened to one row (of float64 if int32 requires it).
class TimeAwareObservation final : public ObservationWrapper {
 public:
  /// Throws InvalidArgument if the environment has no time limit, or a Dict that has the key already.
  explicit TimeAwareObservation(EnvPtr env, bool flatten = true, bool normalize_time = false,
                                const std::string& dict_time_key = "time");

  Space& observation_space() override { return flatten_ ? *flat_space_ : *space_; }
  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

 protected:
  void observe(const Value& inside, Value& out) override;
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("time", self.time_);
  }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  void add_time(const Value& inside, Value& out) const;

  bool flatten_, normalize_time_;
  std::string key_;
  std::int64_t limit_;  ///< steps
  SpacePtr space_, flat_space_;
  std::int64_t time_ = 0;  ///< steps since the reset
  Value with_time_;        ///< scratch: the observation before flattening
  std::vector<double> row_;
};

}  // namespace ludus::envs
