#include "envs/registry/classic_control.h"

#include "envs/classic_control/acrobot.h"
#include "envs/classic_control/cart_pole.h"
#include "envs/classic_control/cart_pole_vector_env.h"
#include "envs/classic_control/mountain_car.h"
#include "envs/classic_control/mountain_car_continuous.h"
#include "envs/classic_control/pendulum.h"
#include "envs/registry/registry.h"

namespace ludus::envs {

void register_classic_control(Registry& registry) {
  registry.add<CartPole>({.id = "CartPole-v0",
                          .summary = "Keep a pole upright on a cart for 200 steps.",
                          .reward_threshold = 195.0,
                          .max_episode_steps = 200},
                         make_cart_pole_vector_env);
  registry.add<CartPole>({.id = "CartPole-v1",
                          .summary = "Keep a pole upright on a cart for 500 steps.",
                          .reward_threshold = 475.0,
                          .max_episode_steps = 500},
                         make_cart_pole_vector_env);
  registry.add<MountainCar>({.id = "MountainCar-v0",
                             .summary = "Swing a car with a weak engine up the hill, pushing left, right or not.",
                             .reward_threshold = -110.0,
                             .max_episode_steps = 200});
  registry.add<MountainCarContinuous>({.id = "MountainCarContinuous-v0",
                                       .summary = "Swing a car with a weak engine up the hill at little cost of force.",
                                       .reward_threshold = 90.0,
                                       .max_episode_steps = 999});
  registry.add<Pendulum>(
      {.id = "Pendulum-v1", .summary = "Swing a pendulum up and hold it upright.", .max_episode_steps = 200});
  registry.add<Acrobot>({.id = "Acrobot-v1",
                         .summary = "Swing the free end of two links above the line.",
                         .reward_threshold = -100.0,
                         .max_episode_steps = 500});
}

}  // namespace ludus::envs
