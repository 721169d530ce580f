/// @file
/// Stacked observations.
#pragma once

#include "envs/wrappers/transform_wrappers.h"

namespace ludus::envs {

/// Returns the last `stack_size` observations as one batch (envs/spaces/batch.h), oldest first.
class FrameStackObservation final : public ObservationWrapper {
 public:
  /// `padding` fills the stack before the first observation: "reset" repeats the first observation, "zero" is
  /// zero_element() of the space, any other value is the observation to repeat. Throws InvalidArgument if
  /// stack_size < 1 or the padding is not in the observation space.
  FrameStackObservation(EnvPtr env, std::int64_t stack_size, const Value& padding = "reset");

  Space& observation_space() override { return *space_; }
  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;

 protected:
  void observe(const Value& inside, Value& out) override;
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    const std::size_t stack_size = self.frames_.size();
    visit("frames", self.frames_);
    visit.check([&] {
      if (self.frames_.size() == stack_size) return;
      throw InvalidArgument(formatted("{} observations must be saved, got {}", stack_size, self.frames_.size()));
    });
    visit("first", self.first_);
  }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  Value padding_argument_;
  Value padding_;  ///< null: the first observation
  List frames_;    ///< (stack_size), oldest first
  SpacePtr space_;
  std::optional<Shape> stacked_shape_;  ///< where the stack is one array,
  DType frame_dtype_{};                 ///< of this dtype
  bool first_ = true;
};

}  // namespace ludus::envs
