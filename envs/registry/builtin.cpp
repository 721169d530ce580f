#include "envs/registry/builtin.h"

#include "envs/registry/box2d.h"
#include "envs/registry/car_racing.h"
#include "envs/registry/classic_control.h"
#include "envs/registry/toy_text.h"

namespace ludus::envs {

void register_builtin_environments(Registry& registry) {
  register_classic_control(registry);
  register_toy_text(registry);
  register_car_racing(registry);
#ifdef LUDUS_BOX2D
  register_box2d(registry);
#endif
}

}  // namespace ludus::envs
