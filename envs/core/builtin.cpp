#include "envs/core/builtin.h"

#include "envs/classic_control/classic_control.h"

namespace ludus::envs {

void register_builtin_environments(Registry& registry) {
  register_classic_control(registry);
}

}  // namespace ludus::envs
