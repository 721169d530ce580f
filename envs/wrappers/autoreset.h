// An environment that begins its next episode by itself.
#pragma once

#include "envs/core/wrapper.h"

namespace ludus::envs {

// The step after an episode's end ignores its action and resets: reward 0, both flags false.
class Autoreset final : public Wrapper {
 public:
  explicit Autoreset(EnvPtr env) : Wrapper(std::move(env), {"Autoreset", {}}) {}

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

 protected:
  Value save() const override { return ended_; }
  void restore(const Value& saved) override { ended_ = saved.as_bool(); }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override { return std::make_unique<Autoreset>(std::move(env)); }

 private:
  bool ended_ = false;  // the next step resets
};

}  // namespace ludus::envs
