/// @file
/// Sticky actions, against memorised action sequences.
#pragma once

#include "envs/core/wrapper.h"

namespace ludus::envs {

/// Repeats the previous action with a probability, for a number of steps drawn uniformly from [shortest, longest]
/// (Machado et al. 2018, section 5.2). Draws come from the environment's generator.
class StickyAction final : public Wrapper {
 public:
  /// Throws InvalidArgument unless 0 <= probability < 1 and 1 <= shortest <= longest.
  StickyAction(EnvPtr env, double repeat_action_probability, std::int64_t shortest = 1, std::int64_t longest = 1);

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

 protected:
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("last", self.last_);
    visit("remaining", self.remaining_);
  }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  double probability_;
  std::int64_t shortest_, longest_;
  Value last_;                  ///< null: none yet
  std::int64_t remaining_ = 0;  ///< further steps with last_
};

}  // namespace ludus::envs
