#include "envs/classic_control/cart_pole.h"

#include <gtest/gtest.h>

#include <cmath>

#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

TEST(CartPole, FirstStepByHand) {
  // from rest at the centre, pushed right: t = 10 / 1.1; θ̈ = −t / (0.5 (4/3 − 0.1 / 1.1)) = −14.6341463…;
  // ẍ = t − 0.05 θ̈ / 1.1 = 9.7560975…; explicit Euler moves only the velocities, by 0.02 s of those
  const CartPole sim;
  Generator unused(0);
  CartPole::State state{};
  const Transition transition = sim.step(state, 1, unused);
  EXPECT_EQ(state.x, 0.0);
  EXPECT_EQ(state.theta, 0.0);
  EXPECT_NEAR(state.x_dot, 0.02 * 400.0 / 41.0, 1e-12);
  EXPECT_NEAR(state.theta_dot, -0.02 * 600.0 / 41.0, 1e-12);
  EXPECT_EQ(transition.reward, 1.0);
  EXPECT_FALSE(transition.terminated);
}

TEST(CartPole, SemiImplicitMovesByTheNewVelocity) {
  CartPole sim;
  for (const char* name : {"semi-implicit", "semi-implicit euler"}) {
    sim.config.kinematics_integrator = name;
    EXPECT_NO_THROW(check_fields(sim.config, "CartPole-v1"));
    Generator unused(0);
    CartPole::State state{};
    sim.step(state, 1, unused);
    EXPECT_NEAR(state.x, 0.02 * 0.02 * 400.0 / 41.0, 1e-12);
  }
}

TEST(CartPole, RewardsAfterTheFall) {
  Generator unused(0);
  CartPole sim;
  CartPole::State state{.x = 2.39, .x_dot = 5, .theta = 0, .theta_dot = 0, .fallen = false};
  const Transition fall = sim.step(state, 1, unused);
  EXPECT_TRUE(fall.terminated);
  EXPECT_EQ(fall.reward, 1.0);
  EXPECT_EQ(sim.step(state, 1, unused).reward, 0.0);

  sim.config.sutton_barto_reward = true;
  EXPECT_EQ(sim.step(state, 1, unused).reward, -1.0);
  CartPole::State upright{};
  EXPECT_EQ(sim.step(upright, 1, unused).reward, 0.0);
}

TEST(CartPole, ConstantsAreAttributes) {
  const EnvPtr env = make("CartPole-v1");
  const std::pair<const char*, double> constants[] = {{"gravity", 9.8},
                                                      {"masscart", 1.0},
                                                      {"masspole", 0.1},
                                                      {"length", 0.5},
                                                      {"force_mag", 10.0},
                                                      {"tau", 0.02},
                                                      {"theta_threshold_radians", 0.20943951023931953},
                                                      {"x_threshold", 2.4}};
  for (const auto& [name, value] : constants) EXPECT_EQ(env->attribute(name).as_double(), value) << name;
  env->set_attribute("gravity", 1.62);
  EXPECT_EQ(env->attribute("gravity").as_double(), 1.62);
  EXPECT_THROW(env->set_attribute("length", 0.0), InvalidArgument);
  EXPECT_THROW(env->set_attribute("x_threshold", 3.0), InvalidArgument);  // would change the observation space
  EXPECT_EQ(env->attribute("x_threshold").as_double(), 2.4);
}

