// Registers Gymnasium's environments whose bodies Box2D moves, with its limits and thresholds.
#pragma once

namespace ludus::envs {

class Registry;

void register_box2d(Registry& registry);

}  // namespace ludus::envs
