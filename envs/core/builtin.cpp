#include "envs/core/builtin.h"

#include "envs/classic_control/classic_control.h"
#include "envs/toy_text/toy_text.h"

namespace ludus::envs {

void register_builtin_environments(Registry& registry) {
  register_classic_control(registry);
  register_toy_text(registry);
}

}  // namespace ludus::envs
