#include "envs/registry/box2d.h"

#include "envs/box2d/bipedal_walker.h"
#include "envs/box2d/lunar_lander.h"
#include "envs/registry/registry.h"

namespace ludus::envs {

void register_box2d(Registry& registry) {
  registry.add_choice<LunarLander, LunarLanderContinuous>(
      {.id = "LunarLander-v3",
       .summary = "Land a craft gently between two flags with three engines.",
       .reward_threshold = 200.0,
       .max_episode_steps = 1000},
      "continuous");
  registry.add_choice<LunarLander, LunarLanderContinuous>(
      {.id = "LunarLanderContinuous-v3",
       .summary = "Land a craft gently between two flags with engines that have a throttle.",
       .reward_threshold = 200.0,
       .max_episode_steps = 1000,
       .kwargs = {{"continuous", true}}},
      "continuous");
  registry.add<BipedalWalker>({.id = "BipedalWalker-v3",
                               .summary = "Walk on two legs to the far end of slightly uneven ground.",
                               .reward_threshold = 300.0,
                               .max_episode_steps = 1600});
  registry.add<BipedalWalker>({.id = "BipedalWalkerHardcore-v3",
                               .summary = "Walk on two legs over stumps and stairs and across pits.",
                               .reward_threshold = 300.0,
                               .max_episode_steps = 2000,
                               .kwargs = {{"hardcore", true}}});
}

}  // namespace ludus::envs