TEST(CartPole, OtherConstantsByHand) {
  // M = 2.5, m_p l = 0.5, t = 5 / 2.5 = 2; θ̈ = −2 / (1 (4/3 − 0.5 / 2.5)) = −30 / 17; ẍ = 2 − 0.5 θ̈ / 2.5 = 40 / 17
  CartPole sim;
  sim.config.masscart = 2.0;
  sim.config.masspole = 0.5;
  sim.config.length = 1.0;
  sim.config.force_mag = 5.0;
  sim.config.tau = 0.1;
  Generator unused(0);
  CartPole::State state{};
  sim.step(state, 1, unused);
  EXPECT_NEAR(state.x_dot, 0.1 * 40.0 / 17.0, 1e-12);
  EXPECT_NEAR(state.theta_dot, -0.1 * 30.0 / 17.0, 1e-12);

  // without pushes a pole at an angle falls by gravity alone: θ̈ = g sin θ / (l (4/3 − m_p cos² θ / M))
  sim.config.force_mag = 0.0;
  sim.config.gravity = 1.62;
  state = {.x = 0, .x_dot = 0, .theta = 0.1, .theta_dot = 0, .fallen = false};
  sim.step(state, 0, unused);
  const double cosine = std::cos(0.1);
  EXPECT_NEAR(state.theta_dot, 0.1 * 1.62 * std::sin(0.1) / (4.0 / 3.0 - 0.5 * cosine * cosine / 2.5), 1e-12);
}

TEST(CartPole, LimitsEndTheEpisodeAndBoundTheObservations) {
  const EnvPtr env = make("CartPole-v1", {{"x_threshold", 1.0}, {"theta_threshold_radians", 0.5}});
  const auto& space = dynamic_cast<const Box&>(env->observation_space());
  EXPECT_EQ(space.high().get(0), 2.0);
  EXPECT_EQ(space.high().get(2), 1.0);
  CartPole sim;
  sim.config.x_threshold = 1.0;
  Generator unused(0);
  CartPole::State state{.x = 0.99, .x_dot = 5, .theta = 0, .theta_dot = 0, .fallen = false};
  EXPECT_TRUE(sim.step(state, 1, unused).terminated);
}

TEST(CartPole, RejectsInvalidInput) {
  EXPECT_THROW(make("CartPole-v1", {{"kinematics_integrator", "rk4"}}), InvalidArgument);
  try {
    make("CartPole-v1", {{"sutton_barto", true}});
    FAIL() << "an unknown argument was taken";
  } catch (const UnknownField& error) {
    EXPECT_NE(std::string(error.what()).find("sutton_barto_reward"), std::string::npos) << error.what();
  }
  const EnvPtr env = make("CartPole-v1");
  EXPECT_THROW(env->reset(0, {{"low", 0.2}, {"high", 0.1}}), InvalidArgument);
  EXPECT_THROW(env->reset(0, {{"bounds", 0.2}}), InvalidArgument);
  env->reset(0);
  EXPECT_THROW(env->step(2), InvalidAction);
  EXPECT_THROW(env->step(-1), InvalidAction);
  EXPECT_THROW(env->step("left"), InvalidAction);
  EXPECT_THROW(env->step(0.5), InvalidAction);
}

TEST(CartPole, ResetOptionsBoundTheState) {
  // Gymnasium's documented reset(seed=123, options={"low": -0.1, "high": 0.1})
  const EnvPtr env = make("CartPole-v1");
  const Reset reset = env->reset(123, {{"low", -0.1}, {"high", 0.1}});
  const auto row = reset.observation.as_array().data<float>();
  EXPECT_NEAR(row[0], 0.03647037f, 1e-7f);
  EXPECT_NEAR(row[3], -0.06312564f, 1e-7f);
}

TEST(CartPole, DrawsTheLeaningPole) {
  const CartPole sim;
  CartPole::State state{};
  state.x = 1.0;
  state.theta = 0.2;
  const Scene scene = sim.draw(state);
  ASSERT_EQ(scene.items.size(), 4u);
  const auto& cart = std::get<Polygon>(scene.items[1]);
  EXPECT_NEAR((cart.points[0].x + cart.points[2].x) / 2, 1.0, 1e-12);
  // the tip is 90 of the pole's 100 pixels beyond the axle, leaning right
  const auto& pole = std::get<Polygon>(scene.items[2]);
  const auto& axle = std::get<Circle>(scene.items[3]);
  const double tip_x = (pole.points[1].x + pole.points[2].x) / 2, tip_y = (pole.points[1].y + pole.points[2].y) / 2;
  EXPECT_NEAR(std::atan2(tip_x - axle.center.x, tip_y - axle.center.y), 0.2, 1e-12);
  EXPECT_GT(tip_y, axle.center.y);
}

}  // namespace
}  // namespace ludus::envs
