// The controllers that Gymnasium ships with its landers and walkers: hand-written, and good enough to show the task.
//
// They know the observation only. Computed in double from the float32 observation.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace ludus::envs {

// What the lander's controller wants: proportional-derivative control of the tilt and of the height.
struct LanderDemand {
  double turn = 0;  // counter-clockwise
  double lift = 0;
};
LanderDemand lander_demand(std::span<const float> observation);  // (8)

// The demand as an action of LunarLander (0 to 3), and of LunarLanderContinuous (main engine, side engines).
std::int64_t lander_action(std::span<const float> observation);
std::array<double, 2> lander_throttle(std::span<const float> observation);

// The walker's controller: one leg stands while the other swings, in three phases. It remembers the phase, so every
// episode needs one of its own.
class WalkerGait {
 public:
  // Hip and knee of the first leg, of the second, each in [-1, 1]. The first action of an episode is zero whatever the
  // observation, and leaves the memory as it is.
  std::array<double, 4> act(std::span<const float> observation);  // (24)

 private:
  enum class Phase : std::uint8_t {
    kStand,    // on the supporting leg, the other one swings forward
    kPutDown,  // the moving leg reaches for the ground
    kPushOff,  // the supporting leg stretches; then the legs change their parts
  };

  bool begun_ = false;
  Phase phase_ = Phase::kStand;
  std::size_t moving_ = 0;  // leg
  double supporting_knee_ = 0.1;
};

}  // namespace ludus::envs
