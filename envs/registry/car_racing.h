// Registers Gymnasium's CarRacing, whose bodies ludus moves itself: it is there without Box2D too.
#pragma once

namespace ludus::envs {

class Registry;

void register_car_racing(Registry& registry);

}  // namespace ludus::envs
