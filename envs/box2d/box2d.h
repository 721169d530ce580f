// Registers the environments whose bodies Box2D moves, with Gymnasium's limits and thresholds.
#pragma once

namespace ludus::envs {

class Registry;

void register_box2d(Registry& registry);

}  // namespace ludus::envs
