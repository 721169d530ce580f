#include "envs/box2d/box2d.h"

#include "envs/core/registry.h"

namespace ludus::envs {

void register_box2d([[maybe_unused]] Registry& registry) {}

}  // namespace ludus::envs
