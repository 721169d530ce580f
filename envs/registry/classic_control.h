// Registers the classic control environments, with Gymnasium's time limits and reward thresholds.
#pragma once

namespace ludus::envs {

class Registry;

void register_classic_control(Registry& registry);

}  // namespace ludus::envs
