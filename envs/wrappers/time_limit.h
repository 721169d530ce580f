// Cuts an episode after a number of steps: the truncation that Gymnasium's registry adds.
#pragma once

#include "envs/core/wrapper.h"

namespace ludus::envs {

class TimeLimit final : public Wrapper {
 public:
  // Throws InvalidArgument unless max_episode_steps > 0. The first one becomes the spec's max_episode_steps, which make()
  // puts innermost; one around other wrappers or another limit stands in the spec's stack.
  TimeLimit(EnvPtr env, std::int64_t max_episode_steps);

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

  std::int64_t elapsed_steps() const { return elapsed_; }

 protected:
  Value save() const override { return elapsed_; }
  void restore(const Value& saved) override { elapsed_ = saved.as_int(); }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  std::int64_t max_episode_steps_;
  std::int64_t elapsed_ = 0;  // steps since the last reset
};

// The least of all limits that a spec tells of; none if there is none.
std::optional<std::int64_t> least_time_limit(const EnvSpec& spec);

}  // namespace ludus::envs
