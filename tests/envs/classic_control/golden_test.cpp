// Gymnasium's recorded episodes of classic control, compared to the last bit.
//
// The recordings of Pendulum and MountainCarContinuous depend on how NumPy promotes scalars. ludus computes as NumPy 2
// does, so it is their .nep50 files that are played; the plain ones are NumPy 1's and differ in the last bits.

#include <gtest/gtest.h>

#include "envs/classic_control/acrobot.h"
#include "envs/classic_control/cart_pole.h"
#include "envs/classic_control/mountain_car.h"
#include "envs/classic_control/mountain_car_continuous.h"
#include "envs/classic_control/pendulum.h"
#include "tests/support/golden.h"
#include "tests/support/parity.h"

namespace ludus::envs {
namespace {

using testing::Parity;
using testing::play_golden;
using testing::StateOf;

template <class S>
StateOf state_of(std::vector<double> (*numbers)(const typename S::State&)) {
  return [numbers](Env& env) { return numbers(dynamic_cast<SimulatorEnv<S>&>(env.unwrapped()).state()); };
}

void expect_parity(const std::string& file, std::size_t records, bool has_states, const StateOf& state) {
  const Parity parity = play_golden(file, state);
  EXPECT_EQ(parity.first_difference, "");
  EXPECT_EQ(parity.played, parity.records);
  EXPECT_EQ(parity.worst, 0.0);
  EXPECT_GE(parity.records, records);
  EXPECT_GT(parity.steps, 20 * records);
  EXPECT_EQ(parity.states > 0, has_states);
  ::testing::Test::RecordProperty("records", static_cast<int>(parity.records));
  ::testing::Test::RecordProperty("steps", static_cast<int>(parity.steps));
}

const StateOf kCartPole = state_of<CartPole>(+[](const CartPole::State& s) {
  return std::vector<double>{s.x, s.x_dot, s.theta, s.theta_dot};
});

TEST(ClassicControlGolden, CartPoleVersion0) {
  expect_parity("CartPole-v0.jsonl", 10, true, kCartPole);
}
TEST(ClassicControlGolden, CartPoleVersion1) {
  expect_parity("CartPole-v1.jsonl", 10, true, kCartPole);
}

TEST(ClassicControlGolden, MountainCar) {
  expect_parity("MountainCar-v0.jsonl", 18, true, state_of<MountainCar>(+[](const MountainCar::State& s) {
                  return std::vector<double>{s.position, s.velocity};
                }));
}

TEST(ClassicControlGolden, MountainCarContinuousUnderNumPy2) {
  expect_parity("MountainCarContinuous-v0.nep50.jsonl", 12, true,
                state_of<MountainCarContinuous>(+[](const MountainCarContinuous::State& s) {
                  return std::vector<double>{s.position, s.velocity};
                }));
}

TEST(ClassicControlGolden, PendulumUnderNumPy2) {
  expect_parity("Pendulum-v1.nep50.jsonl", 11, true, state_of<Pendulum>(+[](const Pendulum::State& s) {
                  return std::vector<double>{s.theta, s.theta_dot};
                }));
}

TEST(ClassicControlGolden, Acrobot) {
  expect_parity("Acrobot-v1.jsonl", 13, true, state_of<Acrobot>(+[](const Acrobot::State& s) {
                  return std::vector<double>{s.theta1, s.theta2, s.theta1_dot, s.theta2_dot};
                }));
}

}  // namespace
}  // namespace ludus::envs
