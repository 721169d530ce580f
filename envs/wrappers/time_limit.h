/// @file
/// Truncates episodes after a number of steps; make() adds it for specs with max_episode_steps.
#pragma once

#include "envs/core/wrapper.h"

namespace ludus::envs {

class TimeLimit final : public Wrapper {
 public:
  /// Throws InvalidArgument unless max_episode_steps > 0. The innermost limit is recorded as the spec's
  /// max_episode_steps; one around other wrappers or another limit is part of the spec's wrapper stack.
  TimeLimit(EnvPtr env, std::int64_t max_episode_steps);

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

  std::int64_t elapsed_steps() const { return elapsed_; }

 protected:
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("elapsed", self.elapsed_);
  }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  std::int64_t max_episode_steps_;
  std::int64_t elapsed_ = 0;  ///< steps since the last reset
};

/// Returns the smallest time limit of a spec; none if it has none.
std::optional<std::int64_t> least_time_limit(const EnvSpec& spec);

}  // namespace ludus::envs
