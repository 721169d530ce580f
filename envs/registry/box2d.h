// Registers Gymnasium's Box2D environments, with its time limits and reward thresholds.
#pragma once

namespace ludus::envs {

class Registry;

void register_box2d(Registry& registry);

}  // namespace ludus::envs
