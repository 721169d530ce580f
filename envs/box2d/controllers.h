/// @file
/// Gymnasium's hand-written controllers of LunarLander and BipedalWalker: baselines, not optimal.
///
/// They depend on the observation only, float32, and compute in double.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace ludus::envs {

/// Output of the lander's proportional-derivative control of tilt and height.
struct LanderDemand {
  double turn = 0;  ///< counter-clockwise
  double lift = 0;
};
LanderDemand lander_demand(std::span<const float> observation);  ///< (8)

/// Return the action of LunarLander (0 to 3), and of LunarLanderContinuous (main engine, side engines).
std::int64_t lander_action(std::span<const float> observation);
std::array<double, 2> lander_throttle(std::span<const float> observation);

/// The walker's controller: one leg supports while the other swings, in three phases. Stateful: use a new object for
/// each episode.
class WalkerGait {
 public:
  /// Returns the torques: hip and knee of the first leg, of the second, each in [-1, 1]. The first action is always
  /// zero and does not change the state.
  std::array<double, 4> act(std::span<const float> observation);  ///< (24)

 private:
  enum class Phase : std::uint8_t {
    kStand,    ///< on the supporting leg, the other one swings forward
    kPutDown,  ///< the moving leg reaches for the ground
    kPushOff,  ///< the supporting leg stretches; then the legs change their parts
  };

  bool begun_ = false;
  Phase phase_ = Phase::kStand;
  std::size_t moving_ = 0;  ///< leg
  double supporting_knee_ = 0.1;
};

}  // namespace ludus::envs
