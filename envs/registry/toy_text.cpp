#include "envs/registry/toy_text.h"

#include "envs/registry/registry.h"
#include "envs/toy_text/blackjack.h"
#include "envs/toy_text/cliff_walking.h"
#include "envs/toy_text/frozen_lake.h"
#include "envs/toy_text/taxi.h"

namespace ludus::envs {

void register_toy_text(Registry& registry) {
  registry.add<FrozenLake>({.id = "FrozenLake-v1",
                            .summary = "Cross a small frozen lake to the goal, round its holes.",
                            .reward_threshold = 0.7,  // the optimal policy has a mean return of 0.74
                            .max_episode_steps = 100,
                            .kwargs = {{"map_name", "4x4"}}});
  registry.add<FrozenLake>({.id = "FrozenLake8x8-v1",
                            .summary = "Cross a large frozen lake to the goal, round its holes.",
                            .reward_threshold = 0.85,  // the optimal policy has a mean return of 0.91
                            .max_episode_steps = 200,
                            .kwargs = {{"map_name", "8x8"}}});
  registry.add<CliffWalking>({.id = "CliffWalking-v1", .summary = "Walk along a cliff to the goal without falling."});
  registry.add<CliffWalking>({.id = "CliffWalkingSlippery-v1",
                              .summary = "Walk along a cliff to the goal on ground that may carry one aside.",
                              .kwargs = {{"is_slippery", true}}});
  registry.add<TaxiV3>({.id = "Taxi-v3",
                        .summary = "Fetch a passenger and bring them to their destination (older rain).",
                        .reward_threshold = 8.0,
                        .max_episode_steps = 200});
  registry.add<Taxi>({.id = "Taxi-v4",
                      .summary = "Fetch a passenger and bring them to their destination.",
                      .reward_threshold = 8.0,  // the optimal policy has a mean return of 8.46
                      .max_episode_steps = 200});
  registry.add<Blackjack>({.id = "Blackjack-v1",
                           .summary = "Beat the dealer to twenty-one.",
                           .kwargs = {{"sab", true}, {"natural", false}}});
}

}  // namespace ludus::envs
