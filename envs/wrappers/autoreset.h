/// @file
/// Automatic resets.
#pragma once

#include "envs/core/wrapper.h"

namespace ludus::envs {

/// Resets in the step after the end of an episode: its action is ignored, its reward is 0, both flags are false.
class Autoreset final : public Wrapper {
 public:
  explicit Autoreset(EnvPtr env) : Wrapper(std::move(env), {"Autoreset", {}}) {}

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

 protected:
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("ended", self.ended_);
  }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override {
    return std::make_unique<Autoreset>(std::move(env));
  }

 private:
  bool ended_ = false;  ///< the next step resets
};

}  // namespace ludus::envs
