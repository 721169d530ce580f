#include "envs/box2d/controllers.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace ludus::envs {
namespace {

constexpr double kSpeed = 0.29;       // of the walk; faster, it falls forward
constexpr double kSupportKnee = 0.1;  // angle of the knee that bears the weight

}  // namespace

LanderDemand lander_demand(std::span<const float> observation) {
  std::array<double, 8> s;
  std::copy(observation.begin(), observation.end(), s.begin());
  const auto [x, y, x_speed, y_speed, angle, angular_speed, first_leg, second_leg] = s;

  // once a leg touches the ground, only the fall is braked
  if (first_leg != 0 || second_leg != 0) return {.turn = 0, .lift = -y_speed * 0.5};

  // lean toward the middle, 0.4 rad at most, and keep the higher the farther away
  const double wanted_angle = std::clamp(x * 0.5 + x_speed * 1.0, -0.4, 0.4);
  const double wanted_height = 0.55 * std::abs(x);
  return {.turn = (wanted_angle - angle) * 0.5 - angular_speed * 1.0,
          .lift = (wanted_height - y) * 0.5 - y_speed * 0.5};
}

std::int64_t lander_action(std::span<const float> observation) {
  const auto [turn, lift] = lander_demand(observation);
  if (lift > std::abs(turn) && lift > 0.05) return 2;
  if (turn < -0.05) return 3;
  if (turn > 0.05) return 1;
  return 0;
}

std::array<double, 2> lander_throttle(std::span<const float> observation) {
  const auto [turn, lift] = lander_demand(observation);
  return {std::clamp(lift * 20 - 1, -1.0, 1.0), std::clamp(-turn * 20, -1.0, 1.0)};
}

std::array<double, 4> WalkerGait::act(std::span<const float> observation) {
  if (!begun_) {
    begun_ = true;
    return {};
  }
  std::array<double, 14> s;
  std::copy_n(observation.begin(), s.size(), s.begin());
  struct Leg {
    double hip, hip_speed, knee, knee_speed;
    bool touches;
  };
  const auto leg = [&](std::size_t i) {
    const std::size_t at = 4 + 5 * i;
    return Leg{s[at], s[at + 1], s[at + 2], s[at + 3], s[at + 4] != 0};
  };
  const double hull_angle = s[0], hull_turn = s[1], speed = s[2], rise = s[3];
  const Leg moving = leg(moving_), supporting = leg(1 - moving_);

  // target angles of the joints in this phase; one call may pass through several phases
  std::array<std::optional<double>, 2> hip, knee;
  const std::size_t moves = moving_, supports = 1 - moving_;
  if (phase_ == Phase::kStand) {
    hip[moves] = 1.1;
    knee[moves] = -0.6;
    supporting_knee_ += 0.03;
    if (speed > kSpeed) supporting_knee_ += 0.03;
    supporting_knee_ = std::min(supporting_knee_, kSupportKnee);
    knee[supports] = supporting_knee_;
    if (supporting.hip < 0.10) phase_ = Phase::kPutDown;  // it is behind
  }
  if (phase_ == Phase::kPutDown) {
    hip[moves] = 0.1;
    knee[moves] = kSupportKnee;
    knee[supports] = supporting_knee_;
    if (moving.touches) {
      phase_ = Phase::kPushOff;
      supporting_knee_ = std::min(moving.knee, kSupportKnee);
    }
  }
  if (phase_ == Phase::kPushOff) {
    knee[moves] = supporting_knee_;
    knee[supports] = 1.0;
    if (supporting.knee > 0.88 || speed > 1.2 * kSpeed) {
      phase_ = Phase::kStand;
      moving_ = supports;
    }
  }

  // proportional-derivative control of the joints; the hips also keep the hull level, the knees damp its bobbing
  std::array<double, 4> action{};
  for (std::size_t i = 0; i < 2; ++i) {
    const Leg now = leg(i);
    double& of_hip = action[2 * i];
    double& of_knee = action[2 * i + 1];
    if (hip[i]) of_hip = 0.9 * (*hip[i] - now.hip) - 0.25 * now.hip_speed;
    if (knee[i]) of_knee = 4.0 * (*knee[i] - now.knee) - 0.25 * now.knee_speed;
    of_hip -= 0.9 * (0 - hull_angle) - 1.5 * hull_turn;
    of_knee -= 15.0 * rise;
  }
  for (double& a : action) a = std::clamp(0.5 * a, -1.0, 1.0);
  return action;
}

}  // namespace ludus::envs
