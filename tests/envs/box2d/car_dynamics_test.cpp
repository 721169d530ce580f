#include "envs/box2d/car_dynamics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ludus::envs {
namespace {

constexpr double kStep = 0.02;
constexpr std::array<bool, 4> kRoad{true, true, true, true}, kGrass{};

TEST(CarDynamics, EngineAcceleratesAndGroundBrakesAWheel) {
  // 40 kW, I = 1.6 kg m², from rest: 0.02 · 40000 · 0.1 / 1.6 / (0 + 5) = 10 rad/s. The rim at 5.4 m/s slides:
  // 5.4 · 82 = 442.8 N are more than the 400 N of friction, which take 0.02 · 400 · 0.54 / 1.6 = 2.7 rad/s.
  WheelControl wheel{.gas = 0.1};
  const TyreForce force = roll_wheel(wheel, 0, 0, kFrictionLimit, kStep);
  EXPECT_NEAR(force.no_slip, 442.8, 1e-9);
  EXPECT_NEAR(force.forward, 400, 1e-9);
  EXPECT_DOUBLE_EQ(force.side, 0);
  EXPECT_NEAR(wheel.omega, 7.3, 1e-12);
  EXPECT_NEAR(wheel.phase, 0.2, 1e-12);  // turned by 10 rad/s
}

TEST(CarDynamics, TyreResistsSlidingInProportion) {
  // rolling at 1 m/s without sliding along, 2 m/s across: −2 · 82 = −164 N, below the limit
  WheelControl wheel{.omega = 1 / kWheelRadius};
  TyreForce force = roll_wheel(wheel, 1, 2, kFrictionLimit, kStep);
  EXPECT_NEAR(force.side, -164, 1e-9);
  EXPECT_NEAR(force.forward, 0, 1e-9);

  // on grass the limit is 240 N; sliding by (3, 4) m/s would take 410 N, of which (3/5, 4/5) · 240 are left
  wheel = {};
  force = roll_wheel(wheel, 3, 4, kFrictionLimit * kGrassFriction, kStep);
  EXPECT_NEAR(force.no_slip, 410, 1e-9);
  EXPECT_NEAR(force.forward, -144, 1e-9);
  EXPECT_NEAR(force.side, -192, 1e-9);
  EXPECT_NEAR(wheel.omega, 0.02 * 144 * 0.54 / 1.6, 1e-12);  // and the ground spins the wheel up
}

TEST(CarDynamics, BrakeSlowsAndLocks) {
  // half braking takes 7.5 rad/s a step, but never turns a wheel round; the speed of the ground is the wheel's own
  const auto braked = [](double omega, double brake) {
    WheelControl wheel{.brake = brake, .omega = omega};
    const double left = std::max(std::abs(omega) - 15 * brake, 0.0) * (omega < 0 ? -1 : 1);
    roll_wheel(wheel, (brake >= 0.9 ? 0 : left) * kWheelRadius, 0, kFrictionLimit, kStep);
    return wheel.omega;
  };
  EXPECT_NEAR(braked(10, 0.5), 2.5, 1e-12);
  EXPECT_NEAR(braked(-10, 0.5), -2.5, 1e-12);
  EXPECT_NEAR(braked(3, 0.5), 0, 1e-12);
  EXPECT_NEAR(braked(50, 0.9), 0, 1e-12);
  EXPECT_NEAR(braked(50, 0.89), 50 - 13.35, 1e-12);
}

TEST(CarDynamics, GasRisesSlowlyAndFallsAtOnce) {
  Car car = Car::at(0, 0, 0);
  for (const double wanted : {0.1, 0.2, 0.25, 0.25}) {
    car.gas(0.25);
    EXPECT_NEAR(car.controls[2].gas, wanted, 1e-12);
    EXPECT_EQ(car.controls[3].gas, car.controls[2].gas);
  }
  EXPECT_EQ(car.controls[0].gas, 0);  // the front wheels are not driven
  car.gas(-3);
  EXPECT_EQ(car.controls[2].gas, 0);
  for (int i = 0; i < 30; ++i) car.gas(7);
  EXPECT_EQ(car.controls[2].gas, 1);
}

TEST(CarDynamics, MassMatchesGymnasium) {
  // by hand: hull 2.4·0.4 + nose (0.6 + 0.8)/2·2 + body + 2·0.6 at 1 kg/m²; the wheels 0.56 · 1.08 · 0.1
  const CarShapes& shapes = car_shapes();
  EXPECT_NEAR(shapes.hull_mass.mass, 7.06, 1e-6);
  EXPECT_NEAR(shapes.wheel_mass.mass, 0.56 * 1.08 * 0.1, 1e-8);
}

TEST(CarDynamics, CarGoesStraightTurnsAndStops) {
  Car car = Car::at(0, 0, 0);
  const auto drive = [&](int steps, double steer, double gas, double brake, const std::array<bool, 4>& ground) {
    for (int i = 0; i < steps; ++i) {
      car.steer(steer);
      car.gas(gas);
      car.brake(brake);
      car.move(car.roll(ground, kStep), kStep);
    }
  };
  drive(100, 0, 0.2, 0, kRoad);
  EXPECT_GT(car.speed(), 15);
  EXPECT_LT(std::abs(car.hull.origin.x), 0.5);
  EXPECT_GT(car.hull.origin.y, 10);

  drive(50, 0.3, 0, 0, kRoad);
  EXPECT_GT(car.hull.angle, 0.2);  // counter-clockwise is left
  EXPECT_NEAR(car.steering_angle(), 0.3, 0.05);

  drive(200, 0, 0, 0.8, kRoad);
  EXPECT_LT(car.speed(), 0.01);
}

TEST(CarDynamics, GrassGivesLessGrip) {
  Car road = Car::at(0, 0, 0), grass = road;
  for (int i = 0; i < 50; ++i) {
    for (Car* car : {&road, &grass}) car->gas(1);
    road.move(road.roll(kRoad, kStep), kStep);
    grass.move(grass.roll(kGrass, kStep), kStep);
  }
  // 2 driven wheels of 400 N or 240 N push 7.06 kg + 4 · 0.06 kg, and spin up the 2 others, whose I / r² is 5.49 kg
  EXPECT_NEAR(road.speed(), 50 * kStep * 800 / (7.302 + 2 * 5.487), 2);
  EXPECT_NEAR(grass.speed() / road.speed(), 0.6, 0.02);
}

TEST(CarDynamics, SkiddingLeavesMarks) {
  // gas at full from rest: the rear wheels slide from the first steps on, the front wheels roll
  Car car = Car::at(0, 0, 0);
  for (int i = 0; i < 10; ++i) {
    car.gas(1);
    car.move(car.roll(kRoad, kStep), kStep);
  }
  EXPECT_EQ(car.skid_marks.made, 2);
  EXPECT_EQ(car.pens[0].mark, -1);
  EXPECT_EQ(car.pens[2].mark, 0);
  EXPECT_EQ(car.skid_marks.marks[0].count, car.pens[2].points);
  EXPECT_EQ(car.skid_marks.marks[0].grass, 0);

  // another ground begins another trace; after very many only the last 30 are there, none longer than 30 points
  for (int i = 0; i < 2000; ++i) {
    car.gas(1);
    car.brake(i % 3 == 0 ? 1 : 0);
    car.move(car.roll(i % 40 < 20 ? kRoad : kGrass, kStep), kStep);
  }
  EXPECT_GT(car.skid_marks.made, SkidMarks::kMarks);
  for (const auto& mark : car.skid_marks.marks) {
    EXPECT_GE(mark.count, 2);
    EXPECT_LE(mark.count, SkidMarks::kPoints);
  }
}

}  // namespace
}  // namespace ludus::envs
