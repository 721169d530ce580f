// Registers Gymnasium's CarRacing, which is available without Box2D, because ludus implements its dynamics.
#pragma once

namespace ludus::envs {

class Registry;

void register_car_racing(Registry& registry);

}  // namespace ludus::envs
