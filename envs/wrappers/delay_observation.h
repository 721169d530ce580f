// Observations as they were a while ago.
#pragma once

#include <vector>

#include "envs/wrappers/transform_wrappers.h"

namespace ludus::envs {

// The observation of `delay` steps before, and zero_element() of the space until there is one.
class DelayObservation final : public ObservationWrapper {
 public:
  // Throws InvalidArgument if delay < 0.
  DelayObservation(EnvPtr env, std::int64_t delay);

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;

 protected:
  void observe(const Value& inside, Value& out) override;
  Value save() const override;
  void restore(const Value& saved) override;
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  Value zero_;
  List waiting_;          // ring of `delay` observations, used again
  std::size_t seen_ = 0;  // observations of this episode; the next goes to place seen_ modulo delay
};

}  // namespace ludus::envs
