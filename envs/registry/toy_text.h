// Registers the toy text environments, with Gymnasium's time limits and reward thresholds.
#pragma once

namespace ludus::envs {

class Registry;

void register_toy_text(Registry& registry);

}  // namespace ludus::envs
