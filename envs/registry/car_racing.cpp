#include "envs/registry/car_racing.h"

#include "envs/box2d/car_racing.h"
#include "envs/registry/registry.h"

namespace ludus::envs {

void register_car_racing(Registry& registry) {
  registry.add_choice<CarRacingDiscrete, CarRacing>(
      {.id = "CarRacing-v3",
       .summary = "Race round a new track in every episode, seen as an image of 96 by 96 pixels.",
       .reward_threshold = 900.0,
       .max_episode_steps = 1000},
      "continuous");
}

}  // namespace ludus::envs
