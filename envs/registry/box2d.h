// Registers Gymnasium's Box2D environments, with its limits and thresholds.
#pragma once

namespace ludus::envs {

class Registry;

// Those whose bodies Box2D moves.
void register_box2d(Registry& registry);

// CarRacing, which moves its own and needs no Box2D.
void register_car_racing(Registry& registry);

}  // namespace ludus::envs
