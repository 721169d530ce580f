#include "envs/classic_control/classic_control.h"

#include "envs/classic_control/cart_pole.h"
#include "envs/classic_control/cart_pole_vector_env.h"
#include "envs/core/registry.h"

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
}

}  // namespace ludus::envs
