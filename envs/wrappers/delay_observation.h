/// @file
/// Delayed observations.
#pragma once

#include <vector>

#include "envs/wrappers/transform_wrappers.h"

namespace ludus::envs {

/// Returns the observation of `delay` steps ago, and zero_element() of the space in the first `delay` steps.
class DelayObservation final : public ObservationWrapper {
 public:
  /// Throws InvalidArgument if delay < 0.
  DelayObservation(EnvPtr env, std::int64_t delay);

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;

 protected:
  void observe(const Value& inside, Value& out) override;
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    const std::size_t delay = self.waiting_.size();
    visit("waiting", self.waiting_);
    visit.check([&] {
      if (self.waiting_.size() == delay) return;
      throw InvalidArgument(formatted("{} observations must be saved, got {}", delay, self.waiting_.size()));
    });
    visit("seen", self.seen_);
  }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  Value zero_;
  List waiting_;          ///< ring buffer of `delay` observations
  std::size_t seen_ = 0;  ///< observations of this episode; the next goes to place seen_ modulo delay
};

}  // namespace ludus::envs
